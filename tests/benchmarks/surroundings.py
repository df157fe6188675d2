"""What every benchmark needs: a database of its own on a real PostgreSQL, and figures beside a control of the same run.

A figure alone says more about the machine than about the code, so each benchmark prints a ratio to a control that ran
in turns with it, and how busy the machine was with other things.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from tests.faults.suite import database_of_its_own
from tests.project import PACKAGE_FOLDERS, ROOT, python_path
from tests.services import find_services

sys.path[:0] = [str(ROOT / folder) for folder in PACKAGE_FOLDERS]
Step = Callable[[], object]


@contextmanager
def set_up_suite() -> Iterator[str]:
    """Set Django up on a migrated database of its own for the block; the value is the database's address."""
    server = find_services()["postgresql"].address
    if server is None:
        sys.exit("This benchmark needs PostgreSQL (GAAP_TEST_DATABASE_URL).")
    with database_of_its_own(server, f"gaap_bench_{os.getpid()}") as url, TemporaryDirectory() as data:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "gaap_site.settings",
            "DATABASE_URL": url,
            "GAAP_DATA": data,
            "GAAP_EMBEDDED": "1",
            "GAAP_LOG_LEVEL": "ERROR",
        }
        import django
        from django.db import connections

        django.setup()
        environ = {**os.environ, "PYTHONPATH": python_path()}
        subprocess.run([sys.executable, "-m", "django", "migrate", "--verbosity", "0"], env=environ, check=True)
        try:
            yield url
        finally:
            connections.close_all()


def in_turns(steps: Mapping[str, Step], *, rounds: int, each: int) -> dict[str, float]:
    """Run the steps in turns and return the median seconds of one call of each; ``each`` calls make one round."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            began = time.perf_counter()
            for _ in range(each):
                step()
            taken[name].append((time.perf_counter() - began) / each)
    return {name: statistics.median(times) for name, times in taken.items()}


def report(title: str, seconds: Mapping[str, float], *, control: str) -> None:
    """Print each figure with its ratio to the control's, and the machine's load."""
    say(f"{title} (load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)")
    for name, value in seconds.items():
        say(f"  {name:42} {value * 1000:9.2f} ms   x {value / seconds[control]:.3f}")


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
