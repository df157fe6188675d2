"""Writing events: in the transaction of what they tell."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction

from gaap.clock import now
from gaap.components import known_events
from gaap.copying import copy_rows
from gaap.events.schemas import check_data
from gaap.identifiers import new_uuid
from gaap.outbox.models import OutboxEvent
from gaap.rows import change_rows, insert_rows
from gaap.tasks import relay_events
from gaap.work import wake

#: What a new event has, in the order in which many are copied.
COPIED_COLUMNS = ("id", "name", "service_id", "subject", "data", "occurred_at", "attempts", "failure")


@dataclass(frozen=True)
class NewEvent:
    """An event to be written; the fields are those of ``emit``."""

    name: str
    service_id: uuid.UUID | None
    subject: str
    data: Mapping[str, Any] = field(default_factory=dict)


class UnknownEventError(LookupError):
    """No installed component declares the event."""


def emit(
    name: str, *, service_id: uuid.UUID | None, subject: str, data: Mapping[str, Any] | None = None
) -> OutboxEvent:
    """Write one event and wake the relay after the commit.

    ``name`` must be declared by an installed component; ``subject`` is ``noun/id``; ``data`` holds JSON values without
    personal data or secrets, as the event type's schema says. Raises UnknownEventError, EventDataError, and
    RuntimeError outside a transaction.
    """
    _require_transaction()
    event = _checked(NewEvent(name, service_id, subject, data or {}))
    event.save(force_insert=True)
    wake(relay_events)
    return event


def insert_with_event(*rows: models.Model, event: NewEvent) -> None:
    """Write new rows and the event that tells of them, in one statement where that can be, and wake the relay.

    See ``gaap.rows.insert_rows`` for what may be written so. Raises UnknownEventError and EventDataError.
    """
    insert_rows(*rows, _checked(event))
    wake(relay_events)


def change_with_event(
    model: type[models.Model],
    changes: Mapping[str, Any],
    *rows: models.Model,
    event: NewEvent,
    equal: Mapping[str, Any],
) -> bool:
    """Set columns of rows and, if any was there, write new rows and the event that tells of them, and wake the relay.

    All of it is one statement where that can be; see ``gaap.rows.change_rows``, whose answer is returned. Raises
    UnknownEventError and EventDataError.
    """
    if not change_rows(model, changes, inserting=(*rows, _checked(event)), **equal):
        return False
    wake(relay_events)
    return True


def emit_many(events: Iterable[NewEvent]) -> None:
    """Write events, in their order, as quickly as the database takes them, and wake the relay once.

    Raises what ``emit`` raises.
    """
    _copy_events(_with_known_data(events))


def emit_alike(name: str, *, service_id: uuid.UUID, subjects: Iterable[str], data: Mapping[str, Any]) -> None:
    """Do the same with one event for each of ``subjects``, all with the same data."""
    kept = dict(data)
    _check(NewEvent(name, service_id, "", kept))
    _copy_events(NewEvent(name, service_id, subject, kept) for subject in subjects)


def _copy_events(events: Iterable[NewEvent]) -> None:
    _require_transaction()
    moment = now()
    rows = ((new_uuid(), event.name, event.service_id, event.subject, event.data, moment, 0, "") for event in events)
    if copy_rows(OutboxEvent, COPIED_COLUMNS, rows):
        wake(relay_events)


def _with_known_data(events: Iterable[NewEvent]) -> Iterator[NewEvent]:
    for event in events:
        _check(event)
        yield event


def _check(event: NewEvent) -> None:
    event_type = known_events().get(event.name)
    if event_type is None:
        raise UnknownEventError(f"No component declares the event {event.name!r}.")
    check_data(event_type, event.data)


def _checked(event: NewEvent) -> OutboxEvent:
    _check(event)
    return OutboxEvent(name=event.name, service_id=event.service_id, subject=event.subject, data=dict(event.data))


def _require_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An event is written in the transaction that makes it true.")
