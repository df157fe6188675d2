"""Who carries messages, what people text, and who gets nothing more. Changes go through the services."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gaap.actors import current_actor
from gaap.operators.admin import NoDeleteAdmin, ReadOnlyAdmin
from gaap_notify.admin.notifications import mask
from gaap_notify.models import Complaint, InboundNumber, ProviderMinute, ProviderState, Suppression
from gaap_notify.services.provider_health import set_share
from gaap_notify.services.recipients import possible_digests
from gaap_notify.services.setup import set_inbound_number
from gaap_notify.services.suppressions import lift_suppression


@admin.register(ProviderState)
class ProviderStateAdmin(NoDeleteAdmin):
    """The providers of a channel and their shares of its messages."""

    list_display = ["alias", "channel", "share", "usual_share", "is_active", "resting_until", "moved_at"]
    list_filter = ["channel", "is_active"]
    fields = ["channel", "alias", "share", "is_active", "usual_share", "resting_until", "moved_at"]
    readonly_fields = ["usual_share", "resting_until", "moved_at"]

    def save_model(self, request: HttpRequest, obj: ProviderState, form: ModelForm[Any], change: bool) -> None:
        """Save through the service, which keeps the audit."""
        set_share(obj, share=obj.share, is_active=obj.is_active, by=current_actor())


@admin.register(ProviderMinute)
class ProviderMinuteAdmin(ReadOnlyAdmin):
    """What the providers took and failed, minute by minute."""

    list_display = ["minute", "channel", "alias", "taken", "failed"]
    list_filter = ["channel", "alias"]


@admin.register(InboundNumber)
class InboundNumberAdmin(NoDeleteAdmin):
    """Numbers that people can text, and whose they are."""

    list_display = ["number", "provider", "service", "created_at"]
    list_select_related = ["service"]
    search_fields = ["number", "service__name"]
    autocomplete_fields = ["service"]
    fields = ["number", "provider", "service"]

    def save_model(self, request: HttpRequest, obj: InboundNumber, form: ModelForm[Any], change: bool) -> None:
        """Save through the service, which keeps the audit."""
        saved = set_inbound_number(obj.service, obj.number, provider=obj.provider, by=current_actor())
        obj.pk = saved.pk


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    """Recipients to whom nothing is sent; found by the whole address or number."""

    list_display = ["masked_recipient", "channel", "reason", "service", "created_at"]
    list_filter = ["channel", "reason"]
    list_select_related = ["service"]
    search_fields = ["recipient_digest"]
    search_help_text = _("The whole address or number of a recipient")
    fields = ["masked_recipient", "channel", "reason", "service", "created_at"]
    actions = ["lift"]

    @admin.display(description=_("recipient"))
    def masked_recipient(self, suppression: Suppression) -> str:
        """Return the recipient, masked."""
        return mask(suppression.recipient)

    @admin.action(description=_("Send to these recipients again"))
    def lift(self, request: HttpRequest, queryset: "QuerySet[Suppression]") -> None:
        """Lift the chosen ones."""
        for suppression in queryset:
            lift_suppression(suppression, by=current_actor())

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> tuple["QuerySet[Any]", bool]:
        """Find by the digest of a whole recipient."""
        return (queryset.filter(recipient_digest__in=possible_digests(search_term)) if search_term else queryset), False


@admin.register(Complaint)
class ComplaintAdmin(ReadOnlyAdmin):
    """Complaints about emails, as mail providers hand them on."""

    list_display = ["created_at", "service", "notification"]
    list_select_related = ["service", "notification"]
    fields = ["created_at", "service", "notification", "event_id"]
