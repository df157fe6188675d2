"""Rows copied many at a time are what the ORM would have written, and no two of their sealed values look alike."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from gaap.clock import now
from gaap.copying import AT_ONCE, copy_rows
from gaap.outbox.models import OutboxEvent
from gaap.testing.plugin import TESTER
from gaap_notify.models import Job, JobChunk
from gaap_notify.services.templates import create_template, current_version

COLUMNS = ("id", "name", "service_id", "subject", "data", "occurred_at", "attempts", "failure", "retry_at", "position")
AWKWARD = [
    "",
    "plain",
    "tab\tand\nline\r",
    "back\\slash \\N \\.",
    "Nguyễn Thị Ngọc 👋",
    "'\"%s{}",
    "\x0b\x08\x7f",
    "NULL",
]

pytestmark = pytest.mark.django_db


def an_event(**changes):
    facts = {
        "id": uuid.uuid4(),
        "name": "parcel_sent",
        "service_id": uuid.uuid4(),
        "subject": "parcel/1",
        "data": {"né": [1, None, "ế\\n", True]},
        "occurred_at": now(),
        "attempts": 0,
        "failure": "",
        "retry_at": None,
        "position": None,
    }
    return OutboxEvent(**{**facts, **changes})


@pytest.mark.parametrize("is_alike", [True, False], ids=["one value for all rows", "a value of each row's own"])
@pytest.mark.parametrize("text", AWKWARD)
def test_rows_are_those_of_the_orm(text, is_alike):
    moment = now()
    given = an_event(subject=text, failure=text, data={"text": text}, retry_at=moment + timedelta(days=1))
    given.save(force_insert=True)
    other = an_event()
    keys = [uuid.uuid4(), uuid.uuid4()]
    alike = [getattr(given, name) for name in COLUMNS[1:-1]]
    second = alike if is_alike else [getattr(other, name) for name in COLUMNS[1:-1]]
    assert copy_rows(OutboxEvent, COLUMNS, [(keys[0], *alike, 1), (keys[1], *second, 2)]) == 2
    wanted = OutboxEvent.objects.get(pk=given.pk)
    found = OutboxEvent.objects.get(id=keys[0])
    for name in COLUMNS[1:-1]:
        assert getattr(found, name) == getattr(wanted, name), name
    assert OutboxEvent.objects.filter(id=keys[1], subject=text if is_alike else other.subject).exists()


def test_more_rows_than_are_taken_at_once():
    service_id, count = uuid.uuid4(), AT_ONCE + 1
    rows = ((uuid.uuid4(), "n", service_id, f"parcel/{n}", {"n": n}, now(), n, "", None, n) for n in range(count))
    assert copy_rows(OutboxEvent, COLUMNS, rows) == count
    found = OutboxEvent.objects.filter(service_id=service_id)
    assert {event.subject: event.data["n"] for event in found} == {f"parcel/{n}": n for n in range(count)}


def test_no_rows():
    assert copy_rows(OutboxEvent, COLUMNS, []) == 0


def test_a_row_with_too_few_values_is_refused():
    row: tuple[Any, ...] = (uuid.uuid4(), "n", None, "parcel/1", {}, now(), 0, "", None, None)
    with pytest.raises(ValueError, match="argument"):
        copy_rows(OutboxEvent, COLUMNS, [row, row[:-1]])


def test_one_secret_in_many_rows_is_sealed_for_each(service):
    template = create_template(service, type="sms", name="T", body="B", by=TESTER)
    job = Job.objects.create(
        service=service, template_version=current_version(template), name="a.csv", key_type="live", created_by="t"
    )
    secret = [[1, "07700900123", "447700900123", 1, {}]]
    columns = ("job_id", "size", "content", "due_at", "attempts")
    copy_rows(JobChunk, columns, [(job.pk, 1, secret, None, 0)] * 20)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM gaap_notify_jobchunk")
        sealed = {row[0] for row in cursor.fetchall()}
    assert len(sealed) == 20
    assert [chunk.content for chunk in JobChunk.objects.all()] == [secret] * 20
