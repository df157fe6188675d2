"""Signing in: address and password, then the code."""

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gaap_identity.errors import SignInRefusedError, WrongCodeError
from gaap_identity.models import Account
from gaap_identity.services.accounts import check_password
from gaap_identity.services.codes import check_code, send_new_code
from gaap_identity.services.messages import Purpose
from gaap_identity.web.base import CitizenView, FormPage
from gaap_identity.web.forms import CodeForm, PasswordForm

SIGN_IN: Purpose = "sign_in"


class StartPage(CitizenView):
    """Asks whether there is an account already."""

    def find_obstacle(self) -> HttpResponse | None:
        """Ask somebody who is signed in with a password alone for the second factor, and for nothing else."""
        account = self.session.account
        if account is None or self.session.vot != "Cl" or not self._steps_up():
            return None
        return ask_second_factor(self, account)

    def _steps_up(self) -> bool:
        """Tell whether the second factor is all that is missing: nobody wants the password again."""
        asked = self.sign_in
        return asked is None or not (asked.prompts or asked.max_age is not None)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show both ways."""
        return self.show("start.html")


class ExistsPage(CitizenView):
    """Tells somebody who proved an address that it has an account."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the way to sign in."""
        is_proven = self.session.data.get("new_account", {}).get("is_email_proven")
        return self.show("exists.html") if is_proven else self.go("create")


class PasswordPage(FormPage):
    """Asks for address and password."""

    form_class = PasswordForm
    template = "password.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form, with the address that the service expects if it named one."""
        return self.show_form(PasswordForm(initial={"email": self.session.data.get("login_hint", "")}))

    def submit(self, form: Form) -> HttpResponse:
        """Sign in, or send the code first when the service (or the account's own page) wants a second factor."""
        values = form.cleaned_data
        try:
            account = check_password(values["email"], password=values["password"])
        except SignInRefusedError:
            return self.refuse(form, field="email", text=_("The email address or the password is wrong"))
        if self.sign_in is not None and self.sign_in.credential_level == "Cl":
            return self.enter(account, vot="Cl")
        return ask_second_factor(self, account)


class PendingPage(CitizenView):
    """A page between password and code."""

    account: Account

    def find_obstacle(self) -> HttpResponse | None:
        """Find whose password was right, or begin again."""
        account = Account.objects.filter(pk=self.session.data.get("pending")).first()
        if account is None:
            return self.go("password")
        self.account = account
        return None


class CodePage(PendingPage, FormPage):
    """Asks for the code that was sent."""

    form_class = CodeForm
    template = "code.html"

    def submit(self, form: Form) -> HttpResponse:
        """Sign in."""
        try:
            check_code(self.session, code=form.cleaned_data["code"], purpose=SIGN_IN)
        except WrongCodeError:
            return self.refuse(form, field="code", text=_("The code is wrong or has expired"))
        return pass_second_factor(self, self.account)

    def details(self) -> dict[str, Any]:
        """Say by which way the code went, without the whole number."""
        by_sms = self.account.code_channel == "sms"
        return {"by_sms": by_sms, "ending": self.account.phone[-4:] if by_sms else ""}


class NewCodePage(PendingPage):
    """Sends another code."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask whether to."""
        return self.show("new_code.html")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Send it; an account whose codes come from an app alone has none to be sent."""
        if not self.account.code_channel:
            return self.go("other-ways")
        send_sign_in_code(self, self.account)
        return self.go("code")


def ask_second_factor(page: CitizenView, account: Account) -> HttpResponse:
    """Remember whose password was right, and go to the page of their second factor.

    Raises LockedError, CodesUnavailableError.
    """
    page.remember(pending=str(account.pk))
    if account.second_factor == Account.SecondFactor.APP:
        return page.go("app-code")
    send_sign_in_code(page, account)
    return page.go("code")


def pass_second_factor(page: CitizenView, account: Account) -> HttpResponse:
    """Let in whoever proved a second factor, or let them choose the password that they forgot."""
    if page.session.data.get("forgotten") == str(account.pk):
        page.remember(may_choose_password=str(account.pk))
        return page.go("forgotten-password")
    return page.enter(account, vot="Cl.Cm")


def send_sign_in_code(page: CitizenView, account: Account) -> None:
    """Send a code to where the account's codes go; raises LockedError, CodesUnavailableError."""
    send_new_code(
        page.session,
        channel="sms" if account.code_channel == "sms" else "email",
        recipient=account.factor_recipient,
        purpose=SIGN_IN,
        language=get_language() or account.language,
        account=account,
    )
