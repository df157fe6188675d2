"""Giving each event its position in its service's stream.

A transaction may take a lower ``sequence`` than another and commit after it, so a reader who goes by ``sequence`` can
pass an event by. Positions are given here instead, to committed events only, by whoever holds the stream's lock until
it commits: when a position can be seen, so can every one before it. Within a subject, positions follow ``sequence``,
because events of one subject are written under the lock of the subject's row (``gaap.states.move``).
"""

import uuid
from collections.abc import Callable, Sequence

from django.db import connection, transaction

from gaap.events.models import EventStream
from gaap.outbox.horizon import first_that_may_wait
from gaap.outbox.models import OutboxEvent, OutboxEventQuerySet

BATCH_SIZE = 500

Listener = Callable[[uuid.UUID, Sequence[OutboxEvent]], None]

_listeners: list[Listener] = []


def on_placed(listener: Listener) -> Listener:
    """Decorate a function so that it is called with a service's id and each batch of its events, in order.

    It is called exactly once for each event, in the transaction that gives the positions, and works on the database
    alone: if it fails, the events wait.
    """
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def place_waiting(limit: int = BATCH_SIZE) -> int:
    """Give positions to waiting events, at most ``limit`` of each service, and return to how many."""
    unplaced = OutboxEvent.objects.unplaced().filter(sequence__gte=first_that_may_wait())
    services = unplaced.order_by().values_list("service_id", flat=True).distinct()
    return sum(_place(service_id, unplaced, limit) for service_id in services if service_id)


def lock_stream(service_id: uuid.UUID) -> EventStream:
    """Return the service's stream, locked until the end of the caller's transaction."""
    stream, _ = EventStream.objects.select_for_update().get_or_create(service_id=service_id)
    return stream


@transaction.atomic
def _place(service_id: uuid.UUID, unplaced: OutboxEventQuerySet, limit: int) -> int:
    stream = lock_stream(service_id)
    events = list(unplaced.filter(service_id=service_id)[:limit])
    if not events:
        return 0
    for position, event in enumerate(events, start=stream.last_position + 1):
        event.position = position
    _write_positions(events, after=stream.last_position)
    EventStream.objects.filter(pk=stream.pk).update(last_position=stream.last_position + len(events))
    for listener in _listeners:
        listener(service_id, events)
    return len(events)


def _write_positions(events: Sequence[OutboxEvent], *, after: int) -> None:
    """Number the events from ``after`` on, in one statement that does not grow with the square of their number."""
    marks = ", ".join(["%s"] * len(events))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE gaap_outboxevent SET position = %s + numbered.place FROM ("  # noqa: S608
            "SELECT sequence AS key, row_number() OVER (ORDER BY sequence) AS place FROM gaap_outboxevent"
            f" WHERE sequence IN ({marks})) AS numbered WHERE gaap_outboxevent.sequence = numbered.key",
            [after, *(event.pk for event in events)],
        )
