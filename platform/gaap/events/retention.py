"""Forgetting events that every reader has had time to fetch."""

from django.db.models import Exists, OuterRef, Q

from gaap.outbox.models import OutboxEvent
from gaap.privacy.retention import overdue
from gaap.privacy.retention_periods import Retention
from gaap.webhooks.models.deliveries import Delivery

EVENTS = Retention("events", days=90, shortest=7, longest=400)


def purge_events(limit: int) -> int:
    """Remove at most ``limit`` published events whose time is over and to which no delivery belongs any more."""
    settled = OutboxEvent.objects.filter(published_at__isnull=False)
    seen = settled.filter(Q(position__isnull=False) | Q(service_id__isnull=True))
    delivered = Exists(Delivery.objects.filter(event=OuterRef("pk")))
    old = seen.filter(overdue(EVENTS, since="occurred_at")).exclude(delivered).order_by("occurred_at")
    keys = list(old.values_list("pk", flat=True)[:limit])
    OutboxEvent.objects.filter(pk__in=keys).delete()
    return len(keys)
