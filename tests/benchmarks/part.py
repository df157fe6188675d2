"""One part of the benchmarks in a process of its own: ``python -m tests.benchmarks.part NAME ROUNDS FILE``."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks import (
    audit_cost,
    delivery,
    http_paths,
    load_curve,
    notify_bulk,
    payment_export,
    payment_search,
    rendering,
    sign_in,
    webhook_rate,
)
from tests.benchmarks.figures import Figure
from tests.benchmarks.growth import measuring
from tests.benchmarks.surroundings import set_up_suite


@dataclass(frozen=True)
class Benchmark:
    """Yields the figures of so many rounds, with further variables in its environment."""

    measure: Callable[[int], Iterable[Figure]]
    environ: Callable[[], Mapping[str, str]] = dict


BENCHMARKS = {
    "http": Benchmark(http_paths.measure),
    "bulk": Benchmark(notify_bulk.measure, notify_bulk.environ),
    "delivery": Benchmark(delivery.measure, delivery.environ),
    "rendering": Benchmark(rendering.measure),
    "sign-in": Benchmark(sign_in.measure),
    "webhooks": Benchmark(webhook_rate.measure),
    "audit": Benchmark(audit_cost.measure),
    "search": Benchmark(payment_search.measure),
    "export": Benchmark(payment_export.measure),
    "curve": Benchmark(load_curve.measure),
    "growth": Benchmark(measuring.measure, measuring.environ),
}


def main(name: str, rounds: str, file: str) -> None:
    """Measure and write the figures down."""
    benchmark = BENCHMARKS[name]
    with set_up_suite(benchmark.environ()):
        figures = [asdict(figure) for figure in benchmark.measure(int(rounds))]
    Path(file).write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
