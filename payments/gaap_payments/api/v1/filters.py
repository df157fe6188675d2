"""Reading the filters of a search, one value at a time; each raises ValueError for a value it cannot understand."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from django.db.models import Q

Filter = Callable[[str], Q]


def text(field: str) -> Filter:
    """Return a filter that compares the whole value."""
    return lambda value: Q(**{field: value})


def digits(field: str, *, length: int) -> Filter:
    """Return a filter that wants exactly ``length`` digits."""

    def read(value: str) -> Q:
        if len(value) != length or not (value.isascii() and value.isdigit()):
            raise ValueError(value)
        return Q(**{field: value})

    return read


def one_of(meanings: Mapping[str, Q]) -> Filter:
    """Return a filter that knows these values and no others."""

    def read(value: str) -> Q:
        try:
            return meanings[value]
        except KeyError as error:
            raise ValueError(value) from error

    return read


def moment(lookup: str) -> Filter:
    """Return a filter by a point in time: ISO 8601 with its offset, as ``2026-11-21T19:04:05Z``."""

    def read(value: str) -> Q:
        found = datetime.fromisoformat(value)
        if "T" not in value or found.tzinfo is None:
            raise ValueError(value)
        return Q(**{lookup: found.astimezone(UTC)})

    return read


def day(lookup: str) -> Filter:
    """Return a filter by a date, as ``2026-11-21``."""

    def read(value: str) -> Q:
        if len(value) != len("2026-11-21"):
            raise ValueError(value)
        return Q(**{lookup: date.fromisoformat(value)})

    return read


#: The filters by date that every search has (contract A.8): ``from`` counts in, ``to`` out; both settled days count in.
DATES: Mapping[str, Filter] = {
    "from_date": moment("created_at__gte"),
    "to_date": moment("created_at__lt"),
    "from_settled_date": day("settled_on__gte"),
    "to_settled_date": day("settled_on__lte"),
}
