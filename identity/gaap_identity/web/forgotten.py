"""A forgotten password: prove the address, then the second factor, then choose another one."""

from django.forms import Form
from django.http import HttpResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from gaap_identity.errors import UnreachableError, WrongCodeError
from gaap_identity.models import Account, BrowserSession
from gaap_identity.services.account_changes import change_password
from gaap_identity.services.codes import CodePurpose, check_code, send_new_code
from gaap_identity.web.base import PlainFormPage
from gaap_identity.web.forms import CodeForm, EmailForm, NewPasswordForm
from gaap_identity.web.signing_in import ask_second_factor

CHANGE: CodePurpose = "change"


class ForgottenPage(PlainFormPage):
    """Asks for the address. The answer is the same whether or not it has an account, and so is the email."""

    form_class = EmailForm
    title = gettext_lazy("You forgot your password")
    lead = (gettext_lazy("We send a code to your email address, and you choose another password."),)
    back = "password"

    def submit(self, form: Form) -> HttpResponse:
        """Send the code."""
        email = form.cleaned_data["email"]
        language = get_language() or "en"
        try:
            send_new_code(self.session_kept(), channel="email", recipient=email, purpose=CHANGE, language=language)
        except UnreachableError:
            return self.refuse(form, field="email", text=_("We cannot send emails to this address"))
        return self.go("forgotten-code")

    def session_kept(self) -> BrowserSession:
        """Return the session, stored, since a code hangs on it."""
        self.remember(forgotten="", may_choose_password="")
        return self.session


class ForgottenCodePage(PlainFormPage):
    """Asks for the code."""

    form_class = CodeForm
    title = gettext_lazy("Check your email")
    lead = (gettext_lazy("We sent a 6-digit security code to your email address."),)
    back = "forgotten"

    def submit(self, form: Form) -> HttpResponse:
        """Ask for the second factor next; whoever proved an address may know that it has no account."""
        try:
            email = check_code(self.session, code=form.cleaned_data["code"], purpose=CHANGE)
        except WrongCodeError:
            return self.refuse(form, field="code", text=_("The code is wrong or has expired"))
        account = Account.objects.with_email(email).first()
        if account is None:
            return self.refuse(form, field="code", text=_("This address has no account. You can create one"))
        self.remember(forgotten=str(account.pk), pending=str(account.pk))
        if account.second_factor == Account.SecondFactor.EMAIL:
            self.remember(may_choose_password=str(account.pk))
            return self.go("forgotten-password")
        return ask_second_factor(self, account)


class ForgottenPasswordPage(PlainFormPage):
    """Asks for the new password."""

    form_class = NewPasswordForm
    title = gettext_lazy("Choose another password")
    back = "forgotten"
    account: Account

    def find_obstacle(self) -> HttpResponse | None:
        """Begin at the beginning unless everything else was proven."""
        told = self.session.data.get("may_choose_password", "")
        account = Account.objects.filter(pk=told).first() if told else None
        if account is None:
            return self.go("forgotten")
        self.account = account
        return None

    def submit(self, form: Form) -> HttpResponse:
        """Change it, sign out everywhere, and sign in here."""
        change_password(self.account, password=form.cleaned_data["password"])
        return self.enter(self.account, vot="Cl.Cm")
