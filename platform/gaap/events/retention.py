"""Forgetting events that every reader has had time to fetch."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q

from gaap.clock import now
from gaap.conf import conf
from gaap.outbox.models import OutboxEvent
from gaap.privacy.models import RetentionPeriod
from gaap.privacy.retention import overdue
from gaap.privacy.retention_periods import Retention
from gaap.webhooks.models.deliveries import Delivery

EVENTS = Retention("events", days=90, shortest=7, longest=400)


#: When events go month by month, what is older by this was in a month that could not go whole.
GRACE_BY_MONTH = timedelta(days=35)


def purge_events(limit: int) -> int:
    """Remove at most ``limit`` published events whose time is over and to which no delivery belongs any more."""
    grace = GRACE_BY_MONTH if conf.is_forgetting_by_month else timedelta()
    settled = OutboxEvent.objects.filter(published_at__isnull=False)
    seen = settled.filter(Q(position__isnull=False) | Q(service_id__isnull=True))
    delivered = Exists(Delivery.objects.filter(event=OuterRef("pk")))
    old = seen.filter(overdue(EVENTS, since="occurred_at", grace=grace)).exclude(delivered).order_by("occurred_at")
    keys = list(old.values_list("pk", flat=True)[:limit])
    OutboxEvent.objects.filter(pk__in=keys).delete()
    return len(keys)


def may_drop_events(first: int | None, end: int) -> bool:
    """Tell whether all events with these numbers may go: every service's time is over, and nothing needs one."""
    chosen = RetentionPeriod.objects.filter(noun=EVENTS.noun).values_list("days", flat=True)
    edge = now() - timedelta(days=max(EVENTS.days, *chosen, 0))
    events = OutboxEvent.objects.filter(sequence__gte=first or 0, sequence__lt=end)
    unsettled = Q(published_at__isnull=True) | Q(position__isnull=True, service_id__isnull=False)
    deliveries = Delivery.objects.filter(event__gte=first or 0, event__lt=end)
    return not any(
        rows.exists() for rows in (events.filter(occurred_at__gte=edge), events.filter(unsettled), deliveries)
    )
