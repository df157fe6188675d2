"""Second factors other than a code that is sent, and the way back for who lost them all."""

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from gaap_identity.errors import NotReadyError, WrongCodeError
from gaap_identity.models import Account, AuthenticatorApp
from gaap_identity.services.codes import CodePurpose, check_code, send_new_code
from gaap_identity.services.factor_resets import ask_for_reset, finish_reset
from gaap_identity.services.notices import notify_citizen
from gaap_identity.services.recovery_codes import codes_left, use_recovery_code
from gaap_identity.services.totp import check_app_code
from gaap_identity.web.base import PlainFormPage
from gaap_identity.web.forms import CodeForm, NothingForm, RecoveryCodeForm
from gaap_identity.web.signing_in import PendingPage, pass_second_factor

RESET: CodePurpose = "reset"
OTHER_WAYS = (("other-ways", gettext_lazy("Sign in another way")),)


class AppCodePage(PendingPage, PlainFormPage):
    """Asks for the code that the authenticator app shows."""

    form_class = CodeForm
    template = "form_page.html"
    title = gettext_lazy("Enter the code from your app")
    lead = (gettext_lazy("Open your authenticator app. The code changes every 30 seconds."),)
    back = "password"
    links = OTHER_WAYS

    def submit(self, form: Form) -> HttpResponse:
        """Sign in."""
        try:
            check_app_code(self.account, code=form.cleaned_data["code"])
        except WrongCodeError:
            return self.refuse(form, field="code", text=_("The code is wrong or has expired"))
        return pass_second_factor(self, self.account)


class RecoveryCodePage(PendingPage, PlainFormPage):
    """Asks for a recovery code."""

    form_class = RecoveryCodeForm
    template = "form_page.html"
    title = gettext_lazy("Enter a recovery code")
    lead = (gettext_lazy("One of those that you wrote down. Each works once."),)
    back = "other-ways"

    def submit(self, form: Form) -> HttpResponse:
        """Sign in, and tell the citizen that a code is gone."""
        try:
            use_recovery_code(self.account, code=form.cleaned_data["code"])
        except WrongCodeError:
            return self.refuse(form, field="code", text=_("This recovery code is wrong or was used before"))
        notify_citizen("recovery_code_used", recipient=self.account.email, language=self.account.language)
        return pass_second_factor(self, self.account)


class OtherWaysPage(PendingPage):
    """Shows which other ways this account has."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        return self.show("other_ways.html", {"ways": [(f"gaap-identity-{name}", text) for name, text in self._ways()]})

    def _ways(self) -> list[tuple[str, Promise | str]]:
        account = self.account
        ways = {
            "passkey": (account.passkeys.exists(), _("Use a passkey")),
            "app-code": (AuthenticatorApp.objects.filter(account=account).exists(), _("Use your authenticator app")),
            "new-code": (bool(account.code_channel), _("Get a new security code")),
            "recovery-code": (codes_left(account) > 0, _("Use a recovery code")),
            "lost": (account.second_factor != Account.SecondFactor.EMAIL, _("I have none of these any more")),
        }
        return [(name, text) for name, (is_there, text) in ways.items() if is_there]


class LostPage(PendingPage, PlainFormPage):
    """Explains what happens when every second factor is lost."""

    form_class = NothingForm
    template = "form_page.html"
    title = gettext_lazy("You lost your phone, your app or your passkey")
    lead = (
        gettext_lazy("You have given your password. We also send a code to your email address."),
        gettext_lazy("Then we wait three days before you can sign in, in case it was not you who asked."),
        gettext_lazy("Afterwards security codes go to your email address, and you confirm your identity again."),
    )
    back = "other-ways"

    def find_obstacle(self) -> HttpResponse | None:
        """Who gets codes by email has lost nothing that this could bring back."""
        obstacle = super().find_obstacle()
        if obstacle is None and self.account.second_factor == Account.SecondFactor.EMAIL:
            return self.go("other-ways")
        return obstacle

    def submit(self, form: Form) -> HttpResponse:
        """Send the code."""
        language = get_language() or self.account.language
        send_new_code(
            self.session,
            channel="email",
            recipient=self.account.email,
            purpose=RESET,
            language=language,
            account=self.account,
        )
        return self.go("lost-code")


class LostCodePage(PendingPage, PlainFormPage):
    """Asks for the code, and begins the wait or ends it."""

    form_class = CodeForm
    template = "form_page.html"
    title = gettext_lazy("Check your email")
    lead = (gettext_lazy("We sent a 6-digit security code to your email address."),)
    back = "lost"

    def submit(self, form: Form) -> HttpResponse:
        """Begin the wait; when it is over, let the citizen in."""
        try:
            check_code(self.session, code=form.cleaned_data["code"], purpose=RESET)
        except WrongCodeError:
            return self.refuse(form, field="code", text=_("The code is wrong or has expired"))
        reset = ask_for_reset(self.account)
        try:
            finish_reset(reset)
        except NotReadyError:
            return self.show("lost_waiting.html", {"reset": reset})
        account = Account.objects.get(pk=self.account.pk)
        return self.enter(account, vot="Cl.Cm")
