"""Acting for another: choosing at sign-in, and the citizen's page of powers given and held."""

from typing import Any, ClassVar
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaap.organisations.models import Service
from gaap_identity.errors import PowerRefusedError
from gaap_identity.models import Account, Power, SignIn
from gaap_identity.models.powers import today
from gaap_identity.services.power_lists import name_of, powers_of, scope_words
from gaap_identity.services.powers import (
    NewPower,
    accept_power,
    choose_person,
    decline_power,
    end_own_power,
    is_person_settled,
    offer_power,
    scopes_of,
    services_with_powers,
    usable_powers,
)
from gaap_identity.web.account_base import ConfirmedPage, SignedInPage
from gaap_identity.web.base import CitizenView, PlainFormPage
from gaap_identity.web.continuing import continue_journey, continue_sign_in
from gaap_identity.web.power_forms import MYSELF, ActingForm, GivePowerForm, PowerForm


class PowersPage(SignedInPage):
    """Every power that the citizen was offered, holds or gave, with every use."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        lists = powers_of(self.account)
        return self.show("powers.html", {"lists": lists, "can_give": bool(services_with_powers(self.account))})


class AnswerPage(SignedInPage):
    """Accepts, turns down or ends one power."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, power: UUID) -> HttpResponse:
        """Do what was chosen; a power that is not the citizen's, or is over, stays as it is."""
        acts = {"accept": accept_power, "decline": decline_power, "end": end_own_power}
        act = acts.get(request.POST.get("answer", ""))
        if act is not None:
            act(power, account=self.account)
        return self.go("powers")


class ServicesPage(SignedInPage):
    """Asks at which service somebody is to act for the citizen."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List the services that know such powers."""
        return self.show("powers_give.html", {"services": services_with_powers(self.account)})


class GivePage(ConfirmedPage, PlainFormPage):
    """Asks whom the citizen lets act for them at one service, and offers it."""

    form_class: ClassVar[type[PowerForm]] = GivePowerForm
    title = ""
    lead = (
        gettext_lazy("They see your name, or your email address if you have not confirmed your identity."),
        gettext_lazy("You see every use in your account, and can end this at any time. So can they."),
    )
    button = gettext_lazy("Ask them")
    back = "powers-give"

    @cached_property
    def service(self) -> Service:
        """The service; answers 404 unless it knows such powers."""
        known = {service.pk: service for service in services_with_powers(self.account)}
        if self.kwargs["service"] not in known:
            raise Http404
        return known[self.kwargs["service"]]

    def get(self, request: HttpRequest, **_of: Any) -> HttpResponse:
        """Show the form, from today for a year."""
        start = today()
        days = {"starts_on": start, "ends_on": start.replace(year=start.year + 1, day=min(start.day, 28))}
        return self.show_form(self.form_class(initial=days, scopes=scopes_of(self.service)))

    def post(self, request: HttpRequest, **_of: Any) -> HttpResponse:
        """Offer the power, or show what is wrong."""
        form = self.form_class(request.POST, scopes=scopes_of(self.service))
        return self.submit(form) if form.is_valid() else self.show_form(form)

    def submit(self, form: Form) -> HttpResponse:
        """Offer it, and show it in the list."""
        try:
            offer_power(NewPower(service=self.service, **form.cleaned_data), giver=self.account)
        except PowerRefusedError as error:
            is_test = self.account.is_sandbox
            own = _("Enter the address of another person, not your own")
            texts = {"email": _("A test user can ask other test users only") if is_test else own}
            return self.refuse(form, field=error.field, text=texts.get(error.field, _("Choose what they may do")))
        return self.go("powers")

    def details(self) -> dict[str, Any]:
        """Name the service in the title."""
        title = _("Let somebody act for you at “%(service)s”") % {"service": self.service.name}
        return {**super().details(), "title": title}


class ActingPage(CitizenView):
    """Asks for whom the citizen signs in."""

    account: Account
    asked: SignIn

    def find_obstacle(self) -> HttpResponse | None:
        """Go on with whatever else the citizen was doing."""
        if self.session.account is None or self.sign_in is None or self.sign_in.status != "started":
            return continue_journey(self.session) if self.session.is_signed_in else self.go("sign-in")
        self.account, self.asked = self.session.account, self.sign_in
        return None

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the choice; go on when there is none."""
        if self.asked.power is None and is_person_settled(self.asked, account=self.account):
            return continue_sign_in(self.asked, session=self.session)
        return self._show(ActingForm(choices=self._choices()))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Remember the choice, and go on."""
        form = ActingForm(request.POST, choices=self._choices())
        if not form.is_valid():
            return self._show(form)
        person = form.cleaned_data["person"]
        power_id = None if person == MYSELF else UUID(person)
        if not choose_person(self.asked, account=self.account, power_id=power_id):
            return self.go("acting")
        return continue_sign_in(self.asked, session=self.session)

    def _choices(self) -> list[tuple[str, str]]:
        powers = usable_powers(self.account, sign_in=self.asked)
        words = scope_words(powers)
        return [(str(power.pk), _for(power, words)) for power in powers]

    def _show(self, form: Form) -> HttpResponse:
        lead = [_("The service is told who you are, and for whom you act. They see it in their account.")]
        values = {"title": _("Sign in for yourself or for another"), "lead": lead, "button": _("Continue")}
        return self.show("form_page.html", {"form": form, **values})


def _for(power: Power, words: dict[Any, str]) -> str:
    scopes = ", ".join(words.get((power.service_id, name), name) for name in power.scopes)
    return _("For %(name)s: %(scopes)s") % {"name": name_of(power), "scopes": scopes}
