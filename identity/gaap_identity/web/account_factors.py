"""Setting up an authenticator app, and recovery codes."""

from io import BytesIO
from typing import Any

import qrcode
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from qrcode.image.svg import SvgPathFillImage

from gaap_identity.errors import WrongCodeError
from gaap_identity.models import AuthenticatorApp
from gaap_identity.services.account_changes import remove_app
from gaap_identity.services.notices import notify_citizen
from gaap_identity.services.recovery_codes import codes_left, new_recovery_codes
from gaap_identity.services.totp import add_app, key_uri, new_secret
from gaap_identity.web.account_base import ConfirmedPage
from gaap_identity.web.base import FormPage, PlainFormPage
from gaap_identity.web.forms import CodeForm, NothingForm


class AppPage(ConfirmedPage, FormPage):
    """Sets an authenticator app up. The secret waits in the session until the app has shown that it knows it."""

    form_class = CodeForm
    template = "app.html"

    def find_obstacle(self) -> HttpResponse | None:
        """Offer to remove the app that stands."""
        obstacle = super().find_obstacle()
        if obstacle is None and AuthenticatorApp.objects.filter(account=self.account).exists():
            return self.go("app-remove")
        return obstacle

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the secret."""
        if "app_secret" not in self.session.data:
            self.remember(app_secret=new_secret())
        return super().get(request)

    def submit(self, form: Form) -> HttpResponse:
        """Let the app be used."""
        secret = self.session.data.get("app_secret", "")
        if not secret:
            return self.go("app")
        try:
            add_app(self.account, secret=secret, code=form.cleaned_data["code"])
        except WrongCodeError:
            return self.refuse(form, field="code", text=_("The code does not match. Check the clock of your phone"))
        self.remember(app_secret="")
        notify_citizen("factor_added", recipient=self.account.email, language=self.account.language)
        return self.go("recovery-codes")

    def details(self) -> dict[str, Any]:
        """Return the secret, in groups that can be typed."""
        secret = self.session.data.get("app_secret", "")
        return {"secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))}


class AppPicturePage(ConfirmedPage):
    """The QR code of the secret that waits."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw it."""
        secret = self.session.data.get("app_secret", "")
        if not secret:
            return HttpResponse(status=404)
        drawn = BytesIO()
        address = key_uri(secret, account_name=self.account.email)
        qrcode.make(address, image_factory=SvgPathFillImage).save(drawn)
        return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")


class RemoveAppPage(ConfirmedPage, PlainFormPage):
    """Removes the authenticator app."""

    form_class = NothingForm
    title = gettext_lazy("Stop using your authenticator app")
    lead = (gettext_lazy("Security codes will be sent to your phone, or to your email address if you gave no phone."),)
    button = gettext_lazy("Stop using it")
    button_kind = "warning"

    def submit(self, form: Form) -> HttpResponse:
        """Remove it."""
        remove_app(self.account)
        return self.go("account")


class RecoveryCodesPage(ConfirmedPage):
    """Says how many recovery codes are left, and makes new ones, which are shown once."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Count them."""
        return self.show("recovery_codes.html", {"left": codes_left(self.account)})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make new ones."""
        codes = new_recovery_codes(self.account)
        shown = [" ".join(code[place : place + 4] for place in range(0, len(code), 4)) for code in codes]
        return self.show("recovery_codes.html", {"codes": shown})
