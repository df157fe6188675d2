"""How the keyed paths slow down as the past grows, measured in turns beside the same paths in a small database.

Each size has a database and a process of its own, which asks through the suite's own views and services. The figure is
one by the median time of a call; the promise is that no path takes more than fifteen per cent longer than beside the
smallest past. The control is the same with a table that has nothing but a key.
"""

import os
import shutil
import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from tests.benchmarks import delivery
from tests.benchmarks.figures import Figure, Measure, Turns
from tests.benchmarks.growth.paths import CONTROLS, PATHS
from tests.benchmarks.growth.stored import Stored
from tests.benchmarks.machine import seconds_of
from tests.benchmarks.surroundings import say
from tests.faults.suite import database_of_its_own
from tests.services import find_services

SIZES = tuple(int(size) for size in os.environ.get("GAAP_BENCH_STORED", "10000,1000000,10000000").split(","))
#: What one message takes with all that belongs to it, on the disk and while its indexes are built.
BYTES_EACH = 3500
#: What making the pasts may take in all, so that a whole run takes a quarter of an hour; how many rows tell how long
#: the next size will take.
FILLING_SECONDS = 60 * float(os.environ.get("GAAP_BENCH_FILLING_MINUTES", "11"))
TELLING = 100_000
MOST_SLOWER = 1.15


def environ() -> dict[str, str]:
    """Return what the settings must hold: the provider that does nothing."""
    return delivery.null_environ()


def measure(rounds: int) -> Iterable[Figure]:
    """Yield the figures; Django must be set up on a database of its own, of which the others are copies."""
    sizes = _that_fit(SIZES)
    with _databases(sizes) as stores:
        measures: dict[str, Measure] = {}
        for name, _, _ in (*CONTROLS, *PATHS):
            measures |= {_titled(name, store.size): store.measure(name) for store in stores}
        turns = Turns(measures).run(rounds=rounds)
        yield from _figures(turns, stores)


def _figures(turns: Turns, stores: Sequence["Store"]) -> Iterator[Figure]:
    small = stores[0]
    for names, least in ((CONTROLS, 0.0), (PATHS, 1 / MOST_SLOWER)):
        for name, _, _ in names:
            for store in stores[1:]:
                details = (
                    f"processor {_middle(store.cpu[name])} ms",
                    f"there {_middle(small.cpu[name])} ms",
                    f"{store.bytes_each:,} bytes of the database for each message",
                )
                control = _titled(name, small.size)
                yield turns.figure(
                    _titled(name, store.size), control=control, least_ratio=round(least, 4), details=details
                )


def _middle(seconds: Sequence[float]) -> str:
    """Return the median in milliseconds, without what was measured while everything warmed up."""
    return f"{statistics.median(seconds[1:]) * 1000:.2f}"


def _titled(name: str, size: int) -> str:
    return f"{name}, of {size:,}"


def _that_fit(sizes: Sequence[int]) -> list[int]:
    """Return the sizes for which the disk has room, and say which it has not."""
    free, fitting = shutil.disk_usage("/").free, list[int]()
    for size in sorted(sizes):
        if (sum(fitting) + size) * BYTES_EACH > free:
            say(f"There is no room for {size:,} stored messages; the largest measured is {max(fitting, default=0):,}.")
            break
        fitting.append(size)
    return fitting


@dataclass
class Store:
    """A database of one size, and the process that asks it."""

    size: int
    process: ProcessPoolExecutor
    cpu: dict[str, list[float]]
    bytes_each: int = 0

    def measure(self, name: str) -> Measure:
        """Return a measure of how often the path could be gone in a second."""

        def measured() -> float:
            seconds, processor = self.process.submit(_measure, name).result()
            self.cpu[name].append(processor)
            return 1 / seconds

        return measured


@contextmanager
def _databases(sizes: Sequence[int]) -> Iterator[list[Store]]:
    from django.db import connections

    server, template = find_services()["postgresql"].address or "", os.environ["DATABASE_URL"]
    connections.close_all()
    with ExitStack() as opened:
        stores, left, each = list[Store](), FILLING_SECONDS, 0.0
        for size in sizes:
            if size * each > left:
                say(f"There is no time for {size:,} stored messages; the largest measured is {stores[-1].size:,}.")
                break
            name = f"gaap_growth_{os.getpid()}_{size}"
            url = opened.enter_context(database_of_its_own(server, name, template=template.rpartition("/")[2]))
            process = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_set_up, initargs=(url,))
            stores.append(Store(size, opened.enter_context(process), defaultdict(list)))
            lasted, stores[-1].bytes_each = process.submit(_fill, size).result()
            say(f"{size:,} messages stored within {lasted:.0f} s")
            left, each = left - lasted, lasted / size if size >= TELLING else 0.0
        yield stores


_stored: Stored | None = None


def _set_up(url: str) -> None:
    """Set Django up in a process for one size."""
    import django

    os.environ["DATABASE_URL"] = url
    django.setup()

    from gaap_site.interpreter import settle

    settle()


def _fill(size: int) -> tuple[float, int]:
    """Make the past; returns how many seconds it took, and how many bytes the database then has for each message."""
    from django.db import connection

    global _stored
    began = time.perf_counter()
    _stored = Stored(size)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        (in_all,) = cursor.fetchone()
    return time.perf_counter() - began, in_all // size


def _measure(name: str) -> tuple[float, float]:
    """Return the median seconds of a call, and the processor's seconds for it here and in the database's server."""
    assert _stored is not None
    path, times = next((path, times) for known, path, times in (*PATHS, *CONTROLS) if known == name)
    steps, lasted = list(path(_stored, times)), []
    before = _processor_seconds()
    for step in steps:
        began = time.perf_counter()
        step()
        lasted.append(time.perf_counter() - began)
    return statistics.median(lasted), (_processor_seconds() - before) / times


def _processor_seconds() -> float:
    from django.db import connection

    server: Any = connection.connection
    return time.process_time() + (seconds_of(server.info.backend_pid) if server else 0.0)
