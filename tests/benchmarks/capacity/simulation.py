"""Web processes, cores and a database as queues.

A request is worked on by its web process, then by the database, then by its web process again. A process works on one
at a time (Python's lock), and whatever works needs a core. How long each takes varies as logarithms of normal numbers
do, with the spread that was measured where nobody waits for anybody.
"""

import math
import random
import statistics
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import simpy

#: The 95th percentile of normal numbers, in standard deviations.
SLOW = 1.645


@dataclass(frozen=True)
class Work:
    """What a request costs on average: seconds of its web process and of the database; `spread` of their logarithms."""

    web: float
    database: float
    spread: float


@dataclass(frozen=True)
class Site:
    """Web processes, and cores of their machines and of the database's; 0 for cores that are the web's own."""

    processes: int
    cores: int
    database_cores: int = 0


@dataclass
class Outcome:
    """What came of it: how many requests were answered in how many seconds, and how long each took."""

    lasted: float = 0.0
    seconds: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """How many were answered in a second."""
        return len(self.seconds) / self.lasted

    @property
    def middle(self) -> float:
        """The seconds within which half of them were answered."""
        return statistics.median(self.seconds)

    @property
    def slow(self) -> float:
        """The seconds within which 95% of them were answered."""
        return statistics.quantiles(self.seconds, n=20)[-1]


class Simulation:
    """One run; the same `seed` gives the same outcome."""

    def __init__(self, site: Site, work: Work, *, seed: int = 1) -> None:
        self._env = simpy.Environment()
        self._random = random.Random(seed)
        self._work = work
        self._web_cores = simpy.Resource(self._env, site.cores)
        self._database_cores = (
            simpy.Resource(self._env, site.database_cores) if site.database_cores else self._web_cores
        )
        self._processes = [simpy.Resource(self._env, 1) for _ in range(site.processes)]
        self._outcome = Outcome()

    def callers(self, count: int, *, requests: int) -> Outcome:
        """Let so many callers ask again as soon as they were answered, until all requests are done."""
        left = [requests]
        for number in range(count):
            self._env.process(self._caller(self._processes[number % len(self._processes)], left))
        return self._run()

    def arrivals(self, per_second: float, *, requests: int) -> Outcome:
        """Let requests arrive at random at a rate, each at any process."""
        self._env.process(self._arrive(per_second, requests))
        return self._run()

    def _run(self) -> Outcome:
        self._env.run()
        self._outcome.lasted = float(self._env.now)
        return self._outcome

    def _caller(self, process: simpy.Resource, left: list[int]) -> Generator[Any, Any, None]:
        while left[0] > 0:
            left[0] -= 1
            yield from self._request(process)

    def _arrive(self, per_second: float, requests: int) -> Generator[Any, Any, None]:
        for _ in range(requests):
            yield self._env.timeout(self._random.expovariate(per_second))
            self._env.process(self._request(self._random.choice(self._processes)))

    def _request(self, process: simpy.Resource) -> Generator[Any, Any, None]:
        began = self._env.now
        yield from self._web(process)
        with self._database_cores.request() as core:
            yield core
            yield self._env.timeout(self._some(self._work.database))
        yield from self._web(process)
        self._outcome.seconds.append(float(self._env.now - began))

    def _web(self, process: simpy.Resource) -> Generator[Any, Any, None]:
        with process.request() as turn:
            yield turn
            with self._web_cores.request() as core:
                yield core
                yield self._env.timeout(self._some(self._work.web / 2))

    def _some(self, mean: float) -> float:
        spread = self._work.spread
        return mean * math.exp(self._random.gauss(-(spread**2) / 2, spread))
