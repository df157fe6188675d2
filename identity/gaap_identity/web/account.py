"""The citizen's own pages: what the account holds, and signing out."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from gaap_identity.models import AuthenticatorApp
from gaap_identity.services.core_identities import display_name, proven_identity
from gaap_identity.services.recovery_codes import codes_left
from gaap_identity.services.sessions import end_session
from gaap_identity.web.account_base import SignedInPage
from gaap_identity.web.base import CitizenView
from gaap_identity.web.cookies import forget_browser

Row = dict[str, Any]


class AccountPage(SignedInPage):
    """What we hold: address, ways to sign in, and the identity that was proven."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        return self.show("account.html", {"details": self._details(), "factors": self._factors()})

    def _details(self) -> list[Row]:
        account = self.account
        identity = proven_identity(account)
        name = display_name(identity) if identity else _("Not confirmed yet")
        rows = [
            _row(_("Email address"), account.email, page="change-email"),
            _row(_("Phone number"), account.phone or _("None"), page="change-phone"),
            {"key": _("Identity"), "value": name},
        ]
        return [_fixed(row) for row in rows] if account.is_sandbox else rows

    def _factors(self) -> list[Row]:
        account = self.account
        has_app = AuthenticatorApp.objects.filter(account=account).exists()
        return [
            _row(_("Password"), "••••••••", page="change-password"),
            _row(_("Passkeys"), account.passkeys.count(), page="passkeys"),
            _row(_("Authenticator app"), _("Set up") if has_app else _("None"), page="app"),
            {"key": _("Security codes"), "value": account.get_second_factor_display()},
            _row(_("Recovery codes"), codes_left(account), page="recovery-codes"),
        ]


def _row(key: Any, value: Any, *, page: str) -> Row:
    return {"key": key, "value": value, "href": reverse(f"gaap-identity-{page}"), "action": _("Change")}


def _fixed(row: Row) -> Row:
    return {"key": row["key"], "value": row["value"]}


class SignOutPage(CitizenView):
    """Signs the citizen out of this browser."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """End the session and take the cookie away."""
        end_session(self.session)
        response = self.go("signed-out")
        forget_browser(response)
        return response


class SignedOutPage(CitizenView):
    """Says that nobody is signed in here any more, and why a service was not returned to."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        return self.show("signed_out.html", {"has_problem": "error_code" in request.GET})
