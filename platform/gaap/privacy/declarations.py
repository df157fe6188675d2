"""What a component declares of the personal data that it keeps.

A component names a subclass of ``DataProtection`` in ``ComponentConfig.data_protection``. Every text, JSON and
encrypted column of every model is either personal, with the reason why it is there, or said not to be; a test holds
this, so that no new column slips by. The record in the documentation is written from it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from django.utils.module_loading import import_string

from gaap.components import components
from gaap.privacy.people import Erasure, Subject, SubjectRecord
from gaap.privacy.retention_periods import Retention


class Reason(StrEnum):
    """Why the law lets a public body keep something (as in Article 6(1) of the GDPR, letters b to f)."""

    CONTRACT = "contract with the person"
    LEGAL_DUTY = "legal duty"
    PUBLIC_TASK = "public task"
    SECURITY = "security of the service"
    EMPLOYMENT = "work of the team's member"


@dataclass(frozen=True)
class Personal:
    """A column that holds personal data: what for, why that is lawful, and how long (a ``Retention``, or in words)."""

    purpose: str
    reason: Reason
    kept: Retention | str


@dataclass(frozen=True)
class Purge:
    """Something that forgets what is overdue: ``run`` takes at most so many rows and returns how many it dealt with."""

    name: str
    run: Callable[[int], int]


class DataProtection:
    """What a component declares and does; this base declares nothing."""

    #: ``app_label.Model.field`` of each column with personal data.
    personal: ClassVar[Mapping[str, Personal]] = {}
    #: ``app_label.Model`` and the names of its columns without personal data, separated by spaces.
    impersonal: ClassVar[Mapping[str, str]] = {}

    #: ``app_label.Model.field`` of a JSON column whose texts are each sealed, and what they are bound to.
    sealed_inside: ClassVar[Mapping[str, str]] = {}

    def retentions(self) -> Iterable[Retention]:
        """Return the kinds of records whose time a service may set for itself."""
        return ()

    def purges(self) -> Iterable[Purge]:
        """Return what forgets the component's records when their time is over."""
        return ()

    def widen(self, subject: Subject) -> Subject:
        """Return the person with whatever else the component knows them by, such as the address of an account."""
        return subject

    def records_of(self, subject: Subject) -> Iterable[SubjectRecord]:
        """Return what the component keeps of the person."""
        return ()

    def erase(self, subject: Subject) -> Iterable[Erasure]:
        """Erase what the component keeps of the person, in the caller's transaction, save what the accounts need."""
        return ()


def data_protections() -> Iterator[DataProtection]:
    """Yield what the kernel and every installed component declare, in the order of INSTALLED_APPS."""
    for component in components():
        if component.data_protection:
            yield import_string(component.data_protection)()


def personal_fields() -> dict[str, Personal]:
    """Return every declared column with personal data, by ``app_label.Model.field``."""
    return {name: personal for declared in data_protections() for name, personal in declared.personal.items()}


def impersonal_fields() -> set[str]:
    """Return the names of the columns declared to hold no personal data."""
    return {
        f"{model}.{field}"
        for declared in data_protections()
        for model, fields in declared.impersonal.items()
        for field in fields.split()
    }


def all_retentions() -> dict[str, Retention]:
    """Return every declared kind of record by its noun."""
    return {retention.noun: retention for declared in data_protections() for retention in declared.retentions()}


def retention_named(noun: str) -> Retention | None:
    """Return the kind of record that a service may choose for, or None."""
    found = all_retentions().get(noun)
    return None if found is None or found.is_fixed else found
