"""How quickly a spreadsheet becomes messages: ``python -m tests.benchmarks.notify_bulk``.

Three figures for emails and for texts: checking and keeping the rows, writing them as messages, and the same rows into
the same table with nothing but COPY (the control). ``GAAP_BENCH_ROWS`` sets how many there are (default 20,000).
"""

import os
import resource
import time
from collections.abc import Callable, Iterator

from tests.benchmarks.surroundings import say, set_up_suite

ROWS = int(os.environ.get("GAAP_BENCH_ROWS", "20000"))


def main() -> None:
    """Measure and print."""
    with set_up_suite():
        from django.test import override_settings

        with override_settings(GAAP_NOTIFY={"BULK_ROWS": max(ROWS, 100_000)}):
            measure()


def measure() -> None:
    """Send one spreadsheet of each channel."""
    from gaap.organisations.services import create_organisation, create_service
    from gaap.testing.plugin import TESTER
    from gaap_notify.services.jobs import JobOrder, create_job
    from gaap_notify.services.templates import create_template, current_version

    organisation = create_organisation("Ministry of Transport", type="central", by=TESTER)
    service = create_service("Renew", organisation=organisation, is_live=True, by=TESTER)
    for channel, subject in (("email", "Paid ((amount))"), ("sms", "")):
        body = "Dear ((name))\n\nWe have received ((amount)). Thank you."
        template = create_template(service, type=channel, name="Receipt", subject=subject, body=body, by=TESTER)
        order = JobOrder(service=service, version=current_version(template), name="bench.csv", key_type="live")
        kept = timed(lambda order=order, channel=channel: create_job(order, rows(channel), by=TESTER))  # type: ignore[misc]
        written = timed(write_all)
        copied = timed(lambda order=order, channel=channel: copy_alone(order, channel))  # type: ignore[misc]
        show(channel, kept, written, copied)
    say(f"memory at its highest: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def rows(channel: str) -> Iterator[list[str]]:
    """Yield the headings and the rows."""
    yield ["email address" if channel == "email" else "phone number", "name", "amount"]
    for number in range(ROWS):
        recipient = f"n{number}@example.org" if channel == "email" else f"074{number % 10**8:08d}"
        yield [recipient, f"Person {number}", "£10"]


def write_all() -> None:
    """Make messages of every part."""
    from gaap_notify.services.jobs import write_due_chunks

    while write_due_chunks():
        pass


def copy_alone(order: object, channel: str) -> None:
    """Write rows of the same size that are ready beforehand."""
    from django.db import transaction

    from gaap.copying import copy_rows
    from gaap_notify.models import Notification
    from gaap_notify.services.jobs import _COLUMNS

    row = Notification.objects.filter(type=channel).values_list(*_COLUMNS).first()
    assert row is not None
    from gaap.identifiers import new_uuid

    with transaction.atomic():
        copy_rows(Notification, _COLUMNS, ((new_uuid(), *row[1:]) for _ in range(ROWS)))


def timed(step: Callable[[], object]) -> float:
    """Return how many rows a second the step takes."""
    began = time.perf_counter()
    step()
    return ROWS / (time.perf_counter() - began)


def show(channel: str, kept: float, written: float, copied: float) -> None:
    """Print the three figures and their ratios to the control."""
    both = 1 / (1 / kept + 1 / written)
    for name, value in (
        ("checked and kept", kept),
        ("written as messages", written),
        ("both", both),
        ("COPY with encryption alone (control)", copied),
    ):
        say(f"{channel:6} {name:38} {value:10,.0f} rows/s  {value / copied:6.2f} of the control")


if __name__ == "__main__":
    main()
