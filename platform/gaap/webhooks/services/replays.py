"""Sending again what was sent, or what a webhook missed."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.events.placing import lock_stream
from gaap.outbox.models import OutboxEvent
from gaap.webhooks.errors import WebhookError, WebhookStateError
from gaap.webhooks.models.deliveries import DELIVERED, WAITING, Delivery
from gaap.webhooks.models.subscriptions import EVERY_EVENT, Subscription
from gaap.webhooks.services.queueing import event_delivery
from gaap.webhooks.tasks import wake_sender

MOST_EVENTS = 10_000


@transaction.atomic
def replay_delivery(delivery: Delivery, *, by: Actor) -> Delivery:
    """Queue a delivery once more, under the same message id; raises WebhookStateError unless its webhook is active."""
    subscription = _active(delivery.subscription)
    again = Delivery.objects.create(
        subscription=subscription,
        event=delivery.event,
        message_id=delivery.message_id,
        type=delivery.type,
        subject=delivery.subject,
        body=delivery.body,
        replay_of=delivery,
        due_at=now(),
    )
    record("webhook_delivery_replayed", target=subscription, by=by, after={"delivery": str(delivery.id)})
    wake_sender(subscription)
    return again


@transaction.atomic
def replay_range(
    subscription: Subscription, *, since: datetime, until: datetime, is_missed_only: bool, by: Actor
) -> int:
    """Queue the events that happened from ``since`` up to but not including ``until``, in their order.

    ``is_missed_only`` leaves out those that were delivered or still wait. Returns how many were queued; raises
    WebhookError for more than 10,000, WebhookStateError unless the webhook is active.
    """
    subscription = _active(subscription)
    events = _events_between(subscription, since, until, is_missed_only=is_missed_only)
    if len(events) > MOST_EVENTS:
        raise WebhookError(_("These are more than %d events. Choose a shorter time.") % MOST_EVENTS)
    earlier = _first_deliveries(subscription, events)
    Delivery.objects.bulk_create(
        event_delivery(event, subscription=subscription, replay_of=earlier.get(event.pk)) for event in events
    )
    period = {"since": since.isoformat(), "until": until.isoformat(), "events": len(events)}
    record("webhook_range_replayed", target=subscription, by=by, after=period)
    wake_sender(subscription, deliveries=len(events))
    return len(events)


def _active(subscription: Subscription) -> Subscription:
    """Return the webhook as it is now, with its service's stream locked; raises WebhookStateError."""
    lock_stream(subscription.service_id)
    current = Subscription.objects.active().filter(pk=subscription.pk).first()
    if current is None:
        raise WebhookStateError(_("The webhook is not active."))
    return current


def _events_between(
    subscription: Subscription, since: datetime, until: datetime, *, is_missed_only: bool
) -> Sequence[OutboxEvent]:
    events = OutboxEvent.objects.stream(subscription.service_id).filter(occurred_at__gte=since, occurred_at__lt=until)
    if EVERY_EVENT not in subscription.events:
        events = events.filter(name__in=subscription.events)
    if is_missed_only:
        settled = Delivery.objects.filter(subscription=subscription, status__in=[DELIVERED, WAITING])
        events = events.exclude(pk__in=settled.filter(event__isnull=False).values("event"))
    return list(events[: MOST_EVENTS + 1])


def _first_deliveries(subscription: Subscription, events: Sequence[OutboxEvent]) -> dict[int, Delivery]:
    found = Delivery.objects.filter(subscription=subscription, replay_of__isnull=True, event__isnull=False)
    if events:
        found = found.filter(event__gte=min(event.pk for event in events), event__lte=max(event.pk for event in events))
    return {delivery.event_id: delivery for delivery in found if delivery.event_id}
