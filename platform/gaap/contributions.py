"""What a component shows of itself in the console and on the operators' dashboard.

A component names a subclass of ``Contributions`` in ``ComponentConfig.contributions``; every method may be left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.module_loading import import_string

from gaap.components import components
from gaap.organisations.models import Service


@dataclass(frozen=True)
class Snippet:
    """A piece of code that runs when it is pasted: it already carries the address and the key."""

    title: str | Promise
    language: str
    code: str


@dataclass(frozen=True)
class Figure:
    """A number with its name, e.g. texts sent in a period. ``name`` is stable, ``title`` is for reading."""

    name: str
    title: str | Promise
    value: int


@dataclass(frozen=True)
class Gauge:
    """A number for Prometheus that is read from the database when it is asked for.

    ``name`` begins with ``gaap_`` and the component's word and ends in its unit (``_seconds``, ``_ratio``) where it has
    one. ``labels`` have few values each and hold nothing about a person.
    """

    name: str
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ChecklistItem:
    """Something to have in order before a service goes live; ``is_required`` ones hold the request back."""

    title: str | Promise
    is_done: bool
    hint: str | Promise = ""
    is_required: bool = True


@dataclass(frozen=True)
class Duty:
    """Something that waits for an operator: how many, and the page to deal with it. ``path`` begins with a slash."""

    title: str | Promise
    number: int
    path: str


class Contributions:
    """What a component contributes; this base contributes nothing."""

    def starter(self, service: Service) -> Mapping[str, Any]:
        """Return the component's provisioning section for a trial service that was just made."""
        return {}

    def snippets(self, service: Service, *, key: str, base_url: str) -> Iterable[Snippet]:
        """Return first calls for ``service`` that already carry ``key``."""
        return ()

    def usage(self, service: Service, *, since: datetime, until: datetime) -> Iterable[Figure]:
        """Return what ``service`` used from ``since`` up to but not including ``until``."""
        return ()

    def checklist(self, service: Service) -> Iterable[ChecklistItem]:
        """Return what ``service`` should have in order before it goes live."""
        return ()

    def figures(self, *, since: datetime, until: datetime) -> Iterable[Figure]:
        """Return what happened on the whole platform from ``since`` up to but not including ``until``."""
        return ()

    def gauges(self) -> Iterable[Gauge]:
        """Return what Prometheus is to watch beside the work that is due; read at every scrape, so by an index."""
        return ()

    def duties(self) -> Iterable[Duty]:
        """Return what waits for an operator; nothing when nothing does."""
        return ()


def contributions() -> Iterator[Contributions]:
    """Yield the contributions of the kernel and of every installed component."""
    for component in components():
        if component.contributions:
            yield import_string(component.contributions)()
