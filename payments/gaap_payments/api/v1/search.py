"""Searching (contract A.8): reading what is asked for, and the envelope around one page of results."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from gaap_payments.api.v1.base import absolute
from gaap_payments.api.v1.errors import ApiError
from gaap_payments.api.v1.filters import Filter
from gaap_payments.services.finding import FoundPage, find_page

MAXIMUM_SIZE = 500


@dataclass(frozen=True)
class SearchKind:
    """How one noun is searched.

    ``names`` maps a filter to the name under which the contract reports a wrong value, where the two differ.
    """

    url_name: str
    filters: Mapping[str, Filter]
    document: Callable[[Any], dict[str, Any]]
    invalid_code: str
    page_code: str
    names: Mapping[str, str]


@dataclass(frozen=True)
class Search:
    """A search that was understood: what each filter wants, which page of it, and what the caller asked."""

    kind: SearchKind
    conditions: Mapping[str, Q]
    page: int
    size: int
    asked: Mapping[str, str]

    @property
    def condition(self) -> Q:
        """What all filters want."""
        return Q(*self.conditions.values())

    @property
    def start(self) -> int:
        """How many rows come before the page."""
        return (self.page - 1) * self.size


def parse_search(query: Mapping[str, str], kind: SearchKind) -> Search:
    """Return the search that ``query`` asks for; raises ApiError 422 naming every wrong parameter."""
    wrong: list[str] = []
    conditions: dict[str, Q] = {}
    for name, read in kind.filters.items():
        if value := query.get(name):
            try:
                conditions[name] = read(_clean(value))
            except (ValueError, OverflowError):
                wrong.append(kind.names.get(name, name))
    page = _number(query, "page", default=1, maximum=None, wrong=wrong)
    size = _number(query, "display_size", default=MAXIMUM_SIZE, maximum=MAXIMUM_SIZE, wrong=wrong)
    if wrong:
        raise invalid_parameters(wrong, code=kind.invalid_code)
    asked = {name: query[name] for name in kind.filters if query.get(name)}
    return Search(kind, conditions, page, size, asked)


def invalid_parameters(names: list[str], *, code: str, status: int = 422) -> ApiError:
    """The query holds values that are not as the contract has them."""
    description = f"Invalid parameters: {', '.join(names)}. See Public API documentation for the correct data formats"
    return ApiError(status, code, description)


def search_document(owned: "QuerySet[Any]", search: Search) -> dict[str, Any]:
    """Return one page of what is found among ``owned``; raises ApiError 404 past the end (contract A.12)."""
    return page_document(find_page(owned, search.condition, start=search.start, size=search.size), search)


def page_document(found: FoundPage, search: Search) -> dict[str, Any]:
    """Return the envelope around one page; raises ApiError 404 past the end (contract A.12)."""
    last = max(1, -(-found.total // search.size))
    if found.total and search.page > last:
        raise ApiError(404, search.kind.page_code, "Page not found")
    results = [search.kind.document(row) for row in found.rows]
    return {
        "total": found.total,
        "count": len(results),
        "page": search.page,
        "results": results,
        "_links": _page_links(search, last=last),
    }


def _page_links(search: Search, *, last: int) -> dict[str, Any]:
    pages = {"self": search.page, "first_page": 1, "last_page": last}
    if search.page > 1:
        pages["prev_page"] = search.page - 1
    if search.page < last:
        pages["next_page"] = search.page + 1
    return {name: {"href": _page_address(search, page)} for name, page in pages.items()}


def _page_address(search: Search, page: int) -> str:
    query = urlencode({**search.asked, "page": page, "display_size": search.size})
    return f"{absolute(search.kind.url_name)}?{query}"


def _clean(value: str) -> str:
    if "\0" in value:
        raise ValueError("NUL")
    return value


def _number(query: Mapping[str, str], name: str, *, default: int, maximum: int | None, wrong: list[str]) -> int:
    given = query.get(name) or str(default)
    value = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    if value < 1 or (maximum is not None and value > maximum):
        wrong.append(name)
    return value
