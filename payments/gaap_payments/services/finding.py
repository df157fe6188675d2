"""One page of what a search finds, with how many it finds, whatever their number."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

from gaap_payments.services.payment_counts import CountedSearch, are_counted, daily_counts, stretch_of

ALL_AT_ONCE = """
WITH found AS {fence} ({found})
SELECT id, (SELECT COUNT(*) FROM found) FROM found ORDER BY created_at DESC, id DESC LIMIT %s OFFSET %s
"""


@dataclass(frozen=True)
class FoundPage:
    """How many rows a search finds in all, and those of one page, newest first."""

    total: int
    rows: list[Any]


def find_page(owned: "QuerySet[Any]", condition: Q, *, start: int, size: int) -> FoundPage:
    """Find ``size`` rows from ``start`` on among ``owned`` and count them all in one pass.

    The pass reads keys; only the page's rows are read whole. It goes the way that finds all of them soonest, because
    it counts them: by an index for what is asked, not from the newest row on until a page is full.
    """
    found = owned.filter(condition).order_by()
    keys = _keys(found, start=start, size=size)
    if not keys:
        return FoundPage(found.count() if start else 0, [])
    return FoundPage(keys[0][1], list(owned.filter(pk__in=[key for key, _ in keys])))


def find_counted_page(
    owned: "QuerySet[Any]", condition: Q, counted: CountedSearch, *, start: int, size: int
) -> FoundPage:
    """As ``find_page``, for payments in respects that are counted: no row is read that is not near the page."""
    if not are_counted():
        return find_page(owned, condition, start=start, size=size)
    days = daily_counts(counted)
    return FoundPage(sum(number for _, number in days), _rows(owned.filter(condition), days, start=start, size=size))


def _rows(found: "QuerySet[Any]", days: list[tuple[date, int]], *, start: int, size: int) -> list[Any]:
    stretch = stretch_of(days, start=start, size=size)
    if stretch is None:
        return []
    within = found.filter(created_at__gte=stretch.since, created_at__lt=stretch.until)
    return list(within[start - stretch.before : start - stretch.before + size])


def _keys(found: "QuerySet[Any]", *, start: int, size: int) -> list[tuple[str, int]]:
    """Return the keys of a page, each with how many rows are found in all."""
    try:
        statement, values = found.values("id", "created_at").query.sql_with_params()
    except EmptyResultSet:
        return []
    # All is counted anyway; a planner that saw the LIMIT would go from the newest row on and hope that the page is full
    # soon.
    fence = "MATERIALIZED" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(ALL_AT_ONCE.format(fence=fence, found=statement), [*values, size, start])
        return list(cursor.fetchall())
