"""Accepting emails with more and more callers at once, by one process and by two: what a simulation has to reproduce.

The control is one caller of one process, who never waits for another.
"""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.figures import Figure, Turns
from tests.benchmarks.http_paths import REQUESTS, Rate, notify_asks, prepare
from tests.benchmarks.serving import serving

#: Processes, callers at once.
POINTS = ((1, 1), (1, 2), (1, 4), (1, 8), (2, 1), (2, 4), (2, 8))


def title(processes: int, callers: int) -> str:
    """Return what the figure of so many processes and callers at once is called."""
    return f"curve: {processes} process{'es' if processes > 1 else ''}, {callers} at once"


def measure(rounds: int) -> Iterable[Figure]:
    """Yield the figures; Django must be set up on a database of its own."""
    prepared, measures = prepare(), dict[str, Rate]()
    with (
        TemporaryDirectory() as folder,
        serving(Path(folder)) as one,
        TemporaryDirectory() as other,
        serving(Path(other), processes=2) as two,
    ):
        addresses = {1: one.suite, 2: two.suite}
        for processes, callers in POINTS:
            address = addresses[processes]
            email = notify_asks(address, prepared)[0]
            requests = REQUESTS
            measures[title(processes, callers)] = Rate(address, email, status=201, requests=requests, callers=callers)
        turns = Turns(dict(measures)).run(rounds=rounds)
    for name, measured in measures.items():
        yield turns.figure(name, control=title(1, 1), **measured.times())
