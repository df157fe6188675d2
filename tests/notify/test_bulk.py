"""Spreadsheets of messages: checked as a whole, scheduled, cancelled, and written by several workers at once."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest

from gaap.clock import now
from gaap.outbox.models import OutboxEvent
from gaap.testing.plugin import TESTER
from gaap_notify import tasks
from gaap_notify.models import Job, JobChunk, Lane, Notification
from gaap_notify.services import jobs, spreadsheets
from gaap_notify.services.bulk_rows import RowChecker, RowsRefusedError
from gaap_notify.services.delivery import deliver_for
from gaap_notify.services.jobs import JobOrder, cancel_job, create_job, create_job_from_file, write_due_chunks
from gaap_notify.services.scanning import ScanError
from gaap_notify.services.spreadsheets import SpreadsheetError, read_rows
from gaap_notify.services.templates import create_template, current_version
from tests.notify.tokens import NotifyClient
from tests.platform.parallel import in_parallel

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(service, email_template):
    return JobOrder(service=service, version=current_version(email_template), name="list.csv", key_type="test")


@pytest.fixture
def sms_order(service, sms_template):
    return JobOrder(service=service, version=current_version(sms_template), name="list.csv", key_type="test")


def rows(number, *, header=("Email Address", "NAME", "amount", "unused")):
    yield list(header)
    for index in range(number):
        yield [f"n{index}@example.org", f"Person {index}", "£10", "x"]


def test_every_row_becomes_a_message(order, monkeypatch):
    monkeypatch.setattr(jobs, "CHUNK_ROWS", 10)
    job = create_job(order, rows(25), by=TESTER)
    assert (job.rows, JobChunk.objects.count(), Notification.objects.count()) == (25, 3, 0)
    assert write_due_chunks() == 3
    job.refresh_from_db()
    assert (job.status, job.done_rows, job.progress) == ("finished", 25, 100)
    messages = Notification.objects.order_by("job_row")
    assert [row.job_row for row in messages] == list(range(1, 26))
    first = messages[0]
    assert (first.recipient, first.address, first.subject) == ("n0@example.org", "n0@example.org", "Paid £10")
    assert first.body == "Dear Person 0\n\nThank you."
    assert (first.lane, first.key_type, first.job_id) == (Lane.BULK, "test", job.pk)
    assert OutboxEvent.objects.filter(name="notification_created").count() == 25
    assert list(OutboxEvent.objects.filter(name__startswith="job_").values_list("name", flat=True)[::-1]) == [
        "job_started",
        "job_finished",
    ]
    deliver_for(10)
    assert set(Notification.objects.values_list("status", flat=True)) == {"sending"}


def test_texts_too(sms_order):
    table = iter([["phone number", "name"], ["07700 900123", "Ngọc"], ["+84 912 345 678", "Łódź"]])
    with pytest.raises(RowsRefusedError) as raised:
        create_job(sms_order, table, by=TESTER)
    assert [(fault.number, fault.message) for fault in raised.value.faults] == [
        (2, "Cannot send to international mobile numbers")
    ]
    create_job(sms_order, iter([["phone_number", "name"], ["07700 900123", "Ngọc"]]), by=TESTER)
    write_due_chunks()
    row = Notification.objects.get()
    assert (row.address, row.body, row.fragments, row.sender) == ("447700900123", "Hello Ngoc", 1, "")


FAULTY = {
    "no column for the recipient": ([["name", "amount"], ["x", "y"]], "email address"),
    "no column for a placeholder": ([["email address", "name"], ["a@example.org", "x"]], "amount"),
    "two columns for the recipient": (
        [["email address", "Email_Address", "name", "amount"], ["a@example.org"] * 4],
        "more than one",
    ),
    "nothing": ([], "no rows"),
    "only headings": ([["email address", "name", "amount"]], "no rows"),
    "an address that is none": ([["email address", "name", "amount"], ["a@", "x", "y"]], "Some rows"),
    "an empty cell": ([["email address", "name", "amount"], ["a@example.org", "", "y"]], "Some rows"),
    "a short row": ([["email address", "name", "amount"], ["a@example.org"]], "Some rows"),
}


@pytest.mark.parametrize(("table", "message"), FAULTY.values(), ids=FAULTY)
def test_faulty_sheet_keeps_nothing(order, table, message):
    with pytest.raises(RowsRefusedError, match=message):
        create_job(order, iter(table), by=TESTER)
    assert not JobChunk.objects.exists()


def test_first_faults_are_shown_and_all_are_counted(order):
    table = [["email address", "name", "amount"], *(["a@", "x", "y"] for _ in range(30))]
    with pytest.raises(RowsRefusedError) as raised:
        create_job(order, iter(table), by=TESTER)
    assert (len(raised.value.faults), raised.value.count) == (20, 30)
    assert raised.value.faults[0].number == 1


def test_more_rows_than_allowed_are_refused(order, settings):
    settings.GAAP_NOTIFY = {"BULK_ROWS": 5}
    with pytest.raises(RowsRefusedError, match="more than 5"):
        create_job(order, rows(6), by=TESTER)


def test_scheduled_job_waits_and_can_be_cancelled(service, order):
    from dataclasses import replace

    later = replace(order, scheduled_for=now() + timedelta(hours=5))
    job = create_job(later, rows(3), by=TESTER)
    assert (job.status, write_due_chunks()) == ("scheduled", 0)
    assert cancel_job(job, by=TESTER)
    assert not cancel_job(job, by=TESTER)
    job.refresh_from_db()
    assert (job.status, JobChunk.objects.count(), Notification.objects.count()) == ("cancelled", 0, 0)


@pytest.mark.parametrize("hours", [-1, 7 * 24 + 1])
def test_times_outside_of_the_week_are_refused(order, hours):
    from dataclasses import replace

    with pytest.raises(RowsRefusedError):
        create_job(replace(order, scheduled_for=now() + timedelta(hours=hours)), rows(3), by=TESTER)


def test_worker_that_dies_leaves_the_part_whole(order, monkeypatch):
    create_job(order, rows(3), by=TESTER)

    def die(*_):
        raise RuntimeError("killed")

    monkeypatch.setattr("gaap_notify.services.jobs.emit_alike", die)
    from django.db import transaction

    with pytest.raises(TypeError), transaction.atomic():
        write_due_chunks()
    monkeypatch.undo()
    assert Notification.objects.count() == 0
    JobChunk.objects.update(due_at=now())
    write_due_chunks()
    assert Notification.objects.count() == 3


CSV = '﻿email address,name,amount\r\nngoc@example.org,"Nguyễn, Ngọc",£10\r\n\r\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", CSV.encode()),
        ("a.CSV", CSV.removeprefix("﻿").encode("utf-16")),
        ("a.tsv", CSV.removeprefix("﻿").replace(",", "\t", 2).replace("org,", "org\t").replace('",', '"\t').encode()),
    ],
)
def test_tables_of_texts_are_read(name, content):
    assert list(read_rows(io.BytesIO(content), filename=name)) == [
        ["email address", "name", "amount"],
        ["ngoc@example.org", "Nguyễn, Ngọc", "£10"],
    ]


@pytest.mark.parametrize(
    ("name", "content"), [("a.exe", b"x"), ("a.xlsx", b"no workbook"), ("a.csv", b"\xff\xff\x00"), ("a", b"")]
)
def test_other_files_are_refused(name, content):
    with pytest.raises(SpreadsheetError):
        list(read_rows(io.BytesIO(content), filename=name))


@pytest.mark.parametrize(("verdict", "words"), [(False, "virus scan"), (None, "checked for viruses")])
def test_a_table_that_the_scanner_does_not_let_pass_sends_nothing(order, monkeypatch, verdict, words):
    def scan(data):
        assert data == CSV.encode()
        if verdict is None:
            raise ScanError("away")
        return verdict

    monkeypatch.setattr(spreadsheets, "is_clean", scan)
    with pytest.raises(SpreadsheetError, match=words):
        create_job_from_file(order, io.BytesIO(CSV.encode()), by=TESTER)
    assert not Job.objects.exists()


def test_file_becomes_a_job(order):
    job = create_job_from_file(order, io.BytesIO(CSV.encode()), by=TESTER)
    assert (job.name, job.rows) == ("list.csv", 1)


def bulk(client, **body):
    return client.post("/v2/notifications/bulk", body, content_type="application/json")


def test_api_takes_rows_and_csv(notify, email_template):
    table = [["email address", "name", "amount"], ["a@example.org", "A", 10]]
    for body in ({"rows": table}, {"csv": "email address,name,amount\na@example.org,A,10\n"}):
        answer = bulk(notify, name="May", template_id=str(email_template.pk), reference="batch", **body)
        assert answer.status_code == 201
        shown = answer.json()
        assert (shown["status"], shown["notification_count"], shown["reference"]) == ("pending", 1, "batch")
        assert notify.get(f"/v2/notifications/bulk/{shown['id']}").json() == shown
    write_due_chunks()
    assert Notification.objects.filter(reference="batch").count() == 2
    assert notify.get("/v2/notifications").json()["notifications"] == []
    assert len(notify.get("/v2/notifications?include_jobs=true").json()["notifications"]) == 2


def test_api_says_what_is_wrong(notify, email_template):
    table = [["email address", "name", "amount"], ["a@", "A", 10]]
    answer = bulk(notify, name="May", template_id=str(email_template.pk), rows=table)
    assert answer.status_code == 400
    assert [error["message"] for error in answer.json()["errors"]] == [
        "Some rows cannot be sent.",
        "Row 1: email_address Not a valid email address",
    ]
    assert not Job.objects.exists()


@pytest.mark.parametrize("body", [{}, {"rows": [], "csv": ""}, {"rows": [["x"]]}, {"csv": "", "unknown": 1}])
def test_api_refuses_half_a_request(notify, email_template, body):
    assert bulk(notify, name="May", template_id=str(email_template.pk), **body).status_code == 400


def test_api_cancels(notify, email_template, other_key):
    soon = (now() + timedelta(hours=1)).isoformat()
    table = [["email address", "name", "amount"], ["a@example.org", "A", 10]]
    shown = bulk(notify, name="May", template_id=str(email_template.pk), rows=table, scheduled_for=soon).json()
    path = f"/v2/notifications/bulk/{shown['id']}"
    assert NotifyClient(other_key.api_key).delete(path).status_code == 404
    assert notify.delete(path).json()["status"] == "cancelled"
    assert notify.delete(path).status_code == 400


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_write_each_row_once(order, monkeypatch):
    monkeypatch.setattr(jobs, "CHUNK_ROWS", 5)
    job = create_job(order, rows(60), by=TESTER)
    in_parallel([write_due_chunks] * 4)
    job.refresh_from_db()
    assert list(Notification.objects.order_by("job_row").values_list("job_row", flat=True)) == list(range(1, 61))
    assert (job.status, job.done_rows) == ("finished", 60)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_who_cancels_while_it_is_written_gets_whole_parts(order, monkeypatch, turn):
    monkeypatch.setattr(jobs, "CHUNK_ROWS", 5)
    job = create_job(order, rows(100), by=TESTER)
    does: list[Callable[[], object]] = [write_due_chunks, write_due_chunks, write_due_chunks]
    was_cancelled = in_parallel([*does, lambda: cancel_job(job, by=TESTER)])[-1]
    job.refresh_from_db()
    assert job.status == ("cancelled" if was_cancelled else "finished")
    assert Notification.objects.count() == job.done_rows == 5 * (job.done_rows // 5)
    assert not JobChunk.objects.exists()


@pytest.mark.parametrize(("parts", "is_help_called"), [(1, False), (10, False), (11, True), (30, True)])
def test_others_are_asked_to_help_with_many_parts(order, monkeypatch, parts, is_help_called):
    monkeypatch.setattr(jobs, "CHUNK_ROWS", 1)
    job = create_job(order, rows(parts), by=TESTER)
    called: list[object] = []
    monkeypatch.setattr(tasks, "wake", called.append)
    tasks.write_jobs()
    job.refresh_from_db()
    assert bool(called) == is_help_called
    assert job.done_rows == min(parts, 20)


@pytest.mark.parametrize(
    ("body", "name", "is_drafted"),
    [
        ("Dear ((name))", "Ngọc", False),
        ("((name))", "Ngọc", True),
        ("((name))…", "Ngọc", True),
        ("Dear ((name))", "x" * 250, True),
        ("Dear ((name))((name))", "x" * 104, False),
        ("Dear ((name))((name))", "x" * 105, True),
    ],
    ids=["short", "nothing but values", "no word of its own", "long value", "just short enough", "twice a value"],
)
def test_texts_are_written_out_for_the_check_only_when_it_matters(service, monkeypatch, body, name, is_drafted):
    template = create_template(service, type="sms", name="T", body=body, by=TESTER)
    order = JobOrder(service=service, version=current_version(template), name="a.csv", key_type="test")
    drafted: list[object] = []
    monkeypatch.setattr(RowChecker, "_draft", lambda *given: drafted.append(given))
    create_job(order, iter([["phone number", "name"], ["07700900123", name]]), by=TESTER)
    assert bool(drafted) == is_drafted


@pytest.mark.parametrize(("signs", "is_too_long"), [(304, False), (305, True)])
def test_what_grows_on_its_way_is_measured(service, signs, is_too_long):
    template = create_template(service, type="sms", name="T", body="Dear ((name))", by=TESTER)
    order = JobOrder(service=service, version=current_version(template), name="a.csv", key_type="test")
    table = [["phone number", "name"], ["07700900123", "…" * signs]]
    if is_too_long:
        with pytest.raises(RowsRefusedError):
            create_job(order, iter(table), by=TESTER)
    else:
        assert create_job(order, iter(table), by=TESTER).rows == 1
