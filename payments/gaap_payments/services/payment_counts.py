"""How many payments there are on each day, read from the counts that PostgreSQL keeps (``PaymentCount``)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q, Sum

from gaap_payments.models import Payment, PaymentCount

#: How many days of a service one run adds up.
MOST_DAYS = 1000

#: Takes all counts of one day away and puts their sums there, in one statement: nobody ever sees another sum. What two
#: take at once, only one gets.
FOLD = """
WITH gone AS (
    DELETE FROM gaap_payments_paymentcount WHERE service_id = %s AND is_live = %s AND day = %s
    RETURNING service_id, is_live, day, status, card_brand, settled_on, number
)
INSERT INTO gaap_payments_paymentcount (service_id, is_live, day, status, card_brand, settled_on, number, is_sum)
SELECT service_id, is_live, day, status, card_brand, settled_on, SUM(number), true FROM gone
GROUP BY 1, 2, 3, 4, 5, 6 HAVING SUM(number) <> 0
"""


@dataclass(frozen=True)
class CountedSearch:
    """A search in respects that are counted.

    ``respects`` compares columns of ``PaymentCount.RESPECTS`` and no others; ``since`` counts in, ``until`` out.
    """

    service_id: UUID
    is_live: bool
    respects: Q
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Stretch:
    """Whole days, ``since`` in and ``until`` out, with the rows of a page; ``before`` of theirs come before it."""

    since: datetime
    until: datetime
    before: int


def are_counted() -> bool:
    """Tell whether the database keeps counts; one that does not is small enough to count each time."""
    return connection.vendor == "postgresql"


def daily_counts(search: CountedSearch) -> list[tuple[date, int]]:
    """Return the days with payments that fit and how many, the newest day first.

    The first and the last day are counted payment by payment where the search takes a part of them.
    """
    counts = PaymentCount.objects.filter(search.respects, service_id=search.service_id, is_live=search.is_live)
    if search.since:
        counts = counts.filter(day__gte=_day(search.since))
    if search.until:
        counts = counts.filter(day__lt=_first_day_after(search.until))
    found = dict(counts.order_by().values_list("day").annotate(Sum("number")))
    for day in _cut_days(search) & found.keys():
        found[day] = _count(search, day)
    return sorted(((day, number) for day, number in found.items() if number > 0), reverse=True)


def stretch_of(days: Sequence[tuple[date, int]], *, start: int, size: int) -> Stretch | None:
    """Return which of ``days`` hold the rows from ``start`` on, at most ``size``; None when there are no such rows."""
    seen, first = 0, None
    for day, number in days:
        if first is None and seen + number > start:
            first = (day, seen)
        seen += number
        if first is not None and seen >= start + size:
            break
    if first is None:
        return None
    return Stretch(since=midnight(day), until=midnight(first[0] + timedelta(days=1)), before=first[1])


def fold_counts() -> int:
    """Add up what was counted since the last time; return for how many days of services."""
    new = PaymentCount.objects.filter(is_sum=False).order_by()
    days = list(new.values_list("service_id", "is_live", "day").distinct()[:MOST_DAYS])
    with connection.cursor() as cursor:
        for day in days:
            cursor.execute(FOLD, day)
    return len(days)


def midnight(day: date) -> datetime:
    """Return the first moment of a day in UTC."""
    return datetime.combine(day, time.min, UTC)


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _first_day_after(until: datetime) -> date:
    day = _day(until)
    return day if until == midnight(day) else day + timedelta(days=1)


def _cut_days(search: CountedSearch) -> set[date]:
    edges = ((moment, _day(moment)) for moment in (search.since, search.until) if moment)
    return {day for moment, day in edges if moment != midnight(day)}


def _count(search: CountedSearch, day: date) -> int:
    since = max(midnight(day), search.since or midnight(day))
    until = min(midnight(day + timedelta(days=1)), search.until or midnight(day + timedelta(days=1)))
    owned = Payment.objects.filter(service_id=search.service_id, is_live=search.is_live)
    return owned.filter(search.respects, created_at__gte=since, created_at__lt=until).order_by().count()
