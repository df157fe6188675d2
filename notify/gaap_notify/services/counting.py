"""Counting messages by day, so that no report has to count them one by one.

``count_messages`` takes messages that have come to their end, adds them to their day's counts and marks them as
counted, all in one transaction: what dies halfway has counted nothing, and two at once take different messages. The one
message that goes on after its end, a letter that comes back, is taken out of the counts by ``take_back`` in the
transaction that moves it, and counted anew. Whoever reads adds the few that are not counted yet, and so is right at any
moment, however long ago the last counting was.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from datetime import date, timedelta
from typing import Any, Self
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from gaap_notify.models import DailyCount, Notification
from gaap_notify.models.channels import Channel
from gaap_notify.models.notifications import HANDED_OVER, NotificationQuerySet
from gaap_notify.states import COMPLETED

#: A message counts as handed over in time when a provider has it this soon (the spec's part E).
IN_TIME = timedelta(seconds=10)
BATCH = 2000


@dataclass(frozen=True)
class Kind:
    """What is counted together: the columns that make a ``DailyCount`` unique."""

    service_id: UUID
    day: date
    template_id: UUID
    type: str
    status: str
    postage: str = ""
    sheets: int = 0


@dataclass
class Tally:
    """How many there are of a kind."""

    messages: int = 0
    units: int = 0
    letters: int = 0
    handed_over: int = 0
    in_time: int = 0

    def add(self, other: Self, *, times: int = 1) -> None:
        """Add ``other``; with -1 times, take it away."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + times * getattr(other, one.name))


#: The columns that are summed up.
TALLIES = tuple(one.name for one in fields(Tally))


def count_messages(limit: int = BATCH) -> int:
    """Count at most ``limit`` messages that have ended and are not counted; return how many were taken."""
    with transaction.atomic():
        keys = _lock(limit)
        _write(_tallied(Notification.objects.filter(pk__in=keys)))
        Notification.objects.filter(pk__in=keys).update(is_counted=True)
    return len(keys)


def take_back(notification_id: UUID, *, status: str) -> bool:
    """Take a message that had ``status`` out of the counts; returns False when they do not hold it.

    To be called in the transaction that changed the status, which keeps the message from being counted meanwhile.
    """
    rows = Notification.objects.filter(pk=notification_id)
    if not rows.filter(is_counted=True).update(is_counted=False):
        return False
    _write(_tallied(rows, status=status, times=-1))
    return True


def _lock(limit: int) -> list[UUID]:
    rows = Notification.objects.uncounted().filter(status__in=COMPLETED)
    skips = connection.features.has_select_for_update_skip_locked
    return list(rows.select_for_update(skip_locked=skips).values_list("pk", flat=True)[:limit])


def _tallied(messages: NotificationQuerySet, *, status: str = "", times: int = 1) -> Mapping[Kind, Tally]:
    """Return how many messages there are of each kind, as if all had ``status`` when it is given."""
    found: dict[Kind, Tally] = defaultdict(Tally)
    for row in _rows(messages):
        found[_kind(row, status or row["status"])].add(_tally(row), times=times)
    return found


def _rows(messages: NotificationQuerySet) -> Iterable[dict[str, Any]]:
    rows: Iterable[dict[str, Any]] = messages.values(
        *("service_id", "created_at", "template_version__template_id", "type", "status"),
        *("sent_at", "fragments", "rate_multiplier", "letter__postage", "letter__pages"),
    )
    return rows


def _kind(row: Mapping[str, Any], status: str) -> Kind:
    return Kind(
        service_id=row["service_id"],
        day=timezone.localtime(row["created_at"]).date(),
        template_id=row["template_version__template_id"],
        type=row["type"],
        status=status,
        postage=row["letter__postage"] or "",
        sheets=((row["letter__pages"] or 0) + 1) // 2,
    )


def _tally(row: Mapping[str, Any]) -> Tally:
    if row["sent_at"] is None:
        return Tally(messages=1)
    is_handed_over = row["type"] in HANDED_OVER
    return Tally(
        messages=1,
        units=row["fragments"] * row["rate_multiplier"],
        letters=int(row["type"] == Channel.LETTER),
        handed_over=int(is_handed_over),
        in_time=int(is_handed_over and row["sent_at"] - row["created_at"] <= IN_TIME),
    )


def _write(changes: Mapping[Kind, Tally]) -> None:
    """Add to what is there, in one statement; in the same order always, so that two of these never lock each other."""
    ordered = sorted(changes.items(), key=lambda item: tuple(map(str, astuple(item[0]))))
    if not ordered:
        return
    quote, kinds, tallies = connection.ops.quote_name, [one.name for one in fields(Kind)], TALLIES
    table = quote(DailyCount._meta.db_table)
    row = f"({', '.join(['%s'] * (len(kinds) + len(tallies)))})"
    added = ", ".join(f"{quote(name)} = {table}.{quote(name)} + excluded.{quote(name)}" for name in tallies)
    statement = (  # Nothing but the names of our own columns is put in.
        f"INSERT INTO {table} ({', '.join(map(quote, (*kinds, *tallies)))}) VALUES {', '.join([row] * len(ordered))}"  # noqa: S608
        f" ON CONFLICT ({', '.join(map(quote, kinds))}) DO UPDATE SET {added}"
    )
    values = [_stored(name, value) for item in ordered for part in item for name, value in vars(part).items()]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _stored(name: str, value: Any) -> Any:
    """Return a value as the database keeps it in the column."""
    columns = {column.attname: column for column in DailyCount._meta.concrete_fields}
    return columns[name].get_db_prep_save(value, connection)
