"""From the figures of a machine to an installation for a country: what is assumed, and what the queues say."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.capacity.simulation import SLOW, Outcome, Simulation, Site, Work
from tests.benchmarks.load_curve import POINTS, title

#: How far the simulation may be off what was measured, for rates and median times.
TOLERANCE = 0.25
#: The two points that the work of a request is learnt from; the others are foretold.
LEARNT = ((1, 1), (1, 4))
REQUESTS = 1500
PER_SECOND = 10_000
CITIZENS = 100_000_000
#: What the requests of a country's services are, by figure.
MIX = {
    "notify: accept an email": 0.20,
    "notify: accept a text": 0.15,
    "notify: read a message": 0.15,
    "pay: create a payment": 0.08,
    "pay: read a payment": 0.15,
    "pay: the card page": 0.07,
    "events: read 20": 0.05,
    "identity: token": 0.08,
    "identity: userinfo": 0.07,
}
BUSY = (0.5, 0.6, 0.7, 0.8, 0.9)
CHOSEN = 0.6
CORES = 16
#: Requests of the arrivals' simulation, over a part of the site of so many processes.
PART, PART_REQUESTS = 40, 8_000
DELIVERY_PROCESSES = 2
_BYTES = re.compile(r"([\d,]+) bytes of the database for each message")


@dataclass(frozen=True)
class Measured:
    """The figures of a run of the benchmarks, by name."""

    machine: Mapping[str, Any]
    figures: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, path: Path) -> "Measured":
        """Read what `python3 manage.py benchmark --folder` has written."""
        document = json.loads(path.read_text(encoding="utf-8"))
        return cls(document["machine"], {figure["name"]: figure for figure in document["figures"]})

    def rate(self, name: str) -> float:
        """Return how many a second."""
        return float(self.figures[name]["value"])

    @property
    def work(self) -> Work:
        """What accepting an email costs: with four callers its process never rests, with one nobody waits."""
        (alone, many), first = (title(*point) for point in LEARNT), self.figures[title(1, 1)]
        web = 1 / self.rate(many)
        spread = math.log(max(float(first["slow"]) / float(first["middle"]), 1.01)) / SLOW
        return Work(web, max(1 / self.rate(alone) - web, web / 20), spread)

    @property
    def bytes_each(self) -> int:
        """How many bytes the largest database that was filled has for each message; 0 when none was filled."""
        details = [detail for figure in self.figures.values() for detail in figure.get("details", ())]
        found = [found for detail in details if (found := _BYTES.match(detail))]
        return int(found[-1][1].replace(",", "")) if found else 0

    @property
    def processes(self) -> int:
        """How many web processes the plan has."""
        return processes_for(self, CHOSEN)

    @property
    def web_seconds(self) -> float:
        """What a request of the mix costs its web process on average."""
        return sum(share / self.rate(name) for name, share in MIX.items())


def foretold(measured: Measured, processes: int, callers: int) -> Outcome:
    """Simulate one point of the curve on the machine that was measured."""
    site = Site(processes, int(measured.machine["cores"]))
    return Simulation(site, measured.work).callers(callers, requests=REQUESTS)


def deviations(measured: Measured) -> dict[tuple[int, int], tuple[float, float]]:
    """Return by how much rate and median time that were simulated differ from what was measured, as shares."""
    found = {}
    for point in POINTS:
        outcome, figure = foretold(measured, *point), measured.figures[title(*point)]
        found[point] = outcome.rate / float(figure["value"]) - 1, outcome.middle / float(figure["middle"]) - 1
    return found


def is_reproduced(measured: Measured) -> bool:
    """Say whether every point that was measured comes out of the simulation, within the tolerance."""
    return all(abs(off) <= TOLERANCE for both in deviations(measured).values() for off in both)


def curve_rows(measured: Measured) -> Iterator[Sequence[str]]:
    """Yield each point of the curve: its rate and median time as measured, and as simulated."""
    for processes, callers in POINTS:
        figure, outcome = measured.figures[title(processes, callers)], foretold(measured, processes, callers)
        learnt = " (learnt from)" if (processes, callers) in LEARNT else ""
        yield (
            f"{processes}, {callers}{learnt}",
            f"{figure['value']:.0f}",
            f"{outcome.rate:.0f}",
            f"{figure['middle'] * 1000:.1f}",
            f"{outcome.middle * 1000:.1f}",
        )


def _mean_work(measured: Measured) -> Work:
    """Return the work of a request of the mix; the database's share is that of accepting an email."""
    work = measured.work
    return Work(measured.web_seconds, measured.web_seconds * work.database / work.web, work.spread)


def processes_for(measured: Measured, busy: float) -> int:
    """Return how many web processes are so busy at the rate of the plan."""
    return math.ceil(round(PER_SECOND * measured.web_seconds / busy, 6))


def _database_cores(measured: Measured) -> int:
    return math.ceil(PER_SECOND * _mean_work(measured).database / CHOSEN)


def busy_rows(measured: Measured) -> Iterator[Sequence[str]]:
    """Yield how many web processes the plan takes when they are so busy, and how long requests then take."""
    work = _mean_work(measured)
    for busy in BUSY:
        cores = max(1, math.ceil(PART * busy / work.web * work.database / CHOSEN))
        site = Site(PART, PART, cores)
        outcome = Simulation(site, work).arrivals(PART * busy / work.web, requests=PART_REQUESTS)
        shown = f"{outcome.middle * 1000:.0f}", f"{outcome.slow * 1000:.0f}"
        yield f"{busy:.0%}", f"{processes_for(measured, busy):,}", *shown


def part_rows(measured: Measured) -> Iterator[Sequence[str]]:
    """Yield what else the plan takes, how much of it, and from what that was reckoned."""
    processes = measured.processes
    messages = PER_SECOND * (MIX["notify: accept an email"] + MIX["notify: accept a text"])
    handed_over = measured.rate("notify: hand messages over") / DELIVERY_PROCESSES
    webhooks = measured.rate("webhooks: one worker")
    yield f"web processes, {CHOSEN:.0%} busy", f"{processes:,}", "the mix's seconds of a web process"
    yield (
        f"machines of {CORES} cores for them",
        f"{math.ceil(processes / (CORES - 2)):,}",
        "two cores left to the system",
    )
    yield "cores of PostgreSQL for their statements", f"{_database_cores(measured):,}", "accepting an email's share"
    yield "messages a second", f"{messages:,.0f}", "the mix"
    yield (
        "delivery processes",
        f"{math.ceil(messages / handed_over / CHOSEN):,}",
        f"{handed_over:,.0f} a second each; providers of 100 ms need that times their answer's time in threads",
    )
    yield (
        "webhook workers for as many events",
        f"{math.ceil(2 * messages / webhooks / CHOSEN):,}",
        f"{webhooks:,.0f} a second each",
    )
