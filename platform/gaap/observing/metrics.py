"""The platform's numbers for Prometheus.

What happens in web processes is counted there. What waits in the database is read when Prometheus asks, so that it is
true whichever process answers and also when the worker that should do it is gone.
"""

import logging
import os
from collections.abc import Iterable, Iterator

from django.db import DatabaseError, transaction
from django.db.models import Count, Min
from prometheus_client import CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gaap.clock import now
from gaap.contributions import Gauge, contributions
from gaap.observing.registry import REGISTRY
from gaap.outbox.models import OutboxEvent
from gaap.partitions.upkeep import days_ahead
from gaap.work import work_models

logger = logging.getLogger(__name__)

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

REQUEST_SECONDS = Histogram(
    "gaap_request_seconds",
    "Time from a request to its answer, by method, route and status.",
    ["method", "route", "status"],
    buckets=SECONDS,
    registry=REGISTRY,
)


class DatabaseCollector(Collector):
    """Reads what waits: work that is due, events not yet relayed, and what the components add."""

    def collect(self) -> Iterator[Metric]:
        """Yield one family for each number; a count reads no more rows than there are waiting."""
        yield from _work()
        yield from _outbox()
        yield from _months()
        yield from _families(gauge for part in contributions() for gauge in part.gauges())


def exposition() -> bytes:
    """Return every number in Prometheus's text format, those of all web processes of this machine together.

    Without the database, those of the processes are still told; an alert notices that the others are missing.
    """
    return generate_latest(_processes()) + _from_database()


def _from_database() -> bytes:
    try:
        with transaction.atomic():
            registry = CollectorRegistry(auto_describe=False)
            registry.register(DatabaseCollector())
            return generate_latest(registry)
    except DatabaseError:
        logger.exception("The numbers that stand in the database cannot be read")
        return b""


def _processes() -> CollectorRegistry:
    """Return the numbers of every process that writes to PROMETHEUS_MULTIPROC_DIR, or this one's where it is unset."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _work() -> Iterator[Metric]:
    waiting = GaugeMetricFamily("gaap_work_due", "Rows that are due to be worked on.", labels=["kind"])
    oldest = GaugeMetricFamily("gaap_work_oldest_seconds", "For how long the oldest of them is due.", labels=["kind"])
    moment = now()
    for model in work_models():
        due = model._default_manager.filter(due_at__lte=moment).aggregate(number=Count("pk"), first=Min("due_at"))
        kind = [model._meta.label_lower]
        waiting.add_metric(kind, due["number"])
        oldest.add_metric(kind, (moment - due["first"]).total_seconds() if due["first"] else 0)
    yield waiting
    yield oldest


def _outbox() -> Iterator[Metric]:
    waiting = OutboxEvent.objects.waiting().aggregate(number=Count("pk"), first=Min("occurred_at"))
    age = (now() - waiting["first"]).total_seconds() if waiting["first"] else 0
    yield GaugeMetricFamily("gaap_outbox_waiting", "Events that no subscriber has seen yet.", waiting["number"])
    yield GaugeMetricFamily("gaap_outbox_oldest_seconds", "Age of the oldest of them.", age)


def _months() -> Iterator[Metric]:
    text = "For how many days from now the months of a table are made."
    family = GaugeMetricFamily("gaap_months_ahead_days", text, labels=["table"])
    for table, days in days_ahead():
        family.add_metric([table], days)
    yield family


def _families(gauges: Iterable[Gauge]) -> Iterator[Metric]:
    families: dict[str, GaugeMetricFamily] = {}
    for gauge in gauges:
        names = list(gauge.labels)
        family = families.setdefault(gauge.name, GaugeMetricFamily(gauge.name, gauge.help, labels=names))
        family.add_metric([gauge.labels[name] for name in names], gauge.value)
    yield from families.values()
