"""Messages and receipts. Recipients are masked and texts not shown: the platform can be run without reading them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gaap.operators.admin import ReadOnlyAdmin, ReadOnlyInline
from gaap_notify.models import Notification, Receipt, SandboxMessage
from gaap_notify.services.recipients import possible_digests

_SHOWN_LETTERS = 3


def mask(recipient: str) -> str:
    """Return a recipient with just enough left to tell two apart."""
    local_part, at, host = recipient.rpartition("@")
    return f"{local_part[:1]}•••@{host}" if at else f"•••{recipient[-_SHOWN_LETTERS:]}"


class ReceiptInline(ReadOnlyInline):
    """What the provider said of the message."""

    model = Receipt
    fields = ("received_at", "provider", "outcome", "failure")
    readonly_fields = fields


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """Messages, found by reference, id, the provider's id or the whole recipient."""

    list_display = ["id", "service", "type", "masked_recipient", "status", "reference", "provider", "created_at"]
    list_filter = ["status", "type", "key_type", "provider", "created_at"]
    list_select_related = ["service"]
    search_fields = ["id", "reference", "provider_id"]
    search_help_text = _("Id, reference, the provider's id, or the whole address or number of a recipient")
    show_full_result_count = False
    inlines = [ReceiptInline]
    fields = [
        *("id", "service", "type", "template_version", "masked_recipient", "reference", "key_type", "api_key"),
        *("status", "failure", "provider", "provider_id", "attempts", "due_at"),
        *("fragments", "is_secret", "created_at", "sent_at", "completed_at"),
    ]

    @admin.display(description=_("recipient"))
    def masked_recipient(self, notification: Notification) -> str:
        """Return the recipient, masked."""
        return mask(notification.address)

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> tuple["QuerySet[Any]", bool]:
        """Find by the usual fields, or by the digest of a whole recipient."""
        digests = possible_digests(search_term)
        if digests:
            return queryset.filter(recipient_digest__in=digests), False
        return super().get_search_results(request, queryset, search_term)


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    """Calls at the receipt door, refused ones too."""

    list_display = ["received_at", "channel", "provider", "outcome", "event_id", "failure", "attempts"]
    list_filter = ["outcome", "channel", "provider"]
    search_fields = ["event_id", "notification__id"]
    show_full_result_count = False
    fields = [
        *("received_at", "channel", "provider", "event_id", "outcome", "failure", "notification", "attempts", "due_at")
    ]


@admin.register(SandboxMessage)
class SandboxMessageAdmin(ReadOnlyAdmin):
    """What the sandbox took."""

    list_display = ["notification_id", "channel", "masked_recipient", "repeats", "created_at", "due_at"]
    list_filter = ["channel", "provider"]
    search_fields = ["notification_id", "provider_id"]
    show_full_result_count = False
    fields = [
        *("notification_id", "provider_id", "channel", "provider", "masked_recipient", "sender"),
        *("repeats", "reports", "attempts", "due_at", "created_at"),
    ]

    @admin.display(description=_("recipient"))
    def masked_recipient(self, message: SandboxMessage) -> str:
        """Return the recipient, masked."""
        return mask(message.recipient)
