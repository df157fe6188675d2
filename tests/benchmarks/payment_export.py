"""How fast the CSV of 100,000 payments streams, and that it takes no more memory than that of 10,000.

Each file is read in a process of its own (``python -m tests.benchmarks.payment_export SERVICE USER``), as its peak of
memory is the process's.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from tests.benchmarks.figures import Figure, Turns
from tests.benchmarks.surroundings import run_python

#: Payments of all services: 70% of them are the large file, 7% of them (of 8%) the small one.
PAYMENTS = int(os.environ.get("GAAP_BENCH_EXPORTED", "143000"))
LARGE, SMALL = "pay: CSV, a hundred thousand payments", "pay: CSV, ten thousand payments"
COPY = "COPY to CSV of the same payments"
COPY_OUT = """
COPY (SELECT * FROM gaap_payments_payment WHERE service_id = %s ORDER BY created_at DESC) TO STDOUT (FORMAT csv)
"""
LARGE_PEAK, SMALL_PEAK = "pay: CSV, peak megabytes at a hundred thousand", "pay: CSV, peak megabytes at ten thousand"


def measure(rounds: int) -> Iterable[Figure]:
    """Yield rows a second beside COPY alone, and the small file's peak of memory beside the large one's."""
    from tests.benchmarks.payment_rows import fill, settle
    from tests.console.conftest import colleague

    filled = fill(PAYMENTS)
    settle()
    large, small = filled.worlds[0].service, filled.worlds[2].service
    reader = {service.pk: colleague(service, role).pk for service, role in ((large, "viewer"), (small, "developer"))}
    found: dict[str, dict[str, float]] = {}

    def read(name: str, service_id: Any) -> Callable[[], float]:
        def measured() -> float:
            said = run_python("tests.benchmarks.payment_export", str(service_id), str(reader[service_id]), reads=True)
            found[name] = json.loads(said)
            return found[name]["rows"] / found[name]["seconds"]

        return measured

    turns = Turns(
        {
            COPY: lambda: copy_rate(large.pk),
            LARGE: read(LARGE, large.pk),
            SMALL: read(SMALL, small.pk),
            LARGE_PEAK: lambda: found[LARGE]["megabytes"],
            SMALL_PEAK: lambda: found[SMALL]["megabytes"],
        }
    ).run(rounds=rounds)
    for name in (LARGE, SMALL):
        details = (f"{found[name]['rows']:,.0f} rows", f"first line after {found[name]['first'] * 1000:.0f} ms")
        yield turns.figure(name, control=COPY, details=details)
    # Flat: the small file needs nine tenths of what the large one does, or more.
    yield turns.figure(SMALL_PEAK, control=LARGE_PEAK, least_ratio=0.9)


def copy_rate(service_id: Any) -> float:
    """Return how many of a service's payments PostgreSQL alone writes as CSV in a second."""
    from django.db import connection

    from gaap_payments.models import Payment

    began = time.perf_counter()
    with connection.cursor() as cursor, cursor.copy(COPY_OUT, [service_id]) as copy:
        for _ in copy:
            pass
    return Payment.objects.filter(service_id=service_id).count() / (time.perf_counter() - began)


def read_file(browser: Any, service_id: Any) -> dict[str, float]:
    """Read the file as it streams; return its rows, seconds in all and to the first line, and the peak of memory."""
    from django.urls import reverse

    began, rows, first = time.perf_counter(), -1, 0.0
    answer = browser.get(reverse("payments-console-transactions-csv", args=[service_id]), {"mode": "test"})
    if answer.status_code != 200 or not answer.streaming:
        raise RuntimeError(f"The file was answered {answer.status_code}.")
    for part in answer.streaming_content:
        first = first or time.perf_counter() - began
        rows += part.count(b"\n")
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rows": rows, "seconds": seconds, "first": first, "megabytes": peak}


def main(service_id: str, user_id: str) -> None:
    """Read one file and print what it took."""
    import django

    django.setup()

    from django.contrib.auth import get_user_model

    from tests.console.conftest import browser_of

    browser = browser_of(get_user_model().objects.get(pk=user_id))
    sys.stdout.write(json.dumps(read_file(browser, service_id)))


if __name__ == "__main__":
    main(*sys.argv[1:])
