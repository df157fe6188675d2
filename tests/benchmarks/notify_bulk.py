"""How quickly a spreadsheet becomes messages: checked and kept, and then written by a worker with two processes, as one
figure.

The control is the same rows into the same table with nothing but COPY, over a connection for each of the worker's
processes: streams that were sealed and written out beforehand, so that it costs the database alone. That it stands at
50,000 rows a second or more is a promise of its own.
"""

import os
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.benchmarks import delivery
from tests.benchmarks.figures import Figure, Turns
from tests.faults.suite import delete_queues

ROWS = int(os.environ.get("GAAP_BENCH_ROWS", "100000"))
LEAST = {"email": 10_000, "sms": 5_000}
LEAST_COPIED = 50_000
PATIENCE_SECONDS = 120 + ROWS / 1000
#: Rows of one block of the control's stream.
AT_ONCE = 100
NAMES = {"email": "notify: rows of emails", "sms": "notify: rows of texts"}


def environ() -> dict[str, str]:
    """Return what the settings must hold: a real broker, and room for so many rows."""
    return {**delivery.environ(), "GAAP_NOTIFY": f'{{"BULK_ROWS": {max(ROWS, 100_000)}}}'}


def measure(rounds: int) -> Iterable[Figure]:
    """Yield the figures of both channels; Django must be set up on a database of its own."""
    from gaap_notify.tasks import write_jobs
    from gaap_site.celery import app, queue_names

    route = app.amqp.router.route({}, write_jobs.name)["queue"].name
    try:
        # No other task: what has been written is not handed over while the rest is measured.
        with delivery.worker("--queues", route):
            yield from _figures(rounds)
    finally:
        delete_queues(os.environ["BROKER_URL"], queue_names())


def _figures(rounds: int) -> Iterator[Figure]:
    from gaap.organisations.services import create_organisation, create_service
    from gaap.testing.plugin import TESTER
    from gaap_notify.services.templates import create_template, current_version

    organisation = create_organisation("Ministry of Transport", type="central", by=TESTER)
    service = create_service("Renew", organisation=organisation, is_live=True, by=TESTER)
    for channel, subject in (("email", "Paid ((amount))"), ("sms", "")):
        body = "Dear ((name))\n\nWe have received ((amount)). Thank you."
        template = create_template(service, type=channel, name="Receipt", subject=subject, body=body, by=TESTER)
        sheet = _Sheet(service, current_version(template), channel)
        turns = Turns({f"COPY of {channel}": partial(_clean, sheet.copy), NAMES[channel]: partial(_clean, sheet.send)})
        turns.run(rounds=rounds)
        details = (sheet.words, f"memory {_megabytes()} MB")
        yield turns.figure(f"COPY of {channel}", least=LEAST_COPIED)
        yield turns.figure(NAMES[channel], control=f"COPY of {channel}", least=LEAST[channel], details=details)


def rows(channel: str) -> Iterator[list[str]]:
    """Yield the headings and the rows."""
    yield ["email address" if channel == "email" else "phone number", "name", "amount"]
    for number in range(ROWS):
        recipient = f"n{number}@example.org" if channel == "email" else f"074{number % 10**8:08d}"
        yield [recipient, f"Person {number}", "£10"]


@dataclass
class _Sheet:
    """A spreadsheet of one channel."""

    service: Any
    version: Any
    channel: str
    words: str = ""
    streams: dict[str, list[bytes]] = field(default_factory=dict)

    def send(self) -> float:
        """Check and keep the rows, then have messages made of them."""
        from gaap.testing.plugin import TESTER
        from gaap_notify.services.jobs import JobOrder, create_job

        order = JobOrder(service=self.service, version=self.version, name="bench.csv", key_type="live")
        began = time.perf_counter()
        job = create_job(order, rows(self.channel), by=TESTER)
        kept = time.perf_counter()
        _wait_for(job)
        written = time.perf_counter()
        self.words = f"kept {ROWS / (kept - began):,.0f}, written {ROWS / (written - kept):,.0f} a second"
        return ROWS / (written - began)

    def copy(self) -> float:
        """Write the rows of an earlier round, a stream that is ready beforehand for each of the worker's processes."""
        streams = self.streams or self._kept_streams()
        _copy_in("gaap_notify_job", streams["gaap_notify_job"])
        blocks = streams["gaap_notify_notification"]
        shares = [blocks[first :: delivery.PROCESSES] for first in range(delivery.PROCESSES)]
        with ThreadPoolExecutor(delivery.PROCESSES) as writers:
            return _rate(lambda: list(writers.map(_copy_in_alone, shares)))

    def _kept_streams(self) -> dict[str, list[bytes]]:
        self.send()
        self.streams = {table: _copy_out(table) for table in ("gaap_notify_job", "gaap_notify_notification")}
        _empty()
        return self.streams


def _copy_out(table: str) -> list[bytes]:
    from django.db import connection

    with connection.cursor() as cursor, cursor.cursor.copy(f"COPY {table} TO STDOUT") as copy:
        lines = [bytes(line) for line in copy]
    return [b"".join(lines[first : first + AT_ONCE]) for first in range(0, len(lines), AT_ONCE)]


def _copy_in(table: str, stream: Iterable[bytes]) -> None:
    from django.db import connection

    with connection.cursor() as cursor, cursor.cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for block in stream:
            copy.write(block)


def _copy_in_alone(stream: Iterable[bytes]) -> None:
    """Write notifications over a connection of this thread's own."""
    from django.db import connection

    try:
        _copy_in("gaap_notify_notification", stream)
    finally:
        connection.close()


def _clean(step: Callable[[], float]) -> float:
    _empty()
    return step()


def _empty() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE gaap_notify_job, gaap_notify_notification, gaap_outboxevent CASCADE")


def _wait_for(job: Any) -> None:
    ends = time.perf_counter() + PATIENCE_SECONDS
    while job.status != "finished":
        if time.perf_counter() > ends:
            raise RuntimeError(f"{job.rows - job.done_rows} of {job.rows} rows still wait.")
        time.sleep(0.01)
        job.refresh_from_db()


def _rate(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return ROWS / (time.perf_counter() - began)


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
