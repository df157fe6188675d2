"""How the parts of the platform do: looked at once in a while, however many people ask."""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from django.db import DatabaseError, transaction
from django.db.models import Min, Model
from django.utils.functional import Promise

from gaap.clock import now
from gaap.components import components
from gaap.operators.conf import conf
from gaap.outbox.models import OutboxEvent
from gaap.status.models import Incident
from gaap.work import work_models

logger = logging.getLogger(__name__)

LOOKED_SECONDS = 15.0
EVENTS_LATE = timedelta(minutes=1)
SHOWN = timedelta(days=14)
MOST_INCIDENTS = 20


@dataclass(frozen=True)
class Part:
    """A part of the platform as the public knows it."""

    name: str
    title: str | Promise
    works: bool


@dataclass(frozen=True)
class Told:
    """What is said of an incident, in the language ``language``."""

    title: str
    text: str
    language: str


@dataclass(frozen=True)
class Happening:
    """An incident with its texts by language."""

    part: str
    began_at: datetime
    ended_at: datetime | None
    texts: dict[str, Told]

    def told(self, languages: Sequence[str]) -> Told:
        """Return the text in the first of ``languages`` that it has, else in any."""
        known = next((self.texts[code] for code in languages if code in self.texts), None)
        return known or next(iter(self.texts.values()), Told("", "", ""))


@dataclass(frozen=True)
class Status:
    """Everything on the page. ``incidents`` is None when they cannot be read."""

    parts: tuple[Part, ...]
    incidents: tuple[Happening, ...] | None
    looked_at: datetime

    @property
    def all_work(self) -> bool:
        """True when nothing is disturbed."""
        return all(part.works for part in self.parts)


class Watch:
    """A process's view of the status, made anew when it is fifteen seconds old."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: tuple[float, Status] | None = None

    def look(self) -> Status:
        """Return the status of a moment ago at most; while one looks, the others wait for what they see."""
        with self._lock:
            if self._seen is None or time.monotonic() - self._seen[0] >= LOOKED_SECONDS:
                self._seen = (time.monotonic(), measure())
            return self._seen[1]

    def forget(self) -> None:
        """Look anew at the next question."""
        self._seen = None


watch = Watch()


def measure() -> Status:
    """Look at every part: is the database there, is work done in time, and does an incident go on?"""
    try:
        with transaction.atomic():
            late = late_parts()
            concerned = set(Incident.objects.open().values_list("part", flat=True))
            incidents = tuple(_happenings())
    except DatabaseError:
        logger.exception("The status cannot be measured: the database does not answer")
        return Status(tuple(_parts(disturbed=None)), None, now())
    return Status(tuple(_parts(disturbed=late | concerned)), incidents, now())


def late_parts() -> set[str]:
    """Return the labels of the parts whose work, or whose events, wait for too long."""
    edge = now() - conf.stuck_after
    late = {model._meta.app_label for model in work_models() if _is_late(model, edge)}
    oldest = OutboxEvent.objects.waiting().aggregate(first=Min("occurred_at"))["first"]
    if oldest is not None and oldest < now() - EVENTS_LATE:
        late.add("gaap")
    return late


def _is_late(model: type[Model], edge: datetime) -> bool:
    return bool(model._default_manager.filter(due_at__lt=edge).exists())


def _parts(*, disturbed: Iterable[str] | None) -> Iterable[Part]:
    """Yield the parts that components name; ``None`` disturbs them all."""
    for component in components():
        if component.status_title:
            works = disturbed is not None and component.label not in disturbed
            yield Part(component.label, component.status_title, works)


def _happenings() -> Iterable[Happening]:
    recent = Incident.objects.filter(began_at__lte=now()).exclude(ended_at__lt=now() - SHOWN)
    for incident in recent.prefetch_related("texts")[:MOST_INCIDENTS]:
        texts = {row.language: Told(row.title, row.text, row.language) for row in incident.texts.all()}
        if texts:
            yield Happening(incident.part, incident.began_at, incident.ended_at, texts)
