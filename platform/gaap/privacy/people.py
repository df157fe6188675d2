"""A person as somebody asks about them, and what is found of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db import models


@dataclass(frozen=True)
class Subject:
    """Somebody known by addresses, numbers (as they were written) and the ids of citizens' accounts."""

    emails: frozenset[str] = field(default=frozenset(), repr=False)
    phones: frozenset[str] = field(default=frozenset(), repr=False)
    accounts: frozenset[UUID] = frozenset()

    @classmethod
    def known_by(cls, *, email: str = "", phone: str = "", account: str | UUID = "") -> Self:
        """Return the person with what is given; raises ValueError for nothing at all and for an id that is none."""
        emails, phones = frozenset({email.strip()} - {""}), frozenset({phone.strip()} - {""})
        accounts = frozenset({UUID(str(account).strip())} if str(account).strip() else set())
        if not (emails or phones or accounts):
            raise ValueError("Give an email address, a phone number or the id of an account.")
        return cls(emails, phones, accounts)

    def with_more(
        self, *, emails: Sequence[str] = (), phones: Sequence[str] = (), accounts: Sequence[UUID] = ()
    ) -> Self:
        """Return the person with further addresses, numbers and accounts."""
        return replace(
            self,
            emails=self.emails | (set(emails) - {""}),
            phones=self.phones | (set(phones) - {""}),
            accounts=self.accounts | set(accounts),
        )

    @property
    def identifiers(self) -> list[str]:
        """Everything the person is known by, in a fixed order."""
        return sorted({*map(str.lower, self.emails), *self.phones, *map(str, self.accounts)})


@dataclass(frozen=True)
class SubjectRecord:
    """One row about the person. ``noun`` is its kind for programs; the values are keyed by the columns' names."""

    noun: str
    row: models.Model = field(repr=False)
    columns: Sequence[str]
    service: str = ""
    further: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def values(self) -> dict[str, Any]:
        """What stands in the row, and what belongs to it, as JSON values."""
        own = {name: _plain(getattr(self.row, name)) for name in self.columns}
        return {**own, **{name: _plain(value) for name, value in self.further.items()}}

    @property
    def title(self) -> str:
        """What the row is, for reading."""
        return str(self.row._meta.verbose_name)

    @property
    def labelled(self) -> list[tuple[str, Any]]:
        """The values that say something, with the columns' names for reading."""
        return [(self._label(name), value) for name, value in self.values.items() if value not in (None, "", [], {})]

    def as_json(self) -> dict[str, Any]:
        """Return the record as a JSON value."""
        return {"kind": self.noun, "id": str(self.row.pk), "service": self.service or None, "data": self.values}

    def _label(self, name: str) -> str:
        try:
            column = self.row._meta.get_field(name)
        except FieldDoesNotExist:
            return name
        return str(getattr(column, "verbose_name", name))


@dataclass(frozen=True)
class Erasure:
    """How many records of one kind were erased, and how many had to be kept for now or for the accounts.

    ``subjects`` are what events call the erased ones (``noun/id``), so that what was told of them goes too.
    """

    noun: str
    erased: int = 0
    kept: int = 0
    subjects: Sequence[str] = ()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
