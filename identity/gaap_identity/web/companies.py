"""Companies in the citizen's account: becoming an officer, and letting others act for the company."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaap.organisations.models import Service
from gaap.providers.errors import ProviderError
from gaap_identity.errors import CompanyRefusedError, PowerRefusedError
from gaap_identity.models import Company
from gaap_identity.services.companies import (
    appoint,
    become_officer,
    companies_of,
    company_of,
    company_register,
    end_office,
    services_for,
)
from gaap_identity.services.company_officers import officer_of
from gaap_identity.services.power_lists import powers_of_company
from gaap_identity.services.powers import NewPower
from gaap_identity.services.sessions import citizen
from gaap_identity.web.account_base import ConfirmedPage, SignedInPage
from gaap_identity.web.base import PlainFormPage
from gaap_identity.web.power_forms import AppointForm, CompanyForm
from gaap_identity.web.powers import GivePage


class CompaniesPage(SignedInPage):
    """The companies that the citizen is an officer of."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        context = {"companies": companies_of(self.account), "can_add": company_register() is not None}
        return self.show("companies.html", context)


class AddCompanyPage(ConfirmedPage, PlainFormPage):
    """Asks for a company, and looks in its register whether the citizen is an officer."""

    form_class = CompanyForm
    title = gettext_lazy("Add a company")
    lead = (
        gettext_lazy("We look in the register of companies whether it names you as an officer."),
        gettext_lazy(
            "You need a confirmed identity (P2) with your date of birth. A service that asks for it confirms it."
        ),
    )
    button = gettext_lazy("Look it up")
    back = "companies"

    def find_obstacle(self) -> HttpResponse | None:
        """There is no such page without a register."""
        if company_register() is None:
            raise Http404
        return super().find_obstacle()

    def submit(self, form: forms.Form) -> HttpResponse:
        """Add it, or say why not."""
        try:
            company = become_officer(self.account, **form.cleaned_data)
        except CompanyRefusedError as error:
            return self.refuse(form, field="number", text=_refusal(error.reason))
        except ProviderError:
            return self.refuse(form, field="number", text=_refusal("register"))
        return _go_to(company)


class CompanyPage(SignedInPage):
    """One company: who may act for it, every use, and what the officer can do."""

    @cached_property
    def company(self) -> Company:
        """The company; answers 404 unless the citizen is its officer."""
        found = company_of(self.account, self.kwargs["company"])
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, company: UUID) -> HttpResponse:
        """Show it."""
        rows = powers_of_company(self.company, account=self.account)
        services = services_for(self.company, account=self.account)
        return self.show("company.html", {"company": self.company, "rows": rows, "services": services})


class LeavePage(CompanyPage):
    """Lets the citizen be an officer no more."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, company: UUID) -> HttpResponse:
        """End it; what the company has granted stands, for its other officers to end."""
        office = officer_of(self.company, account=self.account)
        if office is not None:
            end_office(office, by=citizen(self.account))
        return self.go("companies")


class AppointPage(GivePage):
    """Asks whom an officer lets act for the company at one service, and offers it."""

    form_class = AppointForm
    lead = (
        gettext_lazy("They see the company's name, and agree before anything happens."),
        gettext_lazy("You and they see every use, and either of you can end this at any time."),
    )

    @cached_property
    def company(self) -> Company:
        """The company; answers 404 unless the citizen is its officer."""
        found = company_of(self.account, self.kwargs["company"])
        if found is None:
            raise Http404
        return found

    @cached_property
    def service(self) -> Service:
        """The service; answers 404 unless the company can let somebody act for it there."""
        known = {service.pk: service for service in services_for(self.company, account=self.account)}
        if self.kwargs["service"] not in known:
            raise Http404
        return known[self.kwargs["service"]]

    def submit(self, form: forms.Form) -> HttpResponse:
        """Offer it, and show it with the company."""
        new = NewPower(service=self.service, **form.cleaned_data)
        try:
            appoint(new, company=self.company, account=self.account)
        except CompanyRefusedError as error:
            return self.refuse(form, field="email", text=_refusal(error.reason))
        except ProviderError:
            return self.refuse(form, field="email", text=_refusal("register"))
        except PowerRefusedError as error:
            texts = {"email": _("A test user can ask other test users only")}
            return self.refuse(form, field=error.field, text=texts.get(error.field, _("Choose what they may do")))
        return _go_to(self.company)

    def details(self) -> dict[str, Any]:
        """Name company and service in the title."""
        names = {"company": self.company.name, "service": self.service.name}
        title = _("Let somebody act for %(company)s at “%(service)s”") % names
        return {**super().details(), "title": title, "back": "gaap-identity-companies"}


def _go_to(company: Company) -> HttpResponse:
    return HttpResponseRedirect(reverse("gaap-identity-company", args=[company.pk]))


def _refusal(reason: str) -> str:
    texts = {
        "identity": _("Confirm your identity first: sign in to a service that asks for it"),
        "number": _("We found no company with this number that has you as an officer"),
        "officer": _("The register names you as an officer of this company no more"),
        "service": _("Nobody can act for this company at this service"),
    }
    return texts.get(reason, _("No register of companies can be asked at the moment"))
