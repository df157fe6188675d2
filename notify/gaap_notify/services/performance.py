"""How the platform's messages do, for everybody to read: sums over all live services, and nothing about anybody.

All of it is read from the daily counts, in three questions, and kept by each process for some minutes.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Lock

from django.db.models import F, Sum
from django.utils import timezone

from gaap.clock import now
from gaap.databases import for_reports
from gaap_notify.models import DailyCount
from gaap_notify.models.channels import Channel

DAYS = 28
WEEKS = 4
#: So many seconds old a page may be.
KEPT_SECONDS = 300


@dataclass
class Span:
    """The messages of a day, or of the week that begins on it."""

    since: date
    sent: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Channel.values, 0))
    handed_over: int = 0
    in_time: int = 0

    @property
    def total(self) -> int:
        """Messages of every channel."""
        return sum(self.sent.values())

    @property
    def numbers(self) -> list[int]:
        """Messages of each channel, in the order of the channels."""
        return [self.sent[channel] for channel in Channel.values]

    @property
    def share_in_time(self) -> float | None:
        """Per cent of emails and texts that a provider had within ten seconds; None when there were none."""
        return round(100 * self.in_time / self.handed_over, 1) if self.handed_over else None

    def add(self, other: "Span") -> None:
        """Add the messages of another one."""
        for channel, sent in other.sent.items():
            self.sent[channel] += sent
        self.handed_over += other.handed_over
        self.in_time += other.in_time


@dataclass(frozen=True)
class Performance:
    """What the page shows. ``ever`` counts every message that was sent; days and weeks are newest first."""

    days: Sequence[Span]
    weeks: Sequence[Span]
    whole: Span
    ever: int
    services: int


def performance() -> Performance:
    """Return the figures of the last four weeks, today not among them; at most five minutes old."""
    today = timezone.localtime(now()).date()
    return _kept.get(today)


def measure(today: date) -> Performance:
    """Return the figures of the four weeks before ``today``; takes three questions."""
    since = today - timedelta(days=DAYS)
    counts = for_reports(DailyCount.objects.filter(service__is_live=True))
    lately = counts.filter(day__gte=since, day__lt=today)
    sums = lately.values_list("day", "type").annotate(
        total=Sum(F("handed_over") + F("letters")), over=Sum("handed_over"), soon=Sum("in_time")
    )
    days = _days(sums, [since + timedelta(days=number) for number in range(DAYS)])
    used = lately.filter(handed_over__gt=0) | lately.filter(letters__gt=0)
    whole = Span(since)
    for day in days:
        whole.add(day)
    return Performance(
        days=days[::-1],
        weeks=_weeks(days)[::-1],
        whole=whole,
        ever=counts.aggregate(ever=Sum(F("handed_over") + F("letters")))["ever"] or 0,
        services=used.values("service").distinct().count(),
    )


def _days(sums: Iterable[tuple[date, str, int, int, int]], wanted: Sequence[date]) -> list[Span]:
    found = {day: Span(day) for day in wanted}
    for day, channel, total, over, soon in sums:
        found[day].sent[channel] += total
        found[day].handed_over += over
        found[day].in_time += soon
    return list(found.values())


def _weeks(days: Sequence[Span]) -> list[Span]:
    found: dict[int, Span] = {}
    for number, day in enumerate(days):
        found.setdefault(number // (DAYS // WEEKS), Span(day.since)).add(day)
    return list(found.values())


class _Kept:
    """The figures of a day, measured again when they are too old."""

    def __init__(self) -> None:
        self._found: tuple[date, float, Performance] | None = None
        self._lock = Lock()

    def get(self, today: date) -> Performance:
        """Return the figures; one thread measures while others wait, so that many readers ask once."""
        with self._lock:
            if self._found is None or self._found[0] != today or time.monotonic() - self._found[1] > KEPT_SECONDS:
                self._found = (today, time.monotonic(), measure(today))
            return self._found[2]

    def forget(self) -> None:
        """Measure anew next time."""
        self._found = None


_kept = _Kept()
forget_performance = _kept.forget
