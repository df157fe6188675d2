"""Events: written with what they tell, published at least once and in order."""

from collections import defaultdict
from math import ceil

import pytest
from django.db import transaction

from gaap.clock import now
from gaap.components import EventType
from gaap.outbox import subscribers
from gaap.outbox.models import OutboxEvent
from gaap.outbox.relay import relay_waiting
from gaap.outbox.services import UnknownEventError, emit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    known = {"parcel_sent": EventType("parcel_sent", "A parcel was sent.")}
    monkeypatch.setattr("gaap.outbox.services.known_events", lambda: known)
    monkeypatch.setattr(subscribers, "_subscribers", defaultdict(list))


def send(subject="parcel/1", **data):
    with transaction.atomic():
        return emit("parcel_sent", service_id=None, subject=subject, data=data)


def test_undeclared_event_is_refused():
    with pytest.raises(UnknownEventError):
        emit("parcel_eaten", service_id=None, subject="parcel/1")


@pytest.mark.django_db(transaction=True)
def test_event_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError):
        emit("parcel_sent", service_id=None, subject="parcel/1")


@pytest.mark.django_db(transaction=True)
def test_event_of_a_failed_transaction_never_was():
    with transaction.atomic():
        emit("parcel_sent", service_id=None, subject="parcel/1")
        transaction.set_rollback(True)
    assert not OutboxEvent.objects.exists()


def test_is_handed_to_subscribers_once():
    seen = []
    subscribers.subscribe("parcel_sent")(lambda event: seen.append(event.data))
    send(weight=3)
    assert relay_waiting() == 1
    assert relay_waiting() == 0
    assert seen == [{"weight": 3}]
    assert not OutboxEvent.objects.waiting().exists()


def test_failing_subscriber_keeps_its_event_waiting_and_holds_up_only_its_subject(caplog):
    @subscribers.subscribe("parcel_sent")
    def fail_for_the_first(event):
        if event.data.get("broken"):
            raise RuntimeError("no")

    first, second, other = send(broken=True), send(), send("parcel/2")
    assert relay_waiting() == 1
    assert list(OutboxEvent.objects.waiting()) == [first, second]
    first.refresh_from_db()
    assert (first.attempts, first.failure) == (1, "RuntimeError: no")
    other.refresh_from_db()
    assert other.published_at is not None
    OutboxEvent.objects.filter(pk=first.pk).update(data={})
    assert relay_waiting() == 0, "both wait a while"
    OutboxEvent.objects.waiting().update(retry_at=now())
    assert relay_waiting() == 2


def test_a_stuck_subject_holds_up_no_batch(caplog):
    @subscribers.subscribe("parcel_sent")
    def fail_for_the_first(event):
        if event.subject == "parcel/stuck":
            raise RuntimeError("no")

    for _ in range(5):
        send("parcel/stuck")
    other = send("parcel/other")
    assert [relay_waiting(2) for _ in range(4)] == [0, 0, 1, 0]
    other.refresh_from_db()
    assert other.published_at is not None
    assert [event.attempts for event in OutboxEvent.objects.waiting()] == [1, 0, 0, 0, 0]
    late = send("parcel/stuck")
    assert relay_waiting() == 0, "one that comes later waits as well"
    late.refresh_from_db()
    assert late.attempts == 0


def test_waits_a_little_longer_each_time(caplog):
    @subscribers.subscribe("parcel_sent")
    def fail(event):
        raise RuntimeError("no")

    event = send()
    waits = []
    for _ in range(8):
        OutboxEvent.objects.update(retry_at=None)
        relay_waiting()
        event.refresh_from_db()
        waits.append(ceil((event.retry_at - now()).total_seconds()))
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300]


def test_work_of_a_failing_subscriber_is_undone(organisation, caplog):
    @subscribers.subscribe("parcel_sent")
    def half_done(event):
        organisation.name = "Half done"
        organisation.save()
        raise RuntimeError("no")

    send()
    relay_waiting()
    organisation.refresh_from_db()
    assert organisation.name != "Half done"


def test_costs_the_same_however_many_events_nobody_waits_for(django_assert_max_num_queries):
    for number in range(20):
        send(f"parcel/{number}")
    with django_assert_max_num_queries(8):  # three say from where on anything may wait, and are kept for a moment
        assert relay_waiting() == 20


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_relays_publish_each_event_once():
    from tests.platform.parallel import in_parallel

    seen = []
    subscribers.subscribe("parcel_sent")(lambda event: seen.append(event.pk))
    events = [send(f"parcel/{number}") for number in range(100)]
    published = in_parallel([relay_waiting] * 4)
    assert sum(published) + relay_waiting() == 100
    assert sorted(seen) == [event.pk for event in events]
