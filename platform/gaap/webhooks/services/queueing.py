"""Writing deliveries: one for each event and each webhook that wants it."""

import uuid
from collections import Counter
from collections.abc import Sequence

from django.db import transaction

from gaap.clock import now
from gaap.events.cloudevents import envelope, to_bytes
from gaap.events.placing import lock_stream, on_placed
from gaap.identifiers import new_uuid
from gaap.outbox.models import OutboxEvent
from gaap.webhooks.models.deliveries import Delivery
from gaap.webhooks.models.subscriptions import Subscription
from gaap.webhooks.styles.base import style_named
from gaap.webhooks.tasks import wake_sender

TEST_EVENT = "webhook_tested"


@on_placed
def fan_out(service_id: uuid.UUID, events: Sequence[OutboxEvent]) -> None:
    """Write the deliveries of events that just got their place in the service's stream."""
    subscriptions = list(Subscription.objects.active().standard().filter(service_id=service_id))
    deliveries = [
        event_delivery(event, subscription=subscription)
        for event in events
        for subscription in subscriptions
        if subscription.wants(event.name)
    ]
    Delivery.objects.bulk_create(deliveries)
    wanted = Counter(delivery.subscription_id for delivery in deliveries)
    for subscription in subscriptions:
        wake_sender(subscription, deliveries=wanted[subscription.pk])


def event_delivery(event: OutboxEvent, *, subscription: Subscription, replay_of: Delivery | None = None) -> Delivery:
    """Return the unsaved delivery of an event, due now."""
    return Delivery(
        subscription=subscription,
        event=event,
        message_id=str(event.id),
        type=event.name,
        subject=event.subject,
        replay_of=replay_of,
        due_at=now(),
    )


@transaction.atomic
def queue_delivery(
    subscription: Subscription, *, message_id: str, type: str, subject: str, body: str
) -> Delivery | None:
    """Queue a message whose body a component made as its contract says; it is encrypted until it is sent.

    Call it in the transaction, or the event's subscriber, that makes the message true. Returns None when the webhook
    is not active.
    """
    if style_named(subscription.style).keeps_order:
        lock_stream(subscription.service_id)
    if not Subscription.objects.active().filter(pk=subscription.pk).exists():
        return None
    delivery = Delivery.objects.create(
        subscription=subscription, message_id=message_id, type=type, subject=subject, body=body, due_at=now()
    )
    wake_sender(subscription)
    return delivery


def queue_test(subscription: Subscription) -> Delivery | None:
    """Queue an event for this webhook alone, which stands in no stream; None when the webhook is not active."""
    message_id: uuid.UUID = new_uuid()
    subject = f"webhook/{subscription.pk}"
    document = envelope(
        id=message_id,
        service_id=subscription.service_id,
        type=TEST_EVENT,
        subject=subject,
        occurred_at=now(),
    )
    body = to_bytes({**document, "data": {"webhook_id": str(subscription.pk)}}).decode()
    return queue_delivery(subscription, message_id=str(message_id), type=TEST_EVENT, subject=subject, body=body)
