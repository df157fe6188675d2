"""Changing address, phone and password. A new address or phone is proven by a code before it counts."""

from abc import abstractmethod

from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from gaap.clock import now
from gaap_identity.errors import AccountExistsError, SignInRefusedError, UnreachableError, WrongCodeError
from gaap_identity.services.account_changes import change_email, change_password, change_phone
from gaap_identity.services.accounts import confirm_password
from gaap_identity.services.codes import CodePurpose, check_code, send_new_code
from gaap_identity.services.messages import Channel
from gaap_identity.services.sessions import OpenSession, change_token
from gaap_identity.web.account_base import ConfirmedPage, SignedInPage
from gaap_identity.web.base import PlainFormPage
from gaap_identity.web.forms import CodeForm, ConfirmForm, EmailForm, NewPasswordForm, PhoneForm

CHANGE: CodePurpose = "change"


class ConfirmPage(SignedInPage, PlainFormPage):
    """Asks for the password again before something that matters."""

    form_class = ConfirmForm
    title = gettext_lazy("Enter your password again")
    lead = (gettext_lazy("You are about to change something that matters, so we make sure that it is you."),)
    links = (("forgotten", gettext_lazy("I forgot my password")),)

    def submit(self, form: Form) -> HttpResponse:
        """Go on with what the citizen was about to do."""
        try:
            confirm_password(self.account, password=form.cleaned_data["password"])
        except SignInRefusedError:
            return self.refuse(form, field="password", text=_("The password is wrong"))
        target = self.session.data.get("after_confirming")
        self.remember(confirmed_at=now().isoformat(), confirmed_for=target, after_confirming=None)
        self.browser = OpenSession(self.session, change_token(self.session))
        return HttpResponseRedirect(target) if target else self.go("account")


class CodeSendingPage(ConfirmedPage, PlainFormPage):
    """A page that sends a code to what is about to become the citizen's."""

    def find_obstacle(self) -> HttpResponse | None:
        """A test user keeps the address that it was made with, and has no phone."""
        obstacle = super().find_obstacle()
        if obstacle is None and self.account.is_sandbox:
            return self.go("account")
        return obstacle

    def send_code(self, *, channel: Channel, recipient: str) -> None:
        """Send it; raises LockedError, UnreachableError, CodesUnavailableError."""
        language = get_language() or self.account.language
        send_new_code(
            self.session,
            channel=channel,
            recipient=recipient,
            purpose=CHANGE,
            language=language,
            account=self.account,
        )


class ChangeEmailPage(CodeSendingPage):
    """Asks for the new address. The answer does not tell whether it has an account."""

    form_class = EmailForm
    title = gettext_lazy("Change your email address")
    lead = (gettext_lazy("We send a code to the new address, and a notice to the old one."),)

    def submit(self, form: Form) -> HttpResponse:
        """Send a code to it."""
        email = form.cleaned_data["email"]
        try:
            self.send_code(channel="email", recipient=email)
        except UnreachableError:
            return self.refuse(form, field="email", text=_("We cannot send emails to this address"))
        self.remember(changing="email")
        return self.go("change-email-code")


class ChangePhonePage(CodeSendingPage):
    """Asks for the new phone."""

    form_class = PhoneForm
    title = gettext_lazy("Change your phone number")
    lead = (gettext_lazy("We send a code to the new number, and a notice to your email address."),)

    def submit(self, form: Form) -> HttpResponse:
        """Send a code to it."""
        phone = form.cleaned_data["phone"]
        try:
            self.send_code(channel="sms", recipient=phone)
        except UnreachableError:
            return self.refuse(form, field="phone", text=_("We cannot send text messages to this number"))
        self.remember(changing="phone")
        return self.go("change-phone-code")


class ChangeCodePage(ConfirmedPage, PlainFormPage):
    """Asks for the code, and makes the change."""

    form_class = CodeForm
    title = gettext_lazy("Enter the code we sent")
    lead = (gettext_lazy("It works for 15 minutes."),)
    changing: str

    def find_obstacle(self) -> HttpResponse | None:
        """A code for the other change does not count."""
        obstacle = super().find_obstacle()
        return obstacle or (None if self.session.data.get("changing") == self.changing else self.go("account"))

    def submit(self, form: Form) -> HttpResponse:
        """Change what was proven."""
        try:
            recipient = check_code(self.session, code=form.cleaned_data["code"], purpose=CHANGE)
        except WrongCodeError:
            return self.refuse(form, field="code", text=_("The code is wrong or has expired"))
        try:
            self.change(recipient)
        except AccountExistsError:
            return self.refuse(form, field="code", text=_("This address has another account"))
        self.remember(changing=None)
        return self.go("account")

    @abstractmethod
    def change(self, recipient: str) -> None:
        """Make the change; raises AccountExistsError."""


class ChangeEmailCodePage(ChangeCodePage):
    """The code that went to the new address."""

    changing = "email"
    back = "change-email"

    def change(self, recipient: str) -> None:
        """Give the account the address that was proven."""
        change_email(self.account, email=recipient)


class ChangePhoneCodePage(ChangeCodePage):
    """The code that went to the new phone."""

    changing = "phone"
    back = "change-phone"

    def change(self, recipient: str) -> None:
        """Give the account the phone that was proven."""
        change_phone(self.account, phone=recipient)


class ChangePasswordPage(ConfirmedPage, PlainFormPage):
    """Asks for another password, after the present one was given for this change (ASVS 5.0, 6.2.3)."""

    form_class = NewPasswordForm
    title = gettext_lazy("Change your password")
    lead = (gettext_lazy("You will be signed out of every other browser."),)

    def submit(self, form: Form) -> HttpResponse:
        """Change it."""
        change_password(self.account, password=form.cleaned_data["password"], session=self.session)
        self.remember(confirmed_for=None)
        return self.go("account")

    def is_fresh(self) -> bool:
        """Having signed in just now is not enough: whoever finds the browser open must not take the account."""
        return super().is_fresh() and self.session.data.get("confirmed_for") == self.next_path
