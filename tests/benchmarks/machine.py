"""What else the machine was doing while something was measured.

Time that other programs take is time that a figure lacks, so a round during which they took much is thrown away.
"""

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROCESSES = Path("/proc")
#: The servers that a benchmark works with, by the names of their programs; their time is the benchmark's own.
SERVERS = ("postgres", "beam.smp", "erl_child_setup", "redis-server")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Others:
    """Which share of one core other programs took; 0.0 where the system does not tell."""

    share: float = 0.0


@contextmanager
def watched() -> Iterator[Others]:
    """Measure the others during the block."""
    others, before, began = Others(), _seconds_by_process(), time.perf_counter()
    yield others
    lasted, after = time.perf_counter() - began, _seconds_by_process()
    ours = _family(os.getpid())
    spent = sum(max(0.0, used - before.get(key, 0.0)) for key, used in after.items() if key[0] not in ours)
    others.share = spent / lasted


def describe() -> dict[str, str | int]:
    """Say on what it was measured."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "python": platform.python_version(),
    }


def seconds_of(process: int) -> float:
    """Return the CPU time of a process on this machine, 0.0 where the system does not tell."""
    found = _stat(PROCESSES / str(process))
    return (int(found[1][11]) + int(found[1][12])) / TICKS if found else 0.0


def _processor() -> str:
    try:
        lines = (PROCESSES / "cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _stat(folder: Path) -> tuple[str, list[str]] | None:
    try:
        text = (folder / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    name, _, rest = text.partition(" (")[2].rpartition(") ")
    return name, rest.split()


def _processes() -> Iterator[tuple[int, str, list[str]]]:
    for folder in PROCESSES.glob("[0-9]*"):
        if found := _stat(folder):
            yield int(folder.name), *found


def _seconds_by_process() -> dict[tuple[int, str], float]:
    """Return the CPU time of every process but the servers', by process and the moment it began."""
    return {
        (process, fields[19]): (int(fields[11]) + int(fields[12])) / TICKS
        for process, name, fields in _processes()
        if not name.startswith(SERVERS)
    }


def _family(root: int) -> set[int]:
    """Return a process and all that come from it."""
    parents = {process: int(fields[1]) for process, _, fields in _processes()}
    family = {root}
    while more := {process for process, parent in parents.items() if parent in family} - family:
        family |= more
    return family
