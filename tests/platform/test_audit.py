"""The audit: written with the act, sealed without a queue of writers, and checked row by row."""

import json
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from gaap.actors import Actor, acting, current_actor
from gaap.audit.chain import GENESIS
from gaap.audit.checkpoints import make_checkpoint, matches
from gaap.audit.models import AuditEvent, AuditSeal
from gaap.audit.seals import OPEN_AT_ITS_END, seal_waiting
from gaap.audit.services import record
from gaap.audit.verify import Finding, verify_audit
from gaap.clock import now
from gaap.partitions.months import Month
from gaap.testing.plugin import TESTER
from tests.platform.parallel import in_parallel


@contextmanager
def tampering(vendor_table="gaap_auditevent"):
    """Write to the table as somebody with the database in their hands would."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {vendor_table} DISABLE TRIGGER USER")
        yield cursor
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {vendor_table} ENABLE TRIGGER USER")


@pytest.fixture
def events(organisation):
    made = [record("parcel_sent", target=organisation, by=TESTER, after={"n": n, "ngọc": "é"}) for n in range(10)]
    while seal_waiting(limit=4):
        pass
    return made


def numbers():
    return [finding.number for finding in verify_audit().findings]


def test_names_the_one_who_acts(organisation):
    person = Actor("person", "7", "someone")
    with acting(person):
        assert current_actor() == person
        event = record("parcel_sent", target=organisation, purpose="test")
    assert (event.actor_kind, event.actor_id, event.actor_label, event.purpose) == ("person", "7", "someone", "test")
    assert record("parcel_sent", target=organisation).actor_kind == "system"


def test_stands_or_falls_with_the_act(organisation):
    before = AuditEvent.objects.count()
    with transaction.atomic():
        record("parcel_sent", target=organisation)
        transaction.set_rollback(True)
    assert AuditEvent.objects.count() == before


def test_intact(events):
    report = verify_audit()
    assert report.findings == ()
    assert (report.sealed, report.waiting) == (AuditEvent.objects.count(), 0)
    assert AuditSeal.objects.count() == 3


def test_events_not_yet_sealed_are_checked_too(events, organisation):
    late = record("parcel_sent", target=organisation)
    assert (verify_audit().waiting, verify_audit().findings) == (1, ())
    with tampering() as cursor:
        cursor.execute("UPDATE gaap_auditevent SET actor_id = 'me' WHERE id = %s", [late.pk])
    assert verify_audit().findings == (Finding(late.pk, "changed"),)


@pytest.mark.parametrize("column", ["actor_id", "action", "target_id", "purpose", "after"])
def test_changed_row_is_named(events, column):
    value = '{"n": 99}' if column == "after" else "x"
    with tampering() as cursor:
        cursor.execute(f"UPDATE gaap_auditevent SET {column} = %s WHERE id = %s", [value, events[3].pk])
    assert verify_audit().findings == (Finding(events[3].pk, "changed"),)


def test_removed_row_is_named(events):
    with tampering() as cursor:
        cursor.execute("DELETE FROM gaap_auditevent WHERE id = %s", [events[5].pk])
    assert verify_audit().findings == (Finding(events[5].pk, "removed"),)


def test_inserted_row_is_named(events, organisation, monkeypatch):
    """Even one with a right mac, as only the platform itself could make: no gap was left for it."""
    monkeypatch.setattr("gaap.audit.seals.GAP_REACH", 2)
    gap = record("parcel_sent", target=organisation).pk
    with tampering() as cursor:
        cursor.execute("UPDATE gaap_auditevent SET id = id + 9 WHERE id = %s", [gap])
    seal_waiting()
    assert verify_audit().findings == ()
    with tampering() as cursor:
        cursor.execute("UPDATE gaap_auditevent SET id = %s WHERE id = %s", [gap, gap + 9])
    assert verify_audit().findings == (Finding(gap, "inserted"), Finding(gap + 9, "removed"))


def test_row_inserted_before_the_first_one_is_named(events):
    with tampering() as cursor:
        cursor.execute("UPDATE gaap_auditevent SET id = -7 WHERE id = %s", [events[3].pk])
    assert verify_audit().findings == (Finding(-7, "inserted"), Finding(events[3].pk, "removed"))


def test_reordered_rows_are_named(events):
    one, other = events[2].pk, events[7].pk
    with tampering() as cursor:
        cursor.execute("UPDATE gaap_auditevent SET id = -1 WHERE id = %s", [one])
        cursor.execute("UPDATE gaap_auditevent SET id = %s WHERE id = %s", [one, other])
        cursor.execute("UPDATE gaap_auditevent SET id = %s WHERE id = -1", [other])
    assert verify_audit().findings == (Finding(one, "moved"), Finding(other, "moved"))


def test_broken_seal_is_named(events):
    seal = AuditSeal.objects.order_by("id")[1]
    with tampering("gaap_auditseal") as cursor:
        cursor.execute("UPDATE gaap_auditseal SET gaps = '[1]' WHERE id = %s", [seal.pk])
    assert Finding(seal.pk, "seal broken") in verify_audit().findings


def test_cut_end_is_found_by_a_kept_checkpoint(events, tmp_path):
    kept = tmp_path / "checkpoint.json"
    kept.write_text(json.dumps(make_checkpoint()))
    call_command("verify_audit", "--against", str(kept), stdout=StringIO())
    last = AuditSeal.objects.latest("id")
    with tampering("gaap_auditseal") as cursor:
        cursor.execute("DELETE FROM gaap_auditseal WHERE id = %s", [last.pk])
    with tampering() as cursor:
        cursor.execute("DELETE FROM gaap_auditevent WHERE id >= %s", [last.first_id])
    assert verify_audit().findings == ()
    with pytest.raises(CommandError, match="does not hold"):
        call_command("verify_audit", "--against", str(kept), stdout=StringIO())


def test_forged_checkpoint_does_not_match(events):
    checkpoint = make_checkpoint()
    assert matches(checkpoint)
    assert not matches({**checkpoint, "seal": 1})
    assert not matches({**checkpoint, "signature": "AAAA"})


def test_command_names_the_first_bad_row(events):
    call_command("verify_audit", stdout=StringIO())
    with tampering() as cursor:
        cursor.execute("DELETE FROM gaap_auditevent WHERE id = %s", [events[5].pk])
    with pytest.raises(CommandError, match=rf"event {events[5].pk}: removed"):
        call_command("verify_audit", stdout=StringIO())


def test_empty_audit_is_intact(db):
    assert verify_audit().head == GENESIS
    assert seal_waiting() == 0


def test_a_number_that_commits_late_is_sealed_later(organisation):
    first = record("parcel_sent", target=organisation)
    with tampering() as cursor:
        cursor.execute("UPDATE gaap_auditevent SET id = id + 3 WHERE id = %s", [first.pk])
    seal_waiting()
    assert first.pk in AuditSeal.objects.latest("id").gaps
    with tampering() as cursor:
        cursor.execute("UPDATE gaap_auditevent SET id = id - 3 WHERE id = %s", [first.pk + 3])
    seal_waiting()
    assert [finding.kind for finding in verify_audit().findings] == ["removed"]
    assert AuditSeal.objects.latest("id").first_id == first.pk


def renumber(event, number):
    """Write the event as if another number had been drawn for it."""
    with tampering() as cursor:
        cursor.execute("UPDATE gaap_auditevent SET id = %s WHERE id = %s", [number, event.pk])
    return number


def gaps():
    return AuditSeal.objects.latest("id").gaps


@pytest.fixture
def jumped(events, organisation):
    """The number of the first event after a month began, sealed while one of the month before was not there yet."""
    last = AuditEvent.objects.latest("id").pk
    first = renumber(record("parcel_sent", target=organisation), Month.of(now()).plus(1).first)
    seal_waiting()
    return last, first


def test_numbers_that_jump_leave_few_gaps(jumped):
    last, first = jumped
    assert [number for number in gaps() if number > last] == list(range(last + 1, last + 1 + OPEN_AT_ITS_END))
    assert verify_audit().findings == ()
    assert AuditSeal.objects.latest("id").last_id == first


def test_what_was_open_when_a_month_began_is_sealed_later(jumped, organisation):
    last, _ = jumped
    renumber(record("parcel_sent", target=organisation), last + 3)
    seal_waiting()
    assert AuditSeal.objects.latest("id").first_id == last + 3
    assert last + 3 not in gaps()
    assert verify_audit().findings == ()


def test_gaps_of_a_month_that_is_over_are_given_up_after_an_hour(jumped, organisation, monkeypatch):
    last, first = jumped
    monkeypatch.setattr("gaap.audit.seals.now", lambda: now() + timedelta(minutes=61))
    renumber(record("parcel_sent", target=organisation), first + 2)
    seal_waiting()
    assert gaps() == [first + 1]
    late = renumber(record("parcel_sent", target=organisation), last + 3)
    seal_waiting()
    assert verify_audit().findings == (Finding(late, "inserted"),)


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "statement",
    ["UPDATE gaap_auditevent SET action = 'x'", "DELETE FROM gaap_auditevent", "DELETE FROM gaap_auditseal"],
)
def test_postgresql_itself_refuses_changes(events, statement):
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_parallel_writers_and_sealers(organisation):
    def write():
        for _ in range(50):
            record("parcel_sent", target=organisation, by=TESTER)
        return 0

    in_parallel([write] * 6 + [lambda: seal_waiting(limit=20)] * 2)
    while seal_waiting():
        pass
    report = verify_audit()
    assert (report.sealed, report.findings) == (AuditEvent.objects.count(), ())


def test_a_copied_event_is_named_where_it_was_put(organisation):
    """A copy bears the right digest, and fits into the number of an act that failed."""
    lost = record("parcel_lost", target=organisation).pk
    with tampering() as cursor:
        cursor.execute("DELETE FROM gaap_auditevent WHERE id = %s", [lost])
    first = record("parcel_sent", target=organisation).pk
    seal_waiting()
    columns = ", ".join(str(field.column) for field in AuditEvent._meta.fields if field.column != "id")
    with tampering() as cursor:
        cursor.execute(
            f"INSERT INTO gaap_auditevent (id, {columns}) SELECT %s, {columns} FROM gaap_auditevent WHERE id = %s",
            [lost, first],
        )
    assert verify_audit().findings == (Finding(lost, "inserted"),)
    seal_waiting()
    assert verify_audit().findings == (Finding(lost, "inserted"),)


@pytest.mark.postgresql
@pytest.mark.parametrize("change", ["UPDATE {} SET action = 'x'", "DELETE FROM {}"])
def test_postgresql_refuses_changes_of_a_month_to_come(events, change):
    month = Month.of(now()).plus(1)
    renumber(events[9], month.first)
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(change.format(f"gaap_auditevent_{month}"))
