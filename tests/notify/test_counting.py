"""The daily counts: at any moment, with what they lack, they say what counting every message would say."""

import random
from collections import Counter
from datetime import date, datetime, timedelta
from threading import Thread
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections
from django.utils import timezone

from gaap.clock import now
from gaap.testing.plugin import TESTER
from gaap_notify import tasks
from gaap_notify.models import DailyCount, Letter, Notification
from gaap_notify.services import counting
from gaap_notify.services.counting import IN_TIME, count_messages
from gaap_notify.services.notifications import change_status
from gaap_notify.services.reporting import Period, allowance_of, report_of
from gaap_notify.services.templates import create_template, current_version
from gaap_notify.states import COMPLETED, LETTER, NOTIFICATION

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 20, 12, tzinfo=ZoneInfo("UTC"))
ALL = Period(date(2026, 1, 1), date(2026, 12, 31))
LETTER_RATES = {"second": [0.5, 0.75], "first": [1.0]}
RATES = {"SMS_RATE": 0.02, "LETTER_RATES": LETTER_RATES, "SMS_ALLOWANCE": 10_000}


@pytest.fixture(autouse=True)
def _rates(settings):
    settings.GAAP_NOTIFY = {**getattr(settings, "GAAP_NOTIFY", {}), **RATES}


@pytest.fixture
def templates(service, sms_template, email_template):
    letter = create_template(service, type="letter", name="Notice", subject="N", body="B", by=TESTER)
    return {"sms": sms_template, "email": email_template, "letter": letter}


@pytest.fixture
def put(service, templates):
    """Return a function that puts one message into the database."""

    def one(channel="email", *, status="delivered", after=2, created_at=NOON, of=service, template=None, **columns):
        return Notification.objects.create(
            service=of,
            template_version=current_version(template or templates[channel]),
            type=channel,
            status=status,
            recipient="a",
            address="a",
            body="b",
            created_at=created_at,
            sent_at=None if after is None else created_at + timedelta(seconds=after),
            **{"key_type": "live", **columns},
        )

    return one


def counted_one_by_one(service):
    """What every message of the service adds up to: the slow way."""
    found: dict[tuple[date, UUID, str, str], list[Any]] = {}
    for row in Notification.objects.filter(service=service).exclude(key_type="test").select_related("letter"):
        key = (timezone.localtime(row.created_at).date(), row.template_version.template_id, row.type, row.status)
        sums = found.setdefault(key, [0, 0, 0, 0, 0.0])
        sums[0] += 1
        if row.sent_at is None:
            continue
        if row.type == "letter":
            prices = LETTER_RATES[row.letter.postage]
            sums[4] += prices[min((row.letter.pages + 1) // 2, len(prices)) - 1]
            continue
        sums[1] += row.fragments * row.rate_multiplier
        sums[2] += 1
        sums[3] += row.sent_at - row.created_at <= IN_TIME
        sums[4] += row.fragments * row.rate_multiplier * 0.02
    return {key: [*sums[:4], round(sums[4], 6)] for key, sums in found.items()}


def reported(service):
    return {
        (row.day, row.template_id, row.type, row.status): [
            *(row.messages, row.units, row.handed_over, row.in_time, round(row.cost, 6)),
        ]
        for row in report_of(service.pk, ALL).rows
    }


def test_what_is_at_rest_is_counted_once(put, service):
    put()
    put(status="temporary-failure")
    assert count_messages() == 2
    assert count_messages() == 0
    assert DailyCount.objects.count() == 2
    assert set(Notification.objects.values_list("is_counted", flat=True)) == {True}
    assert reported(service) == counted_one_by_one(service)


@pytest.mark.parametrize(
    ("columns", "is_counted"),
    [
        ({"status": "created", "after": None}, False),
        ({"status": "sending"}, False),
        ({"status": "pending"}, False),
        ({"status": "sent"}, True),
        ({"status": "delivered"}, True),
        ({"status": "cancelled", "after": None}, True),
        ({"key_type": "test"}, False),
        ({"key_type": "team"}, True),
        ({"forgotten_at": NOON}, True),
    ],
    ids=str,
)
def test_what_is_worth_counting(put, service, columns, is_counted):
    put(**columns)
    assert count_messages() == is_counted
    assert reported(service) == counted_one_by_one(service)


def test_a_letter_that_comes_back_keeps_its_price(put, service):
    row = put("letter", after=3600)
    Letter.objects.create(notification=row, postage="second", pages=3)
    held_before = Notification.objects.select_related("template_version").get()
    assert count_messages() == 1
    change_status(held_before, "returned-letter", by=TESTER)
    for _ in range(2):
        (only,) = report_of(service.pk, ALL).rows
        assert (only.status, only.cost, only.messages, only.handed_over) == ("returned-letter", 0.75, 1, 0)
        count_messages()
    assert {one.status: one.messages for one in DailyCount.objects.all()} == {"delivered": 0, "returned-letter": 1}


def test_a_letter_that_comes_back_before_it_was_counted(put, service):
    row = put("letter", after=3600)
    Letter.objects.create(notification=row, postage="second", pages=3)
    change_status(row, "returned-letter", by=TESTER)
    assert not DailyCount.objects.exists()
    count_messages()
    assert reported(service) == counted_one_by_one(service)


def test_what_dies_while_a_letter_comes_back_has_changed_nothing(put, service, monkeypatch):
    row = put("letter", after=3600)
    Letter.objects.create(notification=row, postage="second", pages=3)
    count_messages()
    monkeypatch.setattr(counting, "_write", lambda changes: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        change_status(row, "returned-letter", by=TESTER)
    assert Notification.objects.get().status == "delivered"
    assert reported(service) == counted_one_by_one(service)


def test_free_fragments_are_the_same_before_and_after(put, service):
    put("sms", created_at=now(), fragments=2, rate_multiplier=3)
    put("sms", created_at=now(), status="sending", fragments=5)
    put("sms", created_at=now(), after=None, status="created", fragments=7)
    assert allowance_of(service.pk).used == 11
    assert count_messages() == 1
    assert allowance_of(service.pk).used == 11
    Notification.objects.filter(status="sending").update(status="delivered")
    assert count_messages() == 1
    assert allowance_of(service.pk).used == 11


def test_a_day_is_the_platforms(put, settings):
    settings.TIME_ZONE = "Asia/Ho_Chi_Minh"
    timezone.deactivate()
    put(created_at=datetime(2026, 5, 20, 17, 30, tzinfo=ZoneInfo("UTC")))
    count_messages()
    assert DailyCount.objects.get().day == date(2026, 5, 21)


def test_what_dies_halfway_has_counted_nothing(put, service, monkeypatch):
    for _ in range(3):
        put()
    written = counting._write

    def write_and_die(changes):
        written(changes)
        raise RuntimeError("killed")

    monkeypatch.setattr(counting, "_write", write_and_die)
    with pytest.raises(RuntimeError):
        count_messages()
    assert not DailyCount.objects.exists()
    assert reported(service) == counted_one_by_one(service)
    monkeypatch.setattr(counting, "_write", written)
    assert count_messages() == 3
    assert reported(service) == counted_one_by_one(service)


def test_a_batch_takes_no_more_than_it_should(put, service):
    for _ in range(5):
        put()
    assert [count_messages(2) for _ in range(4)] == [2, 2, 1, 0]
    assert reported(service) == counted_one_by_one(service)


def test_the_task_counts_batch_by_batch(put, monkeypatch):
    monkeypatch.setattr(tasks, "BATCH", 2)
    monkeypatch.setattr(tasks, "count_messages", lambda: count_messages(2))
    for _ in range(5):
        put()
    tasks.count()
    assert not Notification.objects.uncounted().exists()


def step(draw, put, other_service, others_template):
    """Do one thing that happens: a message comes, moves on, or some are counted."""
    what, theirs = draw.random(), {"of": other_service, "template": others_template}
    if what < 0.5:
        channel = draw.choice(["sms", "email", "letter"])
        status = draw.choice([*(LETTER if channel == "letter" else NOTIFICATION).statuses])
        row = put(
            channel,
            status=status,
            after=None if status in ("created", "pending-virus-check") else draw.choice([1, 10, 11, 500]),
            created_at=NOON + timedelta(hours=draw.randrange(-100, 100)),
            key_type=draw.choice(["live", "live", "team", "test"]),
            fragments=draw.randrange(4) if channel == "sms" else 0,
            rate_multiplier=draw.choice([1, 3]),
            **(theirs if channel == "email" and draw.random() < 0.2 else {}),
        )
        if channel == "letter":
            Letter.objects.create(
                notification=row, postage=draw.choice(["first", "second"]), pages=draw.randrange(1, 6)
            )
    elif what < 0.8:
        row = draw.choice([*Notification.objects.select_related("template_version").order_by("created_at", "pk"), None])
        edges = (LETTER if row and row.type == "letter" else NOTIFICATION).edges
        further = [target for source, target in edges if row and source == row.status]
        if row and further:
            sent = {} if row.sent_at else {"sent_at": row.created_at + timedelta(seconds=draw.choice([3, 30]))}
            change_status(row, draw.choice(further), by=TESTER, **sent)
    else:
        count_messages(draw.randrange(1, 8))


@pytest.mark.parametrize("seed", range(6))
def test_the_report_is_right_at_every_moment(put, service, other_service, seed):
    draw = random.Random(seed)
    theirs = create_template(other_service, type="email", name="Theirs", subject="A", body="B", by=TESTER)
    for number in range(120):
        step(draw, put, other_service, theirs)
        if number % 6 == 0:
            for one in (service, other_service):
                assert reported(one) == counted_one_by_one(one)
    while count_messages():
        continue
    for one in (service, other_service):
        assert reported(one) == counted_one_by_one(one)


@pytest.mark.postgresql
def test_reports_read_only_what_is_not_counted(put, service):
    """The planner knows that the small index holds every message that a report still has to look at."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    pattern = put()
    columns = {column.attname: getattr(pattern, column.attname) for column in Notification._meta.concrete_fields}
    counted = {**columns, "is_counted": True}
    Notification.objects.bulk_create(Notification(**{**counted, "id": uuid4()}) for _ in range(3000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE gaap_notify_notification")
    rows = Notification.objects.uncounted().filter(service=service, created_at__gte=NOON)
    assert rows.count() == 1
    assert "gaap_notify_uncounted" in rows.explain()
    assert "gaap_notify_uncounted" in Notification.objects.uncounted().filter(status__in=COMPLETED).explain()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_many_at_once_count_each_message_once(put, service):
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    for number in range(120):
        put(created_at=NOON + timedelta(days=number % 7), status=["delivered", "temporary-failure"][number % 2])
    counted: Counter[int] = Counter()
    faults: list[Exception] = []

    def work(name):
        try:
            while taken := count_messages(7):
                counted[name] += taken
        except Exception as error:
            faults.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=work, args=[name]) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sum(counted.values()) == 120
    assert not Notification.objects.uncounted().exists()
    assert sum(one.messages for one in DailyCount.objects.all()) == 120
    assert reported(service) == counted_one_by_one(service)
