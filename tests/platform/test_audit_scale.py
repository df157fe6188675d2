"""The audit in bulk: parallel writers with a sealer beside them, and four kinds of tampering in what they wrote.

``GAAP_TEST_AUDIT_ROWS`` says how many rows there are.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from gaap.audit.models import AuditEvent
from gaap.audit.seals import seal_waiting
from gaap.audit.services import record
from gaap.audit.verify import Finding, verify_audit
from gaap.organisations.models import Organisation
from gaap.testing.plugin import TESTER
from tests.platform.parallel import in_parallel

ROWS = int(os.environ.get("GAAP_TEST_AUDIT_ROWS", "2000"))
WRITERS = 8
COLUMNS = [str(field.column) for field in AuditEvent._meta.fields if field.column != "id"]

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
Execute = Callable[[str, list[Any]], object]


@contextmanager
def tampered(*statements: tuple[str, list[Any]]) -> Iterator[None]:
    """Do what somebody with the database in their hands would; afterwards everything is as it was."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE gaap_auditevent DISABLE TRIGGER USER")
        for statement, parameters in statements:
            cursor.execute(statement, parameters)
        yield
        transaction.set_rollback(True)


def write(organisation: Organisation, writer: int) -> int:
    """Write this writer's share, some of it in transactions that fail or stay open a while."""
    for number in range(ROWS // WRITERS):
        with transaction.atomic():
            record("parcel_sent", target=organisation, by=TESTER, after={"writer": writer, "n": number})
            if number % 50 == 0:
                time.sleep(0.02)
        if number % 100 == 0:
            write_and_fail(organisation)
    return ROWS // WRITERS


def write_and_fail(organisation: Organisation) -> None:
    """Write a row whose act fails: its number stays a gap."""
    with transaction.atomic():
        record("parcel_lost", target=organisation, by=TESTER)
        transaction.set_rollback(True)


def seal_beside(until: Callable[[], bool]) -> int:
    """Seal again and again while the writers write."""
    while not until():
        if not seal_waiting(limit=500):
            time.sleep(0.01)
    return 0


def first_finding() -> Finding:
    """Return the first thing that is not as it was written."""
    return verify_audit().findings[0]


def test_parallel_writers_and_four_kinds_of_tampering(organisation: Organisation) -> None:
    before = AuditEvent.objects.count()
    is_complete = partial(_has, before + ROWS // WRITERS * WRITERS)
    in_parallel([*(partial(write, organisation, n) for n in range(WRITERS)), *[partial(seal_beside, is_complete)] * 2])
    while seal_waiting():
        pass
    report = verify_audit()
    assert (report.sealed, report.waiting, report.findings) == (AuditEvent.objects.count(), 0, ())
    assert report.sealed >= ROWS // WRITERS * WRITERS
    _tamper()
    assert verify_audit().findings == (), "the tampering was undone"


def _has(rows: int) -> bool:
    return AuditEvent.objects.count() >= rows


def _tamper() -> None:
    numbers = list(AuditEvent.objects.order_by("id").values_list("id", flat=True))
    one, other = numbers[len(numbers) // 3], numbers[len(numbers) // 2]
    free = _number_of_a_failed_act(numbers)
    copied = ", ".join(COLUMNS)
    with tampered(("UPDATE gaap_auditevent SET actor_id = 'somebody' WHERE id = %s", [one])):
        assert first_finding() == Finding(one, "changed")
    with tampered(("DELETE FROM gaap_auditevent WHERE id = %s", [one])):
        assert first_finding() == Finding(one, "removed")
    insert = f"INSERT INTO gaap_auditevent (id, {copied}) SELECT %s, {copied} FROM gaap_auditevent WHERE id = %s"
    with tampered((insert, [free, one])):
        assert first_finding() == Finding(free, "inserted")
    swap = "UPDATE gaap_auditevent SET id = %s WHERE id = %s"
    with tampered((swap, [-1, one]), (swap, [one, other]), (swap, [other, -1])):
        assert first_finding() == Finding(one, "moved")


def _number_of_a_failed_act(numbers: list[int]) -> int:
    """Return a number that a seal still waits for, because its transaction failed: where a copy would fit in."""
    return min(set(range(numbers[0], numbers[-1])) - set(numbers))
