"""What Prometheus watches of the queue."""

from collections.abc import Iterable

import redis

from gaap.conf import conf
from gaap.contributions import Contributions, Gauge
from gaap.surge.queue import Pace
from gaap.surge.stores import glance


class KernelContributions(Contributions):
    """The kernel's own numbers."""

    def gauges(self) -> Iterable[Gauge]:
        """Return how many people wait, and for how long who comes now will."""
        waiting, seconds = _waiting()
        yield Gauge("gaap_surge_waiting", "People in the queue before the entrances.", waiting)
        yield Gauge("gaap_surge_wait_seconds", "For how long who comes now waits.", seconds)


def _waiting() -> tuple[int, float]:
    if not conf.surge_per_minute:
        return 0, 0.0
    pace = Pace(conf.surge_per_minute)
    try:
        waiting = glance().look(pace).waiting
    except redis.RedisError:
        return 0, 0.0
    return waiting, waiting / pace.per_second
