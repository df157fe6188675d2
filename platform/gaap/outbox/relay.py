"""Publishing events from the table to their subscribers.

1. Claim the oldest waiting events with a row lock; on PostgreSQL rows that another relay holds are passed over.
2. Hand each to its subscribers within its own savepoint.
3. Mark it published, or keep the failure on the row and put it off, a little longer each time.

An event waits while an earlier one of the same subject waits, so each subject's events are published in order; those
behind a failing one are put off with it, so that they do not fill every batch.
"""

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q

from gaap.clock import now
from gaap.observing import tracing
from gaap.observing.logs import without_values
from gaap.outbox.horizon import first_that_may_wait
from gaap.outbox.models import OutboxEvent, OutboxEventQuerySet
from gaap.outbox.subscribers import subscribers_of

logger = logging.getLogger(__name__)

BATCH_SIZE = 200
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=5)


def relay_waiting(limit: int = BATCH_SIZE) -> int:
    """Publish at most ``limit`` waiting events and return how many were published."""
    published: list[int] = []
    with tracing.span("outbox.relay", kind="consumer") as relay, transaction.atomic():
        waiting = OutboxEvent.objects.waiting().filter(sequence__gte=first_that_may_wait())
        events = _claim(waiting, limit)
        relay.is_left_out = not events
        stuck = _stuck_subjects(waiting, events)
        for event in events:
            if event.subject not in stuck and _publish(event):
                published.append(event.pk)
                _trace_wait(event)
            else:
                _put_off(event, until=stuck.setdefault(event.subject, now() + _wait(event)))
        OutboxEvent.objects.filter(pk__in=published).update(published_at=now(), attempts=F("attempts") + 1, failure="")
    return len(published)


def _claim(waiting: OutboxEventQuerySet, limit: int) -> list[OutboxEvent]:
    due = waiting.filter(Q(retry_at__isnull=True) | Q(retry_at__lte=now()))
    return list(due.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)[:limit])


def _stuck_subjects(waiting: OutboxEventQuerySet, events: list[OutboxEvent]) -> dict[str, datetime]:
    """Return the subjects of which an earlier event waits, in another relay's hands or for its retry, and how long."""
    if not events:
        return {}
    first: dict[str, int] = {}
    for event in events:
        first.setdefault(event.subject, event.pk)
    earlier = waiting.filter(subject__in=first).values_list("subject", "sequence", "retry_at")
    return {subject: retry_at or now() for subject, sequence, retry_at in earlier if sequence < first[subject]}


def _trace_wait(event: OutboxEvent) -> None:
    """Note how long the event waited to be published."""
    tracing.note("outbox.wait", seconds=(now() - event.occurred_at).total_seconds(), of=event.subject)


def _put_off(event: OutboxEvent, *, until: datetime) -> None:
    OutboxEvent.objects.filter(pk=event.pk).update(retry_at=until)


def _wait(event: OutboxEvent) -> timedelta:
    doubled: int = 2 ** min(event.attempts, 10)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)


def _publish(event: OutboxEvent) -> bool:
    subscribers = subscribers_of(event.name)
    if not subscribers:
        return True
    try:
        with transaction.atomic():
            for subscriber in subscribers:
                subscriber(event)
    except Exception as error:
        logger.exception("Event %s could not be published", event.id)
        OutboxEvent.objects.filter(pk=event.pk).update(
            attempts=F("attempts") + 1, failure=without_values(f"{type(error).__name__}: {error}")[:1000]
        )
        return False
    return True
