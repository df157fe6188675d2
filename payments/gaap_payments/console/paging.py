"""Paging through rows with times from the newest back: by the last row seen, without counting."""

from typing import Any

from django.db.models import Q, QuerySet

from gaap.console.access import ServiceRequest
from gaap.console.paging import CURSOR, PAGE_SIZE, RowPage


def timed_page(request: ServiceRequest, found: "QuerySet[Any]", *, among: "QuerySet[Any]") -> RowPage:
    """Return the page that ``?before=<primary key>`` asks for of ``found``, rows with ``created_at``.

    The row of the cursor is looked for in ``among``, what the team may see; any other is no cursor.
    """
    last = _row_before(request.GET.get(CURSOR, ""), among)
    if last is not None:
        earlier = Q(created_at__lt=last.created_at) | Q(pk__lt=last.pk)
        found = found.filter(earlier, created_at__lte=last.created_at)
    rows = list(found.order_by("-created_at", "-pk")[: PAGE_SIZE + 1])
    older = changed_query(request, **{CURSOR: str(rows[PAGE_SIZE - 1].pk)}) if len(rows) > PAGE_SIZE else ""
    return RowPage(rows[:PAGE_SIZE], older, (changed_query(request) or "?") if last is not None else "")


def changed_query(request: ServiceRequest, **changes: str) -> str:
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
