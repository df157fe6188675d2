"""Rows written many at a time are what the ORM would have written, and no two of their sealed values look alike."""

import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from gaap.clock import now
from gaap.copying import AT_ONCE, change_each, copy_rows
from gaap.outbox.models import OutboxEvent
from gaap.testing.plugin import TESTER
from gaap_notify.models import Job, JobChunk
from gaap_notify.services.templates import create_template, current_version
from tests.platform.parallel import in_parallel

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


@pytest.mark.parametrize("text", AWKWARD)
def test_each_row_gets_its_own_value_and_all_the_same_one(text):
    moment = now()
    first, second, other = (an_event() for _ in range(3))
    for event in (first, second, other):
        event.save(force_insert=True)
    each = {"failure": {first.pk: text, second.pk: "its own"}, "retry_at": {first.pk: moment, second.pk: None}}
    changed = change_each(
        OutboxEvent, [first.pk, second.pk], {"subject": text, "data": {"text": text}}, each, where=("name", first.name)
    )
    assert changed == {first.pk, second.pk}
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.subject, first.data, first.failure, first.retry_at) == (text, {"text": text}, text, moment)
    assert (second.subject, second.failure, second.retry_at) == (text, "its own", None)
    other.refresh_from_db()
    assert (other.subject, other.failure) == ("parcel/1", "")


def test_what_is_no_longer_as_it_was_stays_so():
    standing, gone = an_event(), an_event(name="parcel_lost")
    standing.save(force_insert=True)
    gone.save(force_insert=True)
    keys = [standing.pk, gone.pk]
    assert change_each(OutboxEvent, keys, {}, {"failure": dict.fromkeys(keys, "x")}, where=("name", "parcel_sent")) == {
        standing.pk
    }
    gone.refresh_from_db()
    assert gone.failure == ""


def test_keys_are_given_back_as_the_rows_have_them(service):
    template = create_template(service, type="sms", name="T", body="B", by=TESTER)
    job = Job.objects.create(
        service=service, template_version=current_version(template), name="a.csv", key_type="live", created_by="t"
    )
    assert change_each(Job, [job.pk, uuid.uuid4()], {"rows": 3}, {}, where=("status", job.status)) == {job.pk}
    assert change_each(Job, [], {"rows": 4}, {}, where=("status", job.status)) == set()
    job.refresh_from_db()
    assert job.rows == 3


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_many_who_change_the_same_rows_in_any_order_one_changes_each():
    events = [an_event() for _ in range(40)]
    OutboxEvent.objects.bulk_create(events)
    keys = list(OutboxEvent.objects.values_list("pk", flat=True))

    def change(turn):
        order = keys if turn % 2 else keys[::-1]
        with transaction.atomic():
            values = {"failure": dict.fromkeys(order, f"by {turn}")}
            return turn, change_each(OutboxEvent, order, {"name": "parcel_lost"}, values, where=("name", "parcel_sent"))

    won = dict(in_parallel([partial(change, turn) for turn in range(8)]))
    assert sorted(key for changed in won.values() for key in changed) == sorted(keys)
    for event in OutboxEvent.objects.all():
        assert event.pk in won[int(event.failure.removeprefix("by "))]
