"""Creating an account: prove the address, choose a password, prove where codes go."""

from typing import Any, ClassVar

from django.forms import Form
from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gaap_identity.errors import AccountExistsError, UnreachableError, WrongCodeError
from gaap_identity.models import Account
from gaap_identity.models.accounts import new_subject
from gaap_identity.services.accounts import NewAccount, create_account, has_account
from gaap_identity.services.codes import check_code, send_new_code
from gaap_identity.services.messages import Channel, Purpose
from gaap_identity.services.passwords import hash_password
from gaap_identity.web.base import CitizenView, FormPage
from gaap_identity.web.forms import CodeForm, EmailForm, NewPasswordForm, PhoneForm, SecondFactorForm

SIGN_UP: Purpose = "sign_up"


class CreatingPage(CitizenView):
    """A page on the way to an account. ``needs`` are the facts that earlier pages must have gathered."""

    needs: ClassVar[tuple[str, ...]] = ()

    @property
    def gathered(self) -> dict[str, Any]:
        """What is known of the account so far."""
        return dict(self.session.data.get("new_account", {}))

    def gather(self, **facts: Any) -> None:
        """Keep ``facts`` about the account."""
        self.remember(new_account={**self.gathered, **facts})

    def find_obstacle(self) -> HttpResponse | None:
        """Begin at the beginning when something is missing."""
        return None if all(self.gathered.get(fact) for fact in self.needs) else self.go("create")

    def send_code(self, *, channel: Channel, recipient: str) -> None:
        """Send a code that proves ``recipient``; raises LockedError, UnreachableError, CodesUnavailableError."""
        language = get_language() or "en"
        send_new_code(self.session, channel=channel, recipient=recipient, purpose=SIGN_UP, language=language)

    def create(self, *, second_factor: str, phone: str = "") -> HttpResponse:
        """Create the account and sign the citizen in."""
        gathered = self.gathered
        new = NewAccount(
            email=gathered["email"],
            password_hash=gathered["password_hash"],
            second_factor=second_factor,
            phone=phone,
            subject=gathered.get("subject") or new_subject(),
        )
        try:
            account = create_account(new)
        except AccountExistsError:
            return self.go("exists")
        return self.enter(account, vot="Cl.Cm")


class EmailPage(CreatingPage, FormPage):
    """Asks for the address. The answer is the same whether or not it has an account already."""

    form_class = EmailForm
    template = "create_email.html"

    def submit(self, form: Form) -> HttpResponse:
        """Send a code to the address."""
        email = form.cleaned_data["email"]
        self.remember(new_account={"email": email})
        try:
            self.send_code(channel="email", recipient=email)
        except UnreachableError:
            return self.refuse(form, field="email", text=_("We cannot send emails to this address"))
        return self.go("create-check-email")


class CheckEmailPage(CreatingPage, FormPage):
    """Asks for the code that went to the address."""

    form_class = CodeForm
    template = "create_check_email.html"
    needs = ("email",)

    def submit(self, form: Form) -> HttpResponse:
        """Go on; whoever proved an address may know that it has an account."""
        try:
            email = check_code(self.session, code=form.cleaned_data["code"], purpose=SIGN_UP)
        except WrongCodeError:
            return self.refuse(form, field="code", text=_("The code is wrong or has expired"))
        self.remember(new_account={"email": email, "is_email_proven": True})
        return self.go("exists" if has_account(email) else "create-password")

    def details(self) -> dict[str, Any]:
        """Say where the code went."""
        return {"recipient": self.gathered["email"]}


class NewPasswordPage(CreatingPage, FormPage):
    """Asks for a password."""

    form_class = NewPasswordForm
    template = "create_password.html"
    needs = ("is_email_proven",)

    def submit(self, form: Form) -> HttpResponse:
        """Keep the password's hash until the account is made."""
        self.gather(password_hash=hash_password(form.cleaned_data["password"]))
        return self.go("create-second-factor")


class SecondFactorPage(CreatingPage, FormPage):
    """Asks where codes should go."""

    form_class = SecondFactorForm
    template = "create_second_factor.html"
    needs = ("is_email_proven", "password_hash")

    def submit(self, form: Form) -> HttpResponse:
        """Ask for the phone, or finish: the address is proven."""
        if form.cleaned_data["second_factor"] == Account.SecondFactor.SMS:
            return self.go("create-phone")
        return self.create(second_factor=Account.SecondFactor.EMAIL)


class PhonePage(CreatingPage, FormPage):
    """Asks for the phone."""

    form_class = PhoneForm
    template = "create_phone.html"
    needs = ("is_email_proven", "password_hash")

    def submit(self, form: Form) -> HttpResponse:
        """Send a code to the phone."""
        phone = form.cleaned_data["phone"]
        self.gather(phone=phone)
        try:
            self.send_code(channel="sms", recipient=phone)
        except UnreachableError:
            return self.refuse(form, field="phone", text=_("We cannot send text messages to this number"))
        return self.go("create-check-phone")


class CheckPhonePage(CreatingPage, FormPage):
    """Asks for the code that went to the phone."""

    form_class = CodeForm
    template = "create_check_phone.html"
    needs = ("is_email_proven", "password_hash", "phone")

    def submit(self, form: Form) -> HttpResponse:
        """Finish: everything is proven."""
        try:
            phone = check_code(self.session, code=form.cleaned_data["code"], purpose=SIGN_UP)
        except WrongCodeError:
            return self.refuse(form, field="code", text=_("The code is wrong or has expired"))
        return self.create(second_factor=Account.SecondFactor.SMS, phone=phone)

    def details(self) -> dict[str, Any]:
        """Say where the code went."""
        return {"recipient": self.gathered["phone"]}
