"""Deliveries and their attempts in months: sent in order over the end of one, and dropped when they are empty."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gaap.clock import now
from gaap.partitions.catalogue import parts_of
from gaap.partitions.creating import AHEAD, begin_month
from gaap.partitions.upkeep import look_after_months
from gaap.privacy.retention import purge_all
from gaap.testing.plugin import TESTER
from gaap.webhooks.horizon import first_that_may_wait
from gaap.webhooks.models import Delivery, DeliveryAttempt
from gaap.webhooks.services.replays import replay_delivery
from gaap.webhooks.services.sending import subscriptions_with_due, take_turn
from tests.platform.months import old_month, present, run_sql, scans
from tests.platform.webhook_fixtures import *  # noqa: F403

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.postgresql
TABLE, TRIES = Delivery._meta.db_table, DeliveryAttempt._meta.db_table


def old_delivery(webhook, month, **changes):
    """Write a delivery of that month, which is over unless ``changes`` say otherwise."""
    moment = month.begins
    facts = {"status": "delivered", "created_at": moment, "finished_at": moment, "subject": "parcel/old", "body": "{}"}
    number = month.first + Delivery.objects.count()
    return Delivery.objects.create(subscription=webhook, sequence=number, type="parcel_sent", **{**facts, **changes})


WAITS = {"status": "waiting", "finished_at": None}


@pytest.fixture
def counting(db):
    """The table's sequence, which no rolled-back transaction takes back: as it was, afterwards."""
    ((sequence,),) = run_sql(f"SELECT pg_get_serial_sequence('{TABLE}', 'sequence')")
    ((last, is_called),) = run_sql(f"SELECT last_value, is_called FROM {sequence}")
    yield sequence
    run_sql("SELECT setval(%s, %s, %s)", sequence, last, is_called)


def test_where_nothing_was_ever_sent_everything_may_wait():
    assert first_that_may_wait() == 0


def test_without_anything_that_waits_the_last_two_months_are_asked(webhook):
    for back in (9, 5, 4):
        old_delivery(webhook, present().plus(-back))
    assert first_that_may_wait() == present().plus(-5).first


def test_what_waits_from_long_ago_is_sent_too(webhook, receiver):
    month = present().plus(-20)
    for back in (22, 3, 1):
        old_delivery(webhook, present().plus(-back))
    old = old_delivery(webhook, month, due_at=now(), **WAITS)
    assert first_that_may_wait() == month.first
    assert subscriptions_with_due() == [webhook]
    take_turn(webhook.pk)
    old.refresh_from_db()
    assert (old.status, len(receiver.received)) == ("delivered", 1)
    assert first_that_may_wait() == present().plus(-2).first


@on_postgresql
def test_deliveries_of_one_subject_keep_their_order_over_the_end_of_a_month(webhook, receiver, happen, counting):
    first = happen("parcel/1")
    assert begin_month(TABLE, "sequence", moment=present().plus(1).begins)
    second = happen("parcel/1")
    numbers = list(Delivery.objects.order_by("sequence").values_list("sequence", flat=True))
    assert numbers[0] < numbers[1] == present().plus(1).first
    receiver.reply(500)
    take_turn(webhook.pk)
    assert {delivery.status for delivery in Delivery.objects.all()} == {"waiting"}
    Delivery.objects.update(due_at=now() - timedelta(seconds=1))
    take_turn(webhook.pk)
    take_turn(webhook.pk)
    assert [received.id for received in receiver.received] == [str(first.id), str(first.id), str(second.id)]


@on_postgresql
def test_who_sends_asks_the_last_two_months(webhook, receiver, happen, settings):
    months = [old_month(back, table=TABLE) for back in range(1, 13)]
    for month in reversed(months):
        old_delivery(webhook, month)
    settings.GAAP_SNAPSHOT_SECONDS = 60
    old_delivery(webhook, months[0], due_at=now(), **WAITS)
    first_that_may_wait()
    with CaptureQueriesContext(connection) as asked:
        take_turn(webhook.pk)
        subscriptions_with_due()
    plans = [query["sql"] for query in asked if query["sql"].startswith("SELECT") and f'"{TABLE}"' in query["sql"]]
    assert len(plans) >= 4
    for sql in plans:
        ((plan,),) = run_sql("EXPLAIN (FORMAT JSON, ANALYZE) " + sql.replace("%", "%%"))
        of_months = {table for _, table in scans(plan[0]["Plan"]) if table.startswith(f"{TABLE}_2")}
        assert len(of_months) <= 3 + AHEAD, sql


@on_postgresql
def test_months_that_retention_has_emptied_go_attempts_and_all(webhook):
    month = old_month(6, table=TABLE)
    old_month(6, table=TRIES)
    delivery = old_delivery(webhook, month)
    DeliveryAttempt.objects.create(pk=month.first, delivery=delivery, started_at=month.begins, latency_ms=1)
    names = {f"{TABLE}_{month}", f"{TRIES}_{month}"}
    assert not names & {name for done in look_after_months() for name in done.dropped}
    purge_all()
    run_sql("SET CONSTRAINTS ALL IMMEDIATE")
    assert not DeliveryAttempt.objects.exists()
    assert names <= {name for done in look_after_months() for name in done.dropped}
    assert not names & {part.name for table in (TABLE, TRIES) for part in parts_of(table)}


def test_what_was_sent_again_stays_as_long_as_its_replay_waits(webhook, happen, work):
    happen()
    delivery = work()
    again = replay_delivery(delivery, by=TESTER)
    moment = now() - timedelta(days=31)
    Delivery.objects.filter(pk=delivery.pk).update(finished_at=moment)
    purge_all()
    assert list(Delivery.objects.order_by("pk")) == [delivery, again]
    Delivery.objects.filter(pk=again.pk).update(status="delivered", due_at=None, finished_at=moment)
    purge_all()
    assert not Delivery.objects.exists()
