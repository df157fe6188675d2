"""What the pages of a citizen's own account share: a full sign-in, and a fresh one for what matters."""

from datetime import datetime

from django.http import HttpResponse

from gaap.clock import now
from gaap_identity.conf import CONFIRMATION_LIFETIME
from gaap_identity.models import Account
from gaap_identity.web.base import CitizenView


class SignedInPage(CitizenView):
    """A page for a citizen who signed in with a second factor."""

    account: Account

    def find_obstacle(self) -> HttpResponse | None:
        """Ask for the sign-in that is missing first: all of it, or the second factor alone."""
        if self.session.account is None or self.session.vot != "Cl.Cm":
            return self.go("sign-in")
        self.account = self.session.account
        return None


class ConfirmedPage(SignedInPage):
    """A page that changes something that matters: the citizen has shown within ten minutes that it is them."""

    @property
    def next_path(self) -> str:
        """Where to go on after confirming."""
        return self.request.path

    def find_obstacle(self) -> HttpResponse | None:
        """Ask for the password again."""
        obstacle = super().find_obstacle()
        if obstacle is not None or self.is_fresh():
            return obstacle
        self.remember(after_confirming=self.next_path)
        return self.go("confirm")

    def is_fresh(self) -> bool:
        """Say whether the citizen has shown it recently enough for this page."""
        told = self.session.data.get("confirmed_at", "")
        confirmed = datetime.fromisoformat(told) if told else self.session.authenticated_at
        return confirmed is not None and now() - confirmed <= CONFIRMATION_LIFETIME
