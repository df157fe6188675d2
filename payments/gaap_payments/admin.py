"""Payments for platform operators: money to look at, gateway accounts to look after."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gaap.actors import current_actor
from gaap.operators.admin import NoDeleteAdmin, ReadOnlyAdmin, ReadOnlyInline
from gaap_payments import money_admin  # noqa: F401 - registers its own
from gaap_payments.currencies import CODES
from gaap_payments.models import (
    DirectDebit,
    GatewayAccount,
    Mandate,
    Payment,
    PaymentEvent,
    PaymentSettings,
    ProviderOperation,
    Receipt,
    ReceivedProviderEvent,
)
from gaap_payments.providers import registry
from gaap_payments.services.accounts import account_faults, save_account, save_settings
from gaap_payments.states import PUBLIC_STATES, stored_statuses


class PublicStateFilter(admin.SimpleListFilter):
    """Payments by the state that the API shows."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every public state."""
        return [(status, status) for status in dict.fromkeys(state.status for state in PUBLIC_STATES.values())]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Narrow to the chosen state."""
        state = self.value()
        return queryset.filter(status__in=stored_statuses(state)) if state else queryset


class PaymentEventInline(ReadOnlyInline):
    """The payment's life."""

    model = PaymentEvent
    fields = ("occurred_at", "status", "actor")
    readonly_fields = fields
    show_change_link = False


class ProviderOperationInline(ReadOnlyInline):
    """What the provider was asked to do."""

    model = ProviderOperation
    fields = ("kind", "outcome", "tries", "started_at", "finished_at", "failure")
    readonly_fields = fields
    show_change_link = False


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    """Payments. The payer's name, address and email are left to the service's own team."""

    list_display = ["id", "service", "reference", "money", "public_status", "is_live", "created_at"]
    list_filter = [PublicStateFilter, "is_live", "currency", ("due_at", admin.EmptyFieldListFilter)]
    list_select_related = ["service"]
    search_fields = ["id__exact", "reference__iexact", "provider_id__exact"]
    search_help_text = _("Payment ID, reference, or the provider's ID")
    date_hierarchy = "created_at"
    show_full_result_count = False
    inlines = [PaymentEventInline, ProviderOperationInline]
    fields = [
        "id",
        "service",
        "gateway_account",
        "is_live",
        "status",
        "public_status",
        "money",
        "reference",
        "description",
        "language",
        "is_capture_delayed",
        "is_moto",
        "created_at",
        "created_by",
        "provider_id",
        "card_brand",
        "card_type",
        "last_digits",
        "capture_submitted_at",
        "captured_at",
        "due_at",
        "attempts",
    ]

    @admin.display(description=_("amount"), ordering="amount")
    def money(self, payment: Payment) -> str:
        """The amount with its currency."""
        return payment.money.format()

    @admin.display(description=_("state"), ordering="status")
    def public_status(self, payment: Payment) -> str:
        """What the API says."""
        state = payment.state
        return f"{state.status} ({state.code})" if state.code else state.status


def provider_choices() -> list[tuple[str, str]]:
    """Return every installed provider. A form copies its fields, and a registry cannot be copied."""
    return registry.choices()


class GatewayAccountForm(forms.ModelForm[GatewayAccount]):
    """An account without its secrets: they are written here and never shown."""

    provider = forms.ChoiceField(label=_("Provider"), choices=provider_choices)
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in sorted(CODES)], initial="GBP")
    new_credentials = forms.JSONField(
        label=_("Credentials"),
        required=False,
        help_text=_("JSON as the provider wants it. Leave empty to keep what is stored; it is never shown."),
    )

    class Meta:
        model = GatewayAccount
        fields = ("service", "provider", "is_live", "currency", "is_enabled")

    def clean(self) -> dict[str, Any]:
        """Refuse a set-up that the provider cannot work with."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return data
        service = data.get("service") or self.instance.service
        is_live = data.get("is_live", self.instance.is_live)
        if is_live and not service.is_live:
            self.add_error("is_live", _("A trial service cannot have a live account."))
        given = data["new_credentials"]
        for fault in account_faults(
            provider=data.get("provider", self.instance.provider),
            is_live=is_live,
            currency_code=data["currency"],
            credentials=self.instance.credentials if given is None else given,
        ):
            self.add_error(None, fault)
        return data


@admin.register(GatewayAccount)
class GatewayAccountAdmin(NoDeleteAdmin):
    """Accounts at providers."""

    form = GatewayAccountForm
    list_display = ["id", "service", "provider", "is_live", "currency", "is_enabled", "created_at"]
    list_filter = ["provider", "is_live", "is_enabled", "currency"]
    list_select_related = ["service"]
    search_fields = ["id__exact", "service__name", "service__id__exact"]
    autocomplete_fields = ["service"]

    def get_readonly_fields(self, request: HttpRequest, obj: GatewayAccount | None = None) -> tuple[str, ...]:
        """An account stays with its service and provider, and stays live or test: its payments live there."""
        return ("service", "provider", "is_live") if obj else ()

    def save_model(self, request: HttpRequest, obj: GatewayAccount, form: Any, change: bool) -> None:
        """Save through the service, which audits."""
        save_account(
            obj.service,
            provider=obj.provider,
            is_live=obj.is_live,
            currency_code=obj.currency,
            credentials=form.cleaned_data["new_credentials"],
            is_enabled=obj.is_enabled,
            id=obj.pk,
            by=current_actor(),
        )


@admin.register(PaymentSettings)
class PaymentSettingsAdmin(NoDeleteAdmin):
    """How a service's payment pages behave."""

    list_display = ["service", "email", "collects_billing_address", "allows_zero", "allows_moto"]
    list_select_related = ["service"]
    search_fields = ["service__name"]
    autocomplete_fields = ["service"]

    def save_model(self, request: HttpRequest, obj: PaymentSettings, form: Any, change: bool) -> None:
        """Save through the service, which audits."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name != "service"}
        saved = save_settings(obj.service, by=current_actor(), **changes)
        obj.pk = saved.pk


@admin.register(Mandate)
class MandateAdmin(ReadOnlyAdmin):
    """Direct Debit mandates. The payer's name and address are left to the service's own team."""

    list_display = ["id", "service", "reference", "status", "is_live", "created_at"]
    list_filter = ["status", "is_live"]
    list_select_related = ["service"]
    search_fields = ["id__exact", "reference__iexact", "provider_id__exact", "bank_statement_reference__exact"]
    fields = ["id", "service", "gateway_account", "is_live", "status", "reference", "description", "language"]
    fields += ["created_at", "created_by", "session_id", "provider_id", "bank_statement_reference", "due_at"]
    show_full_result_count = False


@admin.register(DirectDebit)
class DirectDebitAdmin(ReadOnlyAdmin):
    """Payments collected under a mandate."""

    list_display = ["id", "service", "mandate", "money", "status", "is_live", "created_at"]
    list_filter = ["status", "is_live"]
    list_select_related = ["service", "mandate"]
    search_fields = ["id__exact", "reference__iexact", "provider_id__exact", "mandate__id__exact"]
    fields = ["id", "service", "mandate", "is_live", "status", "amount", "currency", "reference", "description"]
    fields += ["created_at", "created_by", "provider_id", "failure", "due_at"]
    show_full_result_count = False


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    """The emails that told payers what they paid; the address stands with the payment."""

    list_display = ["created_at", "payment", "kind", "sent_at", "failure"]
    list_filter = ["kind", ("sent_at", admin.EmptyFieldListFilter)]
    list_select_related = ["payment"]
    search_fields = ["payment__id__exact"]
    fields = ["payment", "kind", "amount", "created_at", "sent_at", "message_id", "failure"]
    show_full_result_count = False


@admin.register(ReceivedProviderEvent)
class ReceivedProviderEventAdmin(ReadOnlyAdmin):
    """What providers sent; the content stays encrypted."""

    list_display = ["received_at", "account", "event_id", "payment_id", "is_verified", "processed_at", "failure"]
    list_filter = ["is_verified", ("processed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["account"]
    search_fields = ["event_id__exact", "payment_id__exact"]
    fields = ["received_at", "account", "event_id", "payment_id", "is_verified", "processed_at", "failure"]
    show_full_result_count = False
