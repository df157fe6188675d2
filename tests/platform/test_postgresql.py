"""A busy connection is not asked whether it is there, one that was ended is noticed, and statements are kept ready."""

import time

import pytest
from django.db import connection, connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.utils import DataError, OperationalError

from gaap.clock import now
from gaap.outbox.models import OutboxEvent
from gaap.rows import insert_rows, read_row
from gaap_site.postgresql.base import TRUSTED_SECONDS

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def asked(monkeypatch):
    """How often the server was asked whether it is there."""
    connection.close()
    connection.ensure_connection()
    times: list[bool] = []
    ask = DatabaseWrapper.is_usable

    def count(wrapper):
        times.append(ask(wrapper))
        return times[-1]

    monkeypatch.setattr(DatabaseWrapper, "is_usable", count)
    return times


def begin_a_request():
    """Do what Django does with its connections when a request begins."""
    connection.health_check_enabled = True  # type: ignore[attr-defined]
    connection.close_if_unusable_or_obsolete()


def answer():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def end_it(pid):
    """End the connection from outside, as a server that restarts does."""
    other = connections["default"].copy("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    finally:
        other.close()
    time.sleep(0.2)


def test_a_busy_connection_is_not_asked(asked):
    for _ in range(20):
        begin_a_request()
        answer()
    assert asked == []


def test_after_some_seconds_it_is_asked_once(asked, monkeypatch):
    moment = time.monotonic() + TRUSTED_SECONDS
    monkeypatch.setattr("gaap_site.postgresql.base.time.monotonic", lambda: moment)
    for _ in range(3):
        begin_a_request()
        answer()
    assert asked == [True]


def test_a_connection_that_was_ended_is_replaced(asked):
    begin_a_request()
    first = answer()
    end_it(first)
    begin_a_request()
    assert answer() != first
    assert asked == [False]


def test_after_an_error_it_is_asked(asked):
    begin_a_request()
    first = answer()
    end_it(first)
    with pytest.raises(OperationalError):
        answer()
    begin_a_request()
    assert answer() != first
    assert asked == [False]


def write_event():
    event = OutboxEvent(name="parcel_sent", subject="parcel/1", occurred_at=now())
    insert_rows(event)
    return event


def test_what_is_written_again_and_again_is_kept_ready():
    write_event()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'INSERT INTO%outboxevent%'")
        assert cursor.fetchone()[0] == 1


def test_what_is_kept_ready_outlives_a_change_of_its_table():
    write_event()
    try:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE gaap_outboxevent ADD COLUMN colour varchar(10) NOT NULL DEFAULT 'red'")
            cursor.execute("ALTER TABLE gaap_outboxevent ALTER COLUMN subject TYPE varchar(200)")
        second = write_event()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE gaap_outboxevent DROP COLUMN IF EXISTS colour")
            cursor.execute("ALTER TABLE gaap_outboxevent ALTER COLUMN subject TYPE varchar(150)")
    third = write_event()
    assert set(OutboxEvent.objects.values_list("id", flat=True)) >= {second.id, third.id}


def read_event(event):
    """The subject of the event as the database has it."""
    found = read_row(OutboxEvent, id=event.id)
    assert found is not None
    return found.subject


def kept_ready(beginning):
    """How many statements the server keeps ready that begin so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", [f"{beginning}%"])
        return cursor.fetchone()[0]


def test_what_is_read_again_and_again_is_kept_ready():
    event = write_event()
    assert [read_event(event) for _ in range(2)] == ["parcel/1", "parcel/1"]
    assert kept_ready("SELECT") == 1


def test_within_a_transaction_no_question_is_kept():
    event = write_event()
    with transaction.atomic():
        assert read_event(event) == "parcel/1"
        assert kept_ready("SELECT") == 0


def test_a_question_outlives_another_type_of_its_columns():
    event = write_event()
    read_event(event)
    try:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE gaap_outboxevent ALTER COLUMN subject TYPE varchar(200)")
        assert read_event(event) == "parcel/1"
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE gaap_outboxevent ALTER COLUMN subject TYPE varchar(150)")
    assert read_event(event) == "parcel/1"


def test_a_value_that_does_not_fit_is_an_error_of_djangos():
    with pytest.raises(DataError):
        insert_rows(OutboxEvent(name="x" * 101, subject="parcel/1", occurred_at=now()))
    write_event()
