"""Paging through rows that only grow: from the newest back, without counting them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50
CURSOR = "before"


@dataclass(frozen=True)
class RowPage:
    """The rows of one page, newest first; ``older`` and ``newest`` are query strings, or empty."""

    rows: list[Any]
    older: str
    newest: str


def row_page(request: HttpRequest, rows: "QuerySet[Any]") -> RowPage:
    """Return the page of ``rows`` that the request asks for by ``?before=<primary key>``."""
    cursor = request.GET.get(CURSOR, "")
    if cursor.isdecimal() and len(cursor) < 19:
        rows = rows.filter(pk__lt=int(cursor))
    found = list(rows.order_by("-pk")[: PAGE_SIZE + 1])
    page = found[:PAGE_SIZE]
    return RowPage(
        rows=page,
        older=_query(request, before=page[-1].pk) if len(found) > PAGE_SIZE else "",
        newest=_query(request) if cursor else "",
    )


def _query(request: HttpRequest, **changes: Any) -> str:
    kept = {name: value for name, value in request.GET.items() if name != CURSOR and value}
    return "?" + urlencode({**kept, **changes})
