"""How quickly a spreadsheet becomes messages: checked and kept, and then written, as one figure.

The control is the same rows into the same table with nothing but COPY, their personal fields encrypted alike; that it
stands at 50,000 rows a second or more is a promise of its own.
"""

import os
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.benchmarks.figures import Figure, Turns

ROWS = int(os.environ.get("GAAP_BENCH_ROWS", "20000"))
LEAST = {"email": 10_000, "sms": 5_000}
NAMES = {"email": "notify: rows of emails", "sms": "notify: rows of texts"}


def environ() -> dict[str, str]:
    """Return what the settings must hold."""
    return {"GAAP_NOTIFY": f'{{"BULK_ROWS": {max(ROWS, 100_000)}}}'}


def measure(rounds: int) -> Iterable[Figure]:
    """Yield the figures of both channels; Django must be set up on a database of its own."""
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
    example: tuple[Any, ...] = ()

    def send(self) -> float:
        """Check and keep the rows, then make messages of them."""
        from gaap.testing.plugin import TESTER
        from gaap_notify.services.jobs import JobOrder, create_job

        order = JobOrder(service=self.service, version=self.version, name="bench.csv", key_type="live")
        kept = _rate(lambda: create_job(order, rows(self.channel), by=TESTER))
        written = _rate(_write_all)
        self.words = f"kept {kept:,.0f}, written {written:,.0f} a second"
        return 1 / (1 / kept + 1 / written)

    def copy(self) -> float:
        """Write rows of the same size that are ready beforehand."""
        from django.db import transaction

        from gaap.copying import copy_rows
        from gaap.identifiers import new_uuid
        from gaap_notify.models import Notification
        from gaap_notify.services.jobs import MESSAGE_COLUMNS

        row = self.example or self._example()
        keys = (new_uuid() for _ in range(ROWS))
        with transaction.atomic():
            return _rate(lambda: copy_rows(Notification, MESSAGE_COLUMNS, ((key, *row[1:]) for key in keys)))

    def _example(self) -> tuple[Any, ...]:
        from gaap_notify.models import Notification
        from gaap_notify.services.jobs import MESSAGE_COLUMNS

        self.send()
        found = Notification.objects.filter(type=self.channel).values_list(*MESSAGE_COLUMNS).first()
        if found is None:
            raise RuntimeError("No message was written.")
        self.example = (*found[:-5], None, None, *found[-3:])
        _empty()
        return self.example


def _clean(step: Callable[[], float]) -> float:
    _empty()
    return step()


def _empty() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE gaap_notify_job, gaap_notify_notification, gaap_outboxevent CASCADE")


def _write_all() -> None:
    from gaap_notify.services.jobs import write_due_chunks

    while write_due_chunks():
        pass


def _rate(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return ROWS / (time.perf_counter() - began)


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
