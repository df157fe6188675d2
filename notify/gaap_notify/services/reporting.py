"""What became of a service's messages: read from the daily counts, and from the few messages that these lack.

The number of questions never grows, and their cost grows with days and templates, not with messages. What test keys
sent goes nowhere and is not counted. Messages that were forgotten (spec A.16) still count.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from gaap.clock import now
from gaap.databases import for_reports
from gaap_notify.conf import conf
from gaap_notify.models import DailyCount, Notification, Template
from gaap_notify.models.channels import Channel
from gaap_notify.models.notifications import HANDED_OVER, NotificationQuerySet
from gaap_notify.services.counting import IN_TIME, TALLIES, Tally
from gaap_notify.states import DELIVERED, FAILURES, RETURNED_LETTER, SENT

LONGEST_DAYS = 92
REACHED = frozenset({DELIVERED, SENT})
LOST = FAILURES | {RETURNED_LETTER}

Key = TypeVar("Key")


@dataclass(frozen=True)
class Period:
    """Whole days in the platform's time zone, the first and the last of them included."""

    since: date
    until: date

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """The first moment, and the first one that no longer belongs to it."""
        begin = timezone.make_aware(datetime.combine(self.since, time.min))
        end = timezone.make_aware(datetime.combine(self.until + timedelta(days=1), time.min))
        return begin, end


@dataclass
class Figures:
    """Messages of one kind. ``units`` are fragments of text messages, those abroad counted several times."""

    total: int = 0
    reached: int = 0
    lost: int = 0
    units: int = 0
    handed_over: int = 0
    in_time: int = 0
    cost: float = 0.0

    @property
    def waiting(self) -> int:
        """Messages of which nobody knows yet, or that were cancelled."""
        return self.total - self.reached - self.lost

    @property
    def share_in_time(self) -> float | None:
        """Per cent of the messages handed over that were so within ten seconds; None when there were none."""
        return round(100 * self.in_time / self.handed_over, 1) if self.handed_over else None

    def add(self, row: "Row") -> None:
        """Count the messages of ``row`` too."""
        self.total += row.messages
        self.reached += row.messages if row.status in REACHED else 0
        self.lost += row.messages if row.status in LOST else 0
        self.units += row.units
        self.handed_over += row.handed_over
        self.in_time += row.in_time
        self.cost += row.cost


@dataclass(frozen=True)
class Row:
    """Messages of one day, template and status. ``handed_over`` counts no letters: those wait for the printer."""

    day: date
    template_id: UUID
    template: str
    type: str
    status: str
    messages: int
    units: int
    handed_over: int
    in_time: int
    cost: float


@dataclass(frozen=True)
class Report:
    """The rows of a period, summed up in the ways in which people ask."""

    rows: Sequence[Row] = field(repr=False)

    @property
    def whole(self) -> Figures:
        """Everything."""
        return _summed(self.rows, lambda row: None).get(None, Figures())

    @property
    def by_channel(self) -> Mapping[str, Figures]:
        """By type of message, in the order of the types."""
        found = _summed(self.rows, lambda row: row.type)
        return {channel: found[channel] for channel in Channel.values if channel in found}

    @property
    def by_template(self) -> list[tuple[Row, Figures]]:
        """By template, the most used first; each with one of its rows, for its name and type."""
        names = {row.template_id: row for row in self.rows}
        found = _summed(self.rows, lambda row: row.template_id)
        ordered = sorted(found.items(), key=lambda item: (-item[1].total, names[item[0]].template))
        return [(names[key], figures) for key, figures in ordered]

    @property
    def by_day(self) -> list[tuple[date, Figures]]:
        """By day, the newest first; days without messages are left out."""
        return sorted(_summed(self.rows, lambda row: row.day).items(), reverse=True)

    @property
    def by_failure(self) -> list[tuple[str, str, int]]:
        """Type, status and number of the messages that did not arrive, the most frequent first."""
        found = _summed((row for row in self.rows if row.status in LOST), lambda row: (row.type, row.status))
        counted = [(channel, status, figures.total) for (channel, status), figures in found.items()]
        return sorted(counted, key=lambda item: (-item[2], item[0], item[1]))


@dataclass(frozen=True)
class Allowance:
    """The free fragments of a year and how many of them are used; ``total`` is 0 where there are none."""

    since: date
    total: int
    used: int

    @property
    def left(self) -> int:
        """Fragments that are still free."""
        return max(0, self.total - self.used)


def report_of(service_id: UUID, period: Period) -> Report:
    """Return what became of the service's messages in ``period``; takes two questions."""
    found: dict[_Group, _Total] = defaultdict(_Total)
    for slice_ in _slices(service_id, period):
        found[slice_.group].add(slice_)
    names = _names(group.template_id for group in found)
    rows = [_row(group, total, names) for group, total in found.items() if total.tally.messages]
    return Report(sorted(rows, key=lambda row: (row.day, row.template, row.type, row.status)))


def allowance_of(service_id: UUID) -> Allowance:
    """Return how much of this year's free fragments the service has used; asks nothing where none are free."""
    begin = conf.year_begins(timezone.localtime(now()).date())
    if not conf.sms_allowance:
        return Allowance(begin, 0, 0)
    counted = for_reports(DailyCount.objects.filter(service_id=service_id, day__gte=begin, type=Channel.SMS))
    since = timezone.make_aware(datetime.combine(begin, time.min))
    fresh = _messages(service_id, since, now() + timedelta(days=1)).filter(type=Channel.SMS)
    used = [
        counted.aggregate(units=Sum("units"))["units"],
        fresh.filter(sent_at__isnull=False).aggregate(units=Sum(F("fragments") * F("rate_multiplier")))["units"],
    ]
    return Allowance(begin, conf.sms_allowance, sum(units or 0 for units in used))


class _Group(NamedTuple):
    """What stands in one row of a report."""

    day: date
    template_id: UUID
    type: str
    status: str


@dataclass(frozen=True)
class _Slice:
    """Messages of one group; letters of one price."""

    group: _Group
    tally: Tally
    postage: str
    sheets: int


@dataclass
class _Total:
    """The slices of a group, summed up."""

    tally: Tally = field(default_factory=Tally)
    letters_cost: float = 0.0

    def add(self, slice_: _Slice) -> None:
        """Add the messages of a slice."""
        self.tally.add(slice_.tally)
        if slice_.tally.letters:
            self.letters_cost += slice_.tally.letters * conf.letter_rate(slice_.postage, slice_.sheets)


def _slices(service_id: UUID, period: Period) -> Iterator[_Slice]:
    """Yield the daily counts, and what they lack.

    One statement reads both: messages that are counted meanwhile stand in one of them and never in both.
    """
    counted = for_reports(DailyCount.objects.filter(service_id=service_id, day__range=(period.since, period.until)))
    held = counted.values_list("day", "template_id", "type", "status", "postage", "sheets", *TALLIES)
    for row in held.union(_grouped(_messages(service_id, *period.moments)), all=True):
        *group, postage, sheets = row[:6]
        yield _Slice(_Group(*group), Tally(*row[6:]), postage or "", sheets or 0)


def _messages(service_id: UUID, since: datetime, until: datetime) -> NotificationQuerySet:
    uncounted = for_reports(Notification.objects.uncounted())
    return uncounted.filter(service_id=service_id, created_at__gte=since, created_at__lt=until)


def _grouped(messages: NotificationQuerySet) -> "QuerySet[Notification, tuple[Any, ...]]":
    """Return the messages by kind, in the columns in which the daily counts are read."""
    took = ExpressionWrapper(F("sent_at") - F("created_at"), output_field=DurationField())
    is_sent = Q(sent_at__isnull=False)
    is_handed_over = is_sent & Q(type__in=HANDED_OVER)
    kinds = messages.annotate(
        took=took,
        day=TruncDate("created_at"),
        template=F("template_version__template_id"),
        sheets=(F("letter__pages") + 1) / 2,
    ).values_list("day", "template", "type", "status", "letter__postage", "sheets")
    return kinds.annotate(
        messages=Count("pk"),
        units=Sum(F("fragments") * F("rate_multiplier"), filter=is_sent, default=0),
        letters=Count("pk", filter=is_sent & Q(type=Channel.LETTER)),
        handed_over=Count("pk", filter=is_handed_over),
        in_time=Count("pk", filter=is_handed_over & Q(took__lte=IN_TIME)),
    )


def _names(template_ids: Iterable[UUID]) -> dict[UUID, str]:
    rows = Template.objects.filter(pk__in=set(template_ids)).values_list("pk", "current__name")
    return {pk: name or "" for pk, name in rows}


def _row(group: _Group, total: _Total, names: Mapping[UUID, str]) -> Row:
    tally = total.tally
    return Row(
        day=group.day,
        template_id=group.template_id,
        template=names.get(group.template_id, ""),
        type=group.type,
        status=group.status,
        messages=tally.messages,
        units=tally.units,
        handed_over=tally.handed_over,
        in_time=tally.in_time,
        cost=total.letters_cost or tally.units * conf.sms_rate,
    )


def _summed(rows: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, Figures]:
    found: dict[Key, Figures] = defaultdict(Figures)
    for row in rows:
        found[key(row)].add(row)
    return dict(found)


def report_cells(report: Report) -> Iterator[list[str]]:
    """Yield the rows of a report as cells, below their headings; costs in the platform's currency, four decimals."""
    yield [
        *("Day", "Template", "Template id", "Type", "Status", "Messages", "Fragments"),
        *("Handed over", "Within 10 seconds", "Cost"),
    ]
    for row in report.rows:
        yield [
            *(row.day.isoformat(), row.template, str(row.template_id), row.type, row.status),
            *(str(row.messages), str(row.units), str(row.handed_over), str(row.in_time), f"{row.cost:.4f}"),
        ]
