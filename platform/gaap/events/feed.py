"""Reading a service's stream, page by page."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from threading import BoundedSemaphore

from django.db import connection

from gaap.conf import conf
from gaap.events.models import EventStream
from gaap.outbox.models import OutboxEvent

POLL_SECONDS = 0.5

_waiters = BoundedSemaphore(conf.event_waiters)


@dataclass(frozen=True)
class FeedQuery:
    """What a reader asks for: at most ``limit`` events after a position, of some types and one subject, or all."""

    service_id: uuid.UUID
    after: int
    limit: int
    types: Sequence[str] = ()
    subject: str = ""


@dataclass(frozen=True)
class Page:
    """Events in order. ``position`` is where to go on from, also when no event was found."""

    events: Sequence[OutboxEvent]
    position: int
    has_more: bool


def read_page(query: FeedQuery) -> Page:
    """Return the next page of the stream, in two queries, or one when nothing is new."""
    head = head_position(query.service_id)
    if head <= query.after:
        return Page([], query.after, has_more=False)
    events = OutboxEvent.objects.stream(query.service_id).filter(position__gt=query.after)
    if query.types:
        events = events.filter(name__in=query.types)
    if query.subject:
        events = events.filter(subject=query.subject)
    found = list(events[: query.limit + 1])
    page = found[: query.limit]
    last = page[-1].position or 0 if page else query.after
    # The head was read first: everything up to it was seen, so a reader need not look through it again.
    has_more = len(found) > query.limit
    return Page(page, last if has_more else max(last, head), has_more)


def await_page(query: FeedQuery, *, seconds: float) -> Page:
    """Return the next page, waiting up to ``seconds`` for one with events.

    A process lets a few readers wait at a time (``GAAP_EVENT_WAITERS``); others get their answer at once. Nobody
    holds a database connection while waiting.
    """
    deadline = time.monotonic() + seconds
    page = read_page(query)
    if page.events or seconds <= 0 or not _waiters.acquire(blocking=False):
        return page
    try:
        while not page.events and (left := deadline - time.monotonic()) > 0:
            _release_connection()
            time.sleep(min(POLL_SECONDS, left))
            page = read_page(query)
    finally:
        _waiters.release()
    return page


def head_position(service_id: uuid.UUID) -> int:
    """Return the position of the newest event in the service's stream, 0 when there is none."""
    return EventStream.objects.filter(pk=service_id).values_list("last_position", flat=True).first() or 0


def find_event(service_id: uuid.UUID, event_id: uuid.UUID) -> OutboxEvent | None:
    """Return one event of the service's stream."""
    return OutboxEvent.objects.stream(service_id).filter(id=event_id).first()


def _release_connection() -> None:
    if not connection.in_atomic_block:
        connection.close()
