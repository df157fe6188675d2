"""What the operators' first page shows: what needs somebody, and how today compares."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from gaap.clock import now
from gaap.contributions import Duty, Figure, contributions
from gaap.keys.models import ApiKey
from gaap.operators.charts import Chart, Comparison, bar_chart
from gaap.operators.stuck import StuckWork, stuck_work
from gaap.organisations.models import Service
from gaap.outbox.models import OutboxEvent

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Outbox:
    """How the publishing of events goes. ``oldest`` is the time of the event that waits longest."""

    waiting: int
    failed: int
    oldest: datetime | None


@dataclass(frozen=True)
class Dashboard:
    """Everything on the page above the list of what there is."""

    duties: list[Duty]
    stuck: StuckWork
    outbox: Outbox
    comparisons: list[Comparison]
    chart: Chart


def dashboard() -> Dashboard:
    """Return the page's facts as they are now."""
    comparisons = list(_comparisons())
    return Dashboard(
        duties=[duty for contribution in contributions() for duty in contribution.duties()],
        stuck=stuck_work(),
        outbox=_outbox(),
        comparisons=comparisons,
        chart=bar_chart(comparisons),
    )


def _outbox() -> Outbox:
    waiting = OutboxEvent.objects.waiting()
    return Outbox(
        waiting=waiting.count(),
        failed=waiting.exclude(failure="").count(),
        oldest=waiting.values_list("occurred_at", flat=True).first(),
    )


def _comparisons() -> Iterator[Comparison]:
    """Yield today's figures so far, each beside that of the same hours a week ago."""
    until = now()
    since = timezone.localtime(until).replace(hour=0, minute=0, second=0, microsecond=0)
    before = {figure.name: figure.value for figure in _figures(since - WEEK, until - WEEK)}
    for figure in _figures(since, until):
        yield Comparison(figure.title, figure.value, before.get(figure.name, 0))


def _figures(since: datetime, until: datetime) -> Iterator[Figure]:
    services = Service.objects.filter(created_at__gte=since, created_at__lt=until)
    keys = ApiKey.objects.filter(created_at__gte=since, created_at__lt=until)
    events = OutboxEvent.objects.filter(occurred_at__gte=since, occurred_at__lt=until)
    yield Figure("services", _("Services created"), services.count())
    yield Figure("keys", _("Keys made"), keys.count())
    yield Figure("events", _("Events"), events.count())
    for contribution in contributions():
        yield from contribution.figures(since=since, until=until)
