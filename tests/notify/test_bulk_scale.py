"""A file with as many rows as anybody has becomes that many messages, in memory that does not grow with it.

GAAP_TEST_ROWS sets how many there are (default 20000; 1000000 for the long run).
"""

import os
import resource
from pathlib import Path

import pytest
from django.db import connection

from gaap.testing.plugin import TESTER
from gaap_notify.models import JobChunk, Notification
from gaap_notify.services.jobs import JobOrder, create_job_from_file, write_due_chunks
from gaap_notify.services.templates import current_version

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

ROWS = int(os.environ.get("GAAP_TEST_ROWS", "20000"))
#: What a thousand rows at a time, their messages and their events may take, however many follow.
MOST_MEGABYTES = 60


def megabytes() -> float:
    """Return how much memory this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "everybody.csv"
    with path.open("w", encoding="utf-8") as written:
        written.write("email address,name,amount\n")
        written.writelines(f"n{number}@example.org,Người thứ {number},£10\n" for number in range(ROWS))
    return path


def test_every_row_of_a_large_file_becomes_one_message(file, service, email_template, settings):
    settings.GAAP_NOTIFY = {"BULK_ROWS": ROWS}
    order = JobOrder(service=service, version=current_version(email_template), name="everybody.csv", key_type="live")
    began, most = megabytes(), 0.0
    with file.open("rb") as opened:
        job = create_job_from_file(order, opened, by=TESTER)
    most = max(most, megabytes() - began)
    while write_due_chunks():
        most = max(most, megabytes() - began)
    job.refresh_from_db()
    assert (job.status, job.rows, job.done_rows) == ("finished", ROWS, ROWS)
    assert not JobChunk.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT recipient_digest), max(job_row) FROM gaap_notify_notification")
        assert cursor.fetchone() == (ROWS, ROWS, ROWS)
    last = Notification.objects.get(job_row=ROWS)
    assert (last.recipient, last.body) == (f"n{ROWS - 1}@example.org", f"Dear Người thứ {ROWS - 1}\n\nThank you.")
    assert most < MOST_MEGABYTES, f"{most:.0f} MB more than at the beginning"
