"""What services may know: asking before they are told, and the citizen's page of all of them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from gaap_identity.errors import AccessDeniedError
from gaap_identity.models import Account, SignIn
from gaap_identity.services.consents import DETAILS, give_consent, shared_with, unanswered, withdraw_consent
from gaap_identity.services.sign_ins import refuse_sign_in
from gaap_identity.web.account_base import SignedInPage
from gaap_identity.web.base import CitizenView
from gaap_identity.web.continuing import continue_journey, continue_sign_in


class ConsentPage(CitizenView):
    """Asks whether the service may be told what it asks for."""

    account: Account
    asked: SignIn

    def find_obstacle(self) -> HttpResponse | None:
        """Go on with whatever else the citizen was doing."""
        if self.session.account is None or self.sign_in is None or self.sign_in.status != "started":
            return continue_journey(self.session) if self.session.is_signed_in else self.go("sign-in")
        self.account, self.asked = self.session.account, self.sign_in
        return None

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what it asks for."""
        names = unanswered(self.account, sign_in=self.asked)
        if not names:
            return continue_sign_in(self.asked, session=self.session)
        return self.show("consent.html", {"details": [DETAILS[name] for name in names]})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Record the answer, and go back to the service with it."""
        if request.POST.get("answer") == "yes":
            names = unanswered(self.account, sign_in=self.asked)
            give_consent(self.account, service=self.asked.service, names=names)
            return continue_sign_in(self.asked, session=self.session)
        error = AccessDeniedError("User did not consent")
        return HttpResponseRedirect(refuse_sign_in(self.asked, error=error, session=self.session))


class SharedPage(SignedInPage):
    """Every service that knows something of the citizen: what, and when it was told."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        return self.show("shared.html", {"shared": shared_with(self.account)})


class WithdrawPage(SignedInPage):
    """Takes back what one service may know."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, service: UUID) -> HttpResponse:
        """Take it back; the service keeps what it was told, and is told nothing more."""
        withdraw_consent(self.account, service_id=service)
        return self.go("shared")
