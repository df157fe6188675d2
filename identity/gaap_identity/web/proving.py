"""Proving identity: what will happen, the evidence provider's answer, and how it came out."""

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy

from gaap.providers.errors import ProviderError
from gaap.theme.csp import allow_form_redirect
from gaap_identity.errors import AccessDeniedError
from gaap_identity.models import Account, SignIn
from gaap_identity.openid.claims import RETURN_CODE
from gaap_identity.services.checks import UnknownCheckError, finish_check, start_check
from gaap_identity.services.core_identities import display_name, proven_identity
from gaap_identity.services.human_checks import waiting_visit
from gaap_identity.services.sign_ins import refuse_sign_in
from gaap_identity.services.sources import SandboxRefusedError, SourceGoneError, offers_for
from gaap_identity.services.ways import ShownWay, origins_of, ways_for
from gaap_identity.web.base import CitizenView, PlainFormPage
from gaap_identity.web.continuing import continue_journey, continue_sign_in
from gaap_identity.web.proving_forms import HaveForm, SourceForm


class ProvingPage(CitizenView):
    """A page for a citizen who is signed in and whom a service asked to prove who they are."""

    account: Account
    asked: SignIn

    def find_obstacle(self) -> HttpResponse | None:
        """Go on with whatever else the citizen was doing."""
        if self.session.account is None or self.sign_in is None or not self.sign_in.requested.needs_identity:
            return continue_journey(self.session) if self.session.is_signed_in else self.go("sign-in")
        if self.sign_in.status != "started":
            return continue_journey(self.session)
        self.account = self.session.account
        self.asked = self.sign_in
        return None

    def show_unavailable(self, *, tried: str) -> HttpResponse:
        """Say that one source does not work now, and lead to the others and back to the service."""
        try:
            others = [offer for offer in offers_for(self.asked.service) if offer.identifier != tried]
        except SandboxRefusedError:
            others = []
        return self.show("prove_unavailable.html", {"has_others": bool(others)}, status=503)


class ProvePage(ProvingPage):
    """Says what will happen; where there are several ways, the citizen chooses, the shortest one first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page; its form leads to the source of evidence."""
        return self.show_ways(SourceForm(ways=self._ways()))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Send the citizen to the source."""
        ways = self._ways()
        form = SourceForm(request.POST, ways=ways)
        if len(ways) > 1 and not form.is_valid():
            return self.show_ways(form)
        chosen = request.POST.get("source", "") if len(ways) > 1 else ""
        try:
            address = start_check(
                self.account,
                service=self.asked.service,
                levels=self.asked.requested,
                sign_in=self.asked,
                source=chosen,
            )
        except (SandboxRefusedError, SourceGoneError, ProviderError):
            return self.show_unavailable(tried=chosen)
        return HttpResponseRedirect(address)

    def show_ways(self, form: SourceForm) -> HttpResponse:
        """Render the page, and let its form lead to every source on it."""
        several = len(form.ways) > 1
        response = self.show("prove_ways.html" if several else "prove.html", {"form": form} if several else {})
        for origin in origins_of([way.identifier for way in form.ways], service=self.asked.service):
            allow_form_redirect(response, origin)
        return response

    def _ways(self) -> list[ShownWay]:
        has = self.session.data.get("has", [])
        try:
            return ways_for(self.account, service=self.asked.service, levels=self.asked.requested, has=has)
        except SandboxRefusedError:
            return []


class HavePage(ProvingPage, PlainFormPage):
    """Asks what the citizen has, so that the shortest way comes first."""

    form_class = HaveForm
    title = gettext_lazy("What do you have?")
    lead = (gettext_lazy("Tell us what you have at hand, and we show you the shortest way first."),)
    back = "prove"

    def submit(self, form: Form) -> HttpResponse:
        """Remember it for this visit."""
        self.remember(has=form.cleaned_data["has"])
        return self.go("prove")


class ReturnPage(ProvingPage):
    """Where the source of evidence sends the citizen back to."""

    def get(self, request: HttpRequest, provider: str) -> HttpResponse:
        """Judge the result; one that nobody waits for (a reload, say) changes nothing."""
        try:
            check = finish_check(self.account, provider_id=provider, parameters=request.GET.dict())
        except UnknownCheckError:
            return continue_journey(self.session)
        except (SandboxRefusedError, SourceGoneError, ProviderError):
            return self.show_unavailable(tried=provider)
        return self.go("waiting" if check.status == "pending" else "proved")


class WaitingPage(ProvingPage):
    """Says that the check goes on without the citizen, who may leave."""

    def find_obstacle(self) -> HttpResponse | None:
        """Show how it came out once it did."""
        obstacle = super().find_obstacle()
        return obstacle or (None if self.asked.checks.filter(status="pending").exists() else self.go("proved"))

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page, with the code for the counter if there is one."""
        return self.show("waiting.html", {"visit": waiting_visit(self.account)})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Go back to the service, which hears that the citizen is not there yet."""
        return leave(self)


class ProvedPage(ProvingPage):
    """Says how it came out, and leads back to the service."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the name that was confirmed, or what can be done now."""
        identity = proven_identity(self.account, service=self.asked.service)
        if identity is None or not self.asked.requested.met_by(identity.level):
            return self.show("not_proved.html", {"codes": self.asked.return_codes})
        return self.show("proved.html", {"name": display_name(identity)})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Go back to the service: with a code, or with a refusal when nothing was proven and it wants no reasons."""
        return leave(self)


def leave(page: ProvingPage) -> HttpResponse:
    """Go back to the service with what it asked for, or with why not."""
    asked = SignIn.objects.select_related("client", "service").get(pk=page.asked.pk)
    identity = proven_identity(page.account, service=asked.service)
    is_met = identity is not None and asked.requested.met_by(identity.level)
    if is_met or (asked.return_codes and RETURN_CODE in asked.claims):
        return continue_sign_in(asked, session=page.session)
    error = AccessDeniedError("Identity could not be proven")
    return HttpResponseRedirect(refuse_sign_in(asked, error=error, session=page.session))
