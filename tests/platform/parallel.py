"""Running functions at the same time, each with its own database connection."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

Result = TypeVar("Result")


def in_parallel(functions: Sequence[Callable[[], Result]]) -> list[Result]:
    """Call all functions at once and return their results in order; the first exception is raised."""
    barrier = Barrier(len(functions))

    def run(function: Callable[[], Result]) -> Result:
        barrier.wait(timeout=30)
        try:
            return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(run, functions))
