"""What operators see of webhooks: where they lead, what was sent, and every attempt. They may send again."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gaap.actors import current_actor
from gaap.operators.admin import ReadOnlyAdmin, ReadOnlyInline
from gaap.webhooks.errors import WebhookError
from gaap.webhooks.models import Delivery, DeliveryAttempt, Subscription
from gaap.webhooks.services.replays import replay_delivery
from gaap.webhooks.services.subscriptions import disable_subscription, enable_subscription


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    """Webhooks of every service and style."""

    actions = ("disable", "enable")
    list_display = ["url", "service", "style", "status", "reason", "failing_since", "created_at"]
    list_filter = ["status", "reason", "style", ("failing_since", admin.EmptyFieldListFilter)]
    list_select_related = ["service"]
    search_fields = ["url", "service__name", "service__id", "id"]

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Tell whether the operator may stop and start the sending."""
        return request.user.has_perm("gaap.change_subscription")

    @admin.action(description=_("Disable: send nothing more"), permissions=["send"])
    def disable(self, request: HttpRequest, queryset: "QuerySet[Subscription]") -> None:
        """Disable the chosen webhooks."""
        reason = Subscription.Reason.REQUESTED
        done = sum(disable_subscription(webhook, reason=reason, by=current_actor()) for webhook in queryset)
        self.message_user(request, ngettext("%d webhook disabled.", "%d webhooks disabled.", done) % done)

    @admin.action(description=_("Enable: send again from now on"), permissions=["send"])
    def enable(self, request: HttpRequest, queryset: "QuerySet[Subscription]") -> None:
        """Enable the chosen webhooks."""
        done = sum(enable_subscription(webhook, by=current_actor()) for webhook in queryset)
        self.message_user(request, ngettext("%d webhook enabled.", "%d webhooks enabled.", done) % done)


class DeliveryAttemptInline(ReadOnlyInline):
    """Every try. The receiver's answer is its service's own affair and is not shown here."""

    model = DeliveryAttempt
    show_change_link = False
    fields = ("started_at", "status_code", "error", "latency_ms")
    readonly_fields = fields


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What was sent, what waits, and what was given up."""

    actions = ("replay",)
    exclude = ("body",)
    list_display = ["type", "subject", "subscription", "status", "failure", "attempts", "due_at", "created_at"]
    list_filter = ["status", "type"]
    list_select_related = ["subscription"]
    search_fields = ["message_id", "subject", "subscription__url", "subscription__service__name"]
    inlines = [DeliveryAttemptInline]
    show_full_result_count = False

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Tell whether the operator may send again."""
        return request.user.has_perm("gaap.change_delivery")

    @admin.action(description=_("Send again"), permissions=["send"])
    def replay(self, request: HttpRequest, queryset: "QuerySet[Delivery]") -> None:
        """Queue the chosen deliveries once more, in their order."""
        deliveries = queryset.select_related("subscription", "event").order_by("sequence")
        sent = sum(self._was_queued(request, delivery) for delivery in deliveries)
        self.message_user(request, ngettext("%d delivery queued.", "%d deliveries queued.", sent) % sent)

    def _was_queued(self, request: HttpRequest, delivery: Delivery) -> bool:
        try:
            replay_delivery(delivery, by=current_actor())
        except WebhookError as error:
            self.message_user(request, f"{delivery}: {error}", messages.ERROR)
            return False
        return True
