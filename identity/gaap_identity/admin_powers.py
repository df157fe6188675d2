"""Operators' pages for acting for another: what can be granted, companies, and the powers of companies."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaap.actors import current_actor
from gaap.operators.acts import Act, GuardedAdmin
from gaap.operators.admin import NoDeleteAdmin
from gaap_identity.contacts import normalise_email
from gaap_identity.models import Account, Company, CompanyOfficer, Power, PowerScope
from gaap_identity.models.powers import today
from gaap_identity.services.companies import end_office, enter_officer
from gaap_identity.services.company_officers import officer_of
from gaap_identity.services.power_registers import offer_entered, save_company, save_scope
from gaap_identity.services.powers import end_power, scopes_of


@admin.register(PowerScope)
class PowerScopeAdmin(NoDeleteAdmin):
    """What people may let others do for them at a service."""

    list_display = ("identifier", "name", "service", "is_active")
    list_filter = ("is_active",)
    search_fields = ("identifier", "name", "service__name")
    autocomplete_fields = ("service",)
    fields = ("service", "identifier", "name", "names", "is_active")

    def save_model(self, request: HttpRequest, obj: PowerScope, form: Any, change: bool) -> None:
        """Store through the service, which records the change."""
        save_scope(obj, by=current_actor())


@admin.register(Company)
class CompanyAdmin(NoDeleteAdmin):
    """Companies whose officers may act for them."""

    list_display = ("name", "country", "number", "is_sandbox", "created_at")
    list_filter = ("is_sandbox",)
    search_fields = ("name", "number")
    fields = ("name", "country", "number")

    def save_model(self, request: HttpRequest, obj: Company, form: Any, change: bool) -> None:
        """Store through the service, which records the change."""
        save_company(obj, by=current_actor())


class OfficerForm(forms.ModelForm[CompanyOfficer]):
    """Who speaks for a company, as an operator has seen it proven."""

    email = forms.CharField(label=gettext_lazy("email address of the officer"), max_length=254)

    class Meta:
        model = CompanyOfficer
        fields: ClassVar[list[str]] = ["company"]

    def clean(self) -> dict[str, Any]:
        """Find the account, which must not be an officer already."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        account = Account.objects.with_email(self._address()).filter(is_sandbox=False).first()
        if account is None:
            self.add_error("email", _("Nobody has an account with this address"))
        elif values.get("company") and officer_of(values["company"], account=account):
            self.add_error("email", _("They are an officer of this company already"))
        else:
            self.instance.account = account
        return values

    def _address(self) -> str:
        try:
            return normalise_email(self.cleaned_data.get("email", ""))
        except forms.ValidationError:
            return ""


@admin.register(CompanyOfficer)
class CompanyOfficerAdmin(GuardedAdmin):
    """Who speaks for companies: proven by the register, or entered here by an operator who has seen it proven."""

    form = OfficerForm
    list_display = ("id", "company", "is_entered", "created_at", "ended_at")
    list_filter = ("is_entered", "created_at")
    search_fields = ("id", "company__name", "company__number")
    autocomplete_fields = ("company",)
    shown = ("id", "company", "is_entered", "created_at", "ended_at")
    acts = (
        Act(
            "end",
            gettext_lazy("End"),
            gettext_lazy("They speak for the company no more. What it allowed others stays."),
            lambda row, request, asked: end_office(row, by=current_actor()),
        ),
    )

    def get_fields(self, request: HttpRequest, obj: CompanyOfficer | None = None) -> Any:
        """Ask for company and address of a new one; of one that stands, show what is nobody's address."""
        return self.shown if obj else ("company", "email")

    def get_readonly_fields(self, request: HttpRequest, obj: CompanyOfficer | None = None) -> Any:
        """Leave what stands as it is."""
        return self.shown if obj else ()

    def save_model(self, request: HttpRequest, obj: CompanyOfficer, form: Any, change: bool) -> None:
        """Enter the officer; one that stands is never changed."""
        if not change:
            enter_officer(obj, by=current_actor())


class CompanyPowerForm(forms.ModelForm[Power]):
    """What an officer may do for a company; both are told in their accounts once the officer accepts."""

    email = forms.CharField(label=gettext_lazy("email address of the officer"), max_length=254)
    scopes = forms.CharField(
        label=gettext_lazy("what it allows"), help_text=gettext_lazy("Identifiers with a space between them.")
    )

    class Meta:
        model = Power
        fields: ClassVar[list[str]] = ["company", "service", "email", "scopes", "starts_on", "ends_on"]

    def clean_email(self) -> str:
        """Normalise the address."""
        return normalise_email(self.cleaned_data["email"])

    def clean_scopes(self) -> list[str]:
        """Split the text into identifiers."""
        return str(self.cleaned_data["scopes"]).split()

    def clean(self) -> dict[str, Any]:
        """Refuse what the service does not know, days in the wrong order, and a power of no company."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not values.get("company"):
            self.add_error("company", _("Choose the company"))
        known = {scope.identifier for scope in scopes_of(values["service"])} if values.get("service") else set()
        if not set(values.get("scopes", ())) <= known:
            self.add_error("scopes", _("The service knows no such power"))
        starts_on, ends_on = values.get("starts_on"), values.get("ends_on")
        if starts_on and ends_on and ends_on < max(starts_on, today()):
            self.add_error("ends_on", _("The last day must not be before the first, nor in the past"))
        return values


@admin.register(Power)
class PowerAdmin(GuardedAdmin, NoDeleteAdmin):
    """Powers: those of companies are entered here, those of people are the people's own; either can be ended."""

    form = CompanyPowerForm
    list_display = ("id", "service", "company", "status", "starts_on", "ends_on", "created_at")
    list_filter = ("status", "created_at")
    search_fields = ("id", "company__name", "company__number")
    autocomplete_fields = ("company", "service")
    shown = ("id", "service", "company", "scopes", "starts_on", "ends_on", "status", "created_at", "finished_at")
    acts = (
        Act(
            "end",
            gettext_lazy("End"),
            gettext_lazy("Nobody can act with it any more, and the services where it was used are told."),
            lambda row, request, asked: end_power(row, by=current_actor()),
        ),
    )

    def get_fields(self, request: HttpRequest, obj: Power | None = None) -> Any:
        """Ask for everything of a new one; of one that stands, show what is nobody's address."""
        return self.shown if obj else CompanyPowerForm.Meta.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Power | None = None) -> Any:
        """Leave what stands as it is."""
        return self.shown if obj else ()

    def save_model(self, request: HttpRequest, obj: Power, form: Any, change: bool) -> None:
        """Offer it to the officer; a power that stands is never changed."""
        if not change:
            offer_entered(obj, by=current_actor())
