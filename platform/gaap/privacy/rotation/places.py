"""Where sealed texts stand."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, QuerySet, TextField, Value
from django.db.models.expressions import ExpressionWrapper
from django.db.models.functions import Substr

from gaap.crypto import DecryptionError, newest_key_id, reseal

#: Between the id of a key and what it sealed.
SEPARATOR = "."


@dataclass
class Progress:
    """What became of one place so far: rows written anew, and rows that no configured key opens."""

    place: str
    resealed: int = 0
    unreadable: list[Any] = field(default_factory=list)


class Place(ABC):
    """A table, or a column of one, with sealed texts."""

    label: str

    @abstractmethod
    def reseal_batch(self, after: Any, limit: int, progress: Progress) -> Sequence[Any]:
        """Seal anew at most ``limit`` rows with keys above ``after`` (None: from the first), and note it.

        Returns the primary keys of the rows that were looked at, in order; nothing at the end.
        """

    @abstractmethod
    def count_keys(self) -> Counter[str]:
        """Return how many texts each key has sealed here."""


def is_outdated(sealed: str | None) -> bool:
    """Tell whether another key than the newest sealed the text."""
    return sealed is not None and not sealed.startswith(newest_key_id() + SEPARATOR)


def opened_anew(sealed: str, *, context: str, row: Any, progress: Progress) -> str | None:
    """Return the text under the newest key; None, and the row noted, when no configured key opens it."""
    try:
        return reseal(sealed, context=context)
    except DecryptionError:
        progress.unreadable.append(row)
        return None


def raw(column: str) -> "ExpressionWrapper[F]":
    """Return the column as it stands in the database, sealed."""
    return ExpressionWrapper(F(column), output_field=TextField())


def key_prefix(column: str) -> Substr:
    """Return as much of the column's beginning as the newest key's id and the separator are long."""
    return Substr(raw(column), 1, len(newest_key_id()) + len(SEPARATOR))


def as_it_stands(sealed: str) -> Value:
    """Return a text for an UPDATE that is sealed already."""
    return Value(sealed, output_field=TextField())


def after(rows: "QuerySet[Any, Any]", key: Any) -> "QuerySet[Any, Any]":
    """Return ``rows`` in the order of their keys, those above ``key``; all when it is None."""
    ordered = rows.order_by("pk")
    return ordered if key is None else ordered.filter(pk__gt=key)
