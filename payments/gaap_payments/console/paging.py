"""Paging through rows with times from the newest back: by the last row seen, without counting."""

from collections.abc import Sequence
from typing import Any

from django.db import connections
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from gaap.console.paging import CURSOR, PAGE_SIZE, RowPage


def timed_page(
    request: HttpRequest, found: "QuerySet[Any]", *, among: "QuerySet[Any]", parts: Sequence[Q] = ()
) -> RowPage:
    """Return the page that ``?before=<primary key>`` asks for of ``found``, rows with ``created_at``.

    The row of the cursor is looked for in ``among``, what the person may see; any other is no cursor. ``parts`` are
    conditions of which each row has one, when an index gives the newest of each part but not of all together.
    """
    last = _row_before(request.GET.get(CURSOR, ""), among)
    if last is not None:
        earlier = Q(created_at__lt=last.created_at) | Q(pk__lt=last.pk)
        found = found.filter(earlier, created_at__lte=last.created_at)
    rows = list(_newest(_of_parts(found, parts)))
    older = changed_query(request, **{CURSOR: str(rows[PAGE_SIZE - 1].pk)}) if len(rows) > PAGE_SIZE else ""
    return RowPage(rows[:PAGE_SIZE], older, (changed_query(request) or "?") if last is not None else "")


def _newest(found: "QuerySet[Any]") -> "QuerySet[Any]":
    return found.order_by("-created_at", "-id")[: PAGE_SIZE + 1]


def _of_parts(found: "QuerySet[Any]", parts: Sequence[Q]) -> "QuerySet[Any]":
    """Narrow to the newest rows among the newest of each part, in one statement; SQLite sorts them all instead."""
    if len(parts) < 2 or not connections[found.db].features.supports_slicing_ordering_in_compound:
        return found
    first, *others = (_newest(found.filter(part)).values_list("created_at", "id") for part in parts)
    return found.filter(pk__in=[key for _moment, key in _newest(first.union(*others, all=True))])


def changed_query(request: HttpRequest, **changes: str) -> str:
    """Return the address's query without its cursor and with ``changes``; empty when nothing is left."""
    query = request.GET.copy()
    query.pop(CURSOR, None)
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}" if query else ""


def _row_before(cursor: str, among: "QuerySet[Any]") -> Any:
    is_key = cursor.isascii() and cursor.isalnum() and len(cursor) < 32
    try:
        return among.filter(pk=cursor).first() if is_key else None
    except (ValueError, OverflowError):
        return None
