"""Deliveries: tried until they get through, in order, and never by two at once."""

import json
from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.db import connection, transaction

from gaap.actors import SYSTEM
from gaap.audit.models import AuditEvent
from gaap.clock import now
from gaap.events.placing import place_waiting
from gaap.http import Answer, Door
from gaap.outbox.models import OutboxEvent
from gaap.outbox.services import emit
from gaap.testing.plugin import TESTER
from gaap.webhooks.models import Delivery, DeliveryAttempt, Subscription
from gaap.webhooks.outcomes import retry_after
from gaap.webhooks.services import choosing
from gaap.webhooks.services.batches import Batch, take_batch
from gaap.webhooks.services.replays import replay_delivery
from gaap.webhooks.services.retention import purge_deliveries
from gaap.webhooks.services.sending import send_batch, subscriptions_with_due, take_turn
from gaap.webhooks.services.subscriptions import (
    create_subscription,
    delete_subscription,
    disable_subscription,
    enable_subscription,
)
from gaap.webhooks.styles.standard import StandardStyle
from tests.platform.receiver import Reply
from tests.platform.webhook_fixtures import *  # noqa: F403

pytestmark = pytest.mark.django_db

LADDER = [5, 30, 300, 1_800, 7_200, 28_800, 86_400, 172_800]


def test_ladder_is_as_documented():
    assert [wait.total_seconds() for wait in StandardStyle.ladder] == LADDER


def test_sends_the_event_of_the_stream(webhook, receiver, secret, happen, work, api):
    event = happen(weight=3)
    delivery = work()
    (received,) = receiver.received
    assert received.id == str(event.id)
    assert received.headers["content-type"] == "application/cloudevents+json"
    assert received.verify(secret) == api.get(f"/v1/events/{event.id}").json()
    assert (delivery.status, delivery.due_at, delivery.finished_at is not None) == ("delivered", None, True)


def test_keeps_the_attempt(webhook, receiver, happen, work):
    receiver.default = Reply(200, body=b"\x00thank you \xff" + b"x" * 5000)
    happen()
    (attempt,) = work().tries.all()
    assert (attempt.status_code, attempt.error) == (200, "")
    assert attempt.body.startswith("\x00thank you \ufffdx")
    assert 2000 < len(attempt.body) <= 2048
    assert 0 <= attempt.latency_ms < 5000


def test_sends_only_what_is_wanted(webhook, receiver, happen, work):
    happen(name="webhook_created", status="active")
    wanted = happen(name="parcel_lost")
    work()
    assert receiver.ids == [str(wanted.id)]


def test_star_wants_everything(service, receiver, happen, work):
    place_waiting()
    every = create_subscription(service, url=receiver.url, events=["*"], by=TESTER)
    happen()
    work(every)
    types = [json.loads(received.body)["type"] for received in receiver.received]
    assert types == ["webhook_created", "parcel_sent"], "it is told of its own making first"


def test_climbs_the_ladder_and_ends_as_a_dead_letter(webhook, receiver, happen, work, clock):
    receiver.default = Reply(500, body=b"sorry")
    happen()
    waits = []
    for _ in LADDER:
        delivery = work()
        waits.append((delivery.due_at - clock.now()).total_seconds())
        assert delivery.status == "waiting"
        clock.move(delivery.due_at - clock.now() - timedelta(seconds=1))
        work()
        clock.move(timedelta(seconds=1))
    assert waits == LADDER
    delivery = work()
    assert (delivery.status, delivery.due_at) == ("failed", None)
    assert len(receiver.received) == len(LADDER) + 1 == delivery.tries.count()
    assert {attempt.body for attempt in delivery.tries.all()} == {"sorry"}
    webhook.refresh_from_db()
    assert (webhook.status, webhook.reason) == ("disabled", "failing"), "nothing got through for three days"


def test_one_bad_message_does_not_disable_the_webhook(webhook, receiver, happen, work, clock):
    receiver.default = Reply(500)
    happen("parcel/bad")
    for _ in range(len(LADDER) + 1):
        bad = work()
        clock.move(timedelta(days=2, hours=1))
        receiver.default = Reply(204)
        happen("parcel/good")
        Delivery.objects.filter(pk=bad.pk, status="waiting").update(due_at=clock.now() + timedelta(hours=1))
        work()
        receiver.default = Reply(500)
        Delivery.objects.filter(pk=bad.pk, status="waiting").update(due_at=clock.now())
    webhook.refresh_from_db()
    assert webhook.status == "active"


@pytest.mark.parametrize("status", [300, 302, 400, 401, 404, 429, 500, 503])
def test_whatever_is_no_success_is_tried_again(webhook, receiver, happen, work, status):
    receiver.reply(status)
    happen()
    delivery = work()
    assert (delivery.status, delivery.due_at > now()) == ("waiting", True)
    assert delivery.tries.get().status_code == status


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_a_success(webhook, receiver, happen, work, status):
    receiver.reply(status)
    happen()
    assert work().status == "delivered"


def test_redirect_is_not_followed(webhook, receiver, happen, work):
    receiver.replies.append(Reply(307, headers=(("Location", receiver.url.replace("/events", "/elsewhere")),)))
    happen()
    work()
    assert [received.path for received in receiver.received] == ["/events"]


def test_no_answer_is_tried_again(webhook, receiver, happen, work, monkeypatch):
    monkeypatch.setattr(StandardStyle, "timeout_seconds", 0.2)
    receiver.replies.append(Reply(200, seconds=1))
    happen()
    delivery = work()
    attempt = delivery.tries.get()
    assert (delivery.status, attempt.status_code, attempt.body) == ("waiting", None, "")
    assert attempt.error == "ReadTimeout while calling 127.0.0.1"
    assert 150 <= attempt.latency_ms < 900


def test_address_that_turned_inward_is_not_called(webhook, receiver, happen, work, settings):
    settings.GAAP_EMBEDDED = False
    happen()
    delivery = work()
    assert (delivery.status, receiver.received) == ("waiting", [])
    assert "https" in delivery.tries.get().error


def test_gone_disables_at_once(webhook, receiver, happen, work):
    receiver.reply(410)
    happen("parcel/1")
    happen("parcel/2")
    work()
    webhook.refresh_from_db()
    assert (webhook.status, webhook.reason, len(receiver.received)) == ("disabled", "gone", 1)
    assert set(Delivery.objects.values_list("status", "due_at")) == {("failed", None)}
    told = OutboxEvent.objects.get(name="webhook_disabled")
    assert (told.subject, told.data) == (f"webhook/{webhook.pk}", {"status": "disabled", "reason": "gone"})
    audited = AuditEvent.objects.get(action="webhook_disabled")
    assert (audited.actor_kind, audited.target_id) == (SYSTEM.kind, str(webhook.pk))


def test_is_disabled_after_three_days_without_a_success(webhook, receiver, happen, work, clock):
    receiver.default = Reply(500)
    happen("parcel/1")
    work()
    clock.move(timedelta(days=2, hours=23))
    work()
    webhook.refresh_from_db()
    assert webhook.status == "active"
    clock.move(timedelta(hours=1, minutes=1))
    happen("parcel/2")
    work()
    webhook.refresh_from_db()
    assert (webhook.status, webhook.reason) == ("disabled", "failing")
    assert clock.now() - webhook.failing_since > timedelta(days=3), "so that the team knows what to replay"
    assert enable_subscription(webhook, by=TESTER)
    assert webhook.failing_since is None


def test_a_success_ends_the_failing(webhook, receiver, happen, work):
    receiver.reply(500)
    happen("parcel/1")
    work()
    webhook.refresh_from_db()
    assert (webhook.failing_since is not None, webhook.lanes) == (True, 1)
    happen("parcel/2")
    work()
    webhook.refresh_from_db()
    assert (webhook.failing_since, webhook.lanes) == (None, 2)


@pytest.mark.parametrize("status", [429, 503])
def test_pause_is_honoured_for_the_whole_webhook(webhook, receiver, happen, work, clock, status):
    receiver.replies.append(Reply(status, headers=(("Retry-After", "120"),)))
    happen("parcel/1")
    happen("parcel/2")
    work()
    assert len(receiver.received) == 1
    clock.move(timedelta(seconds=118))
    assert subscriptions_with_due() == []
    work()
    assert len(receiver.received) == 1
    clock.move(timedelta(seconds=4))
    assert subscriptions_with_due() == [webhook]
    work()
    assert len(receiver.received) == 3
    webhook.refresh_from_db()
    assert webhook.paused_until is None


def test_pause_asked_with_another_status_is_ignored(webhook, receiver, happen, work):
    receiver.replies.append(Reply(500, headers=(("Retry-After", "120"),)))
    happen("parcel/1")
    happen("parcel/2")
    work()
    assert len(receiver.received) == 2


def test_reads_retry_after():
    moment = now().replace(microsecond=0)
    assert retry_after("30", moment=moment) == timedelta(seconds=30)
    assert retry_after("9" * 400, moment=moment) == timedelta(days=1)
    assert retry_after(format_datetime(moment + timedelta(minutes=2), usegmt=True), moment=moment) == timedelta(
        minutes=2
    )
    assert retry_after(format_datetime(moment - timedelta(minutes=2), usegmt=True), moment=moment) == timedelta()
    for nonsense in ("", "soon", "-5", "1.5", "Wed, 99 Foo 2026 00:00:00 GMT", "²"):
        assert retry_after(nonsense, moment=moment) is None


def test_events_of_one_subject_wait_for_each_other(webhook, receiver, happen, work, clock):
    receiver.reply(500)
    first, second, other = happen("parcel/1"), happen("parcel/1"), happen("parcel/2")
    work()
    assert receiver.ids == [str(first.id), str(other.id)]
    clock.move(timedelta(seconds=6))
    work()
    assert receiver.ids == [str(first.id), str(other.id), str(first.id), str(second.id)]


def test_what_waits_for_another_is_not_due(webhook, receiver, happen, work, clock):
    receiver.reply(500)
    for _ in range(3):
        happen("parcel/1")
    work()
    assert set(Delivery.objects.values_list("due_at", flat=True)) == {clock.now() + timedelta(seconds=5)}
    assert subscriptions_with_due() == []
    Delivery.objects.filter(pk=Delivery.objects.earliest("sequence").pk).update(due_at=clock.now())
    work()
    assert len(receiver.received) == 4, "as soon as the first got through, the others follow"


def test_what_comes_later_is_put_off_as_well(webhook, receiver, happen, work, clock):
    receiver.reply(500)
    happen("parcel/1")
    work()
    for _ in range(choosing.WINDOW + 5):
        happen("parcel/1")
    happen("parcel/2")
    work()
    assert len(receiver.received) == 2, "the first of one subject failed, the other went through"
    assert subscriptions_with_due() == []
    clock.move(timedelta(seconds=5))
    work()
    assert len(receiver.received) == choosing.WINDOW + 8
    assert not Delivery.objects.waiting().exists()


def test_finds_what_can_be_tried_behind_much_that_cannot(webhook, receiver, happen):
    for _ in range(choosing.WINDOW * 2):
        happen("parcel/1")
    happen("parcel/2")
    assert [taken(webhook).deliveries[0].subject for _ in range(2)] == ["parcel/1", "parcel/2"]


def test_after_a_dead_letter_its_subject_goes_on(webhook, receiver, happen, work):
    first, second = happen("parcel/1"), happen("parcel/1")
    Delivery.objects.filter(event=first).update(status="failed", due_at=None)
    work()
    assert receiver.ids == [str(second.id)]


def test_a_held_delivery_is_not_sent_by_another(webhook, receiver, happen):
    happen()
    assert take_batch(webhook.pk, size=1) is not None
    assert take_batch(webhook.pk, size=1) is None
    take_turn(webhook.pk)
    assert receiver.received == []


def test_is_sent_again_when_its_worker_was_killed(webhook, receiver, happen, work, clock):
    event = happen()
    take_batch(webhook.pk, size=1)
    clock.move(timedelta(seconds=26))
    assert work().status == "delivered"
    assert receiver.ids == [str(event.id)]


def taken(webhook) -> Batch:
    batch = take_batch(webhook.pk, size=1)
    assert batch is not None
    return batch


def send(batch) -> None:
    with Door() as door:
        send_batch(batch, door=door)


def test_a_worker_that_lost_its_lease_changes_nothing(webhook, receiver, happen, work, clock):
    happen()
    late = taken(webhook)
    clock.move(timedelta(seconds=26))
    in_time = taken(webhook)
    receiver.reply(500, 204)
    send(late)
    delivery = Delivery.objects.get()
    assert delivery.status == "waiting"
    assert delivery.due_at > clock.now() + timedelta(seconds=20)
    send(in_time)
    delivery.refresh_from_db()
    assert (delivery.status, DeliveryAttempt.objects.count()) == ("delivered", 2)


def test_has_only_so_many_lanes(webhook, happen, settings):
    for number in range(5):
        happen(f"parcel/{number}")
    assert [take_batch(webhook.pk, size=1) is not None for _ in range(3)] == [True, True, False]
    settings.GAAP_WEBHOOK_LANES = 3
    assert [take_batch(webhook.pk, size=1) is not None for _ in range(2)] == [True, False]


def test_disabled_webhook_is_sent_nothing_and_can_be_enabled(webhook, receiver, happen, work):
    happen("parcel/1")
    assert disable_subscription(webhook, reason="requested", by=TESTER)
    assert not disable_subscription(webhook, reason="requested", by=TESTER)
    happen("parcel/2")
    take_turn(webhook.pk)
    assert receiver.received == []
    assert Delivery.objects.get().failure == "The webhook was disabled."
    assert enable_subscription(webhook, by=TESTER)
    assert not enable_subscription(webhook, by=TESTER)
    event = happen("parcel/3")
    work()
    assert receiver.ids == [str(event.id)]


def test_deleted_webhook_has_no_secrets_left(webhook, receiver, happen):
    happen()
    assert delete_subscription(webhook, by=TESTER)
    assert not delete_subscription(webhook, by=TESTER)
    assert not enable_subscription(webhook, by=TESTER)
    take_turn(webhook.pk)
    assert (receiver.received, webhook.secrets.count()) == ([], 0)


def test_other_services_events_are_not_sent(webhook, other_service, receiver, happen):
    with transaction.atomic():
        emit("parcel_sent", service_id=other_service.pk, subject="parcel/1")
    place_waiting()
    take_turn(webhook.pk)
    assert receiver.received == []


@pytest.mark.parametrize("deliveries", [1, 40])
def test_nothing_is_called_within_a_transaction(webhook, happen, monkeypatch, django_assert_num_queries, deliveries):
    """A batch costs the same queries however many are in it; no transaction is open while the receiver is called."""
    depths = []
    outer = len(connection.savepoint_ids)

    def call(self, *args, **kwargs):
        depths.append(len(connection.savepoint_ids) - outer)
        return Answer(204, {}, b"")

    monkeypatch.setattr("gaap.http.Door.call", call)
    for number in range(deliveries):
        happen(f"parcel/{number}")
    with django_assert_num_queries(26):  # eight of them say from where on anything may wait, and are kept for a moment
        take_turn(webhook.pk)
    assert depths == [0] * deliveries


def test_writing_deliveries_costs_the_same_however_many(webhook, service, happen, django_assert_num_queries):
    happen()
    for number in range(50):
        with transaction.atomic():
            emit("parcel_sent", service_id=service.pk, subject=f"parcel/{number}")
    with django_assert_num_queries(12):  # three of them say from where on anything may wait, and are kept for a moment
        place_waiting()
    assert Delivery.objects.count() == 51


def test_settled_deliveries_are_forgotten_after_thirty_days(webhook, receiver, happen, work, clock):
    happen("parcel/1")
    replay_delivery(work(), by=TESTER)
    work()
    receiver.default = Reply(500)
    happen("parcel/2")
    work()
    clock.move(timedelta(days=29))
    assert purge_deliveries() == 0
    clock.move(timedelta(days=1, seconds=1))
    assert [purge_deliveries() for _ in range(3)] == [1, 1, 0], "a replay goes before what it repeated"
    assert list(Delivery.objects.values_list("subject", "status")) == [("parcel/2", "waiting")]
    assert DeliveryAttempt.objects.count() == 1


def test_one_subject_goes_in_one_batch_until_its_first_failure(webhook, receiver, happen, clock):
    events = [happen("parcel/1") for _ in range(4)]
    receiver.reply(204, 500)
    take_turn(webhook.pk)
    assert receiver.ids == [str(event.id) for event in events[:2]]
    assert [delivery.status for delivery in Delivery.objects.order_by("sequence")] == ["delivered", *["waiting"] * 3]
    assert not Delivery.objects.being_sent(clock.now()).exists(), "what was not tried was given back"
    clock.move(timedelta(seconds=5))
    take_turn(webhook.pk)
    assert receiver.ids == [str(event.id) for event in (*events[:2], *events[1:])]


def test_two_workers_never_hold_deliveries_of_one_subject(webhook, happen):
    for number in range(6):
        happen(f"parcel/{number % 2}")
    first = take_batch(webhook.pk, size=2)
    second = take_batch(webhook.pk)
    assert first is not None
    assert [delivery.subject for delivery in first.deliveries] == ["parcel/0", "parcel/1"]
    assert second is None, "what is left waits behind them"


def test_a_failing_webhook_is_tried_one_by_one(webhook, receiver, happen):
    for number in range(5):
        happen(f"parcel/{number}")
    receiver.reply(500)
    take_turn(webhook.pk)
    webhook.refresh_from_db()
    assert webhook.failing_since is None, "the second one got through"
    Subscription.objects.update(failing_since=webhook.created_at)
    happen("parcel/9")
    happen("parcel/10")
    batch = take_batch(webhook.pk)
    assert batch is not None
    assert len(batch.deliveries) == 1


def test_a_batch_ends_with_its_time(webhook, receiver, happen, monkeypatch):
    monkeypatch.setattr("gaap.webhooks.services.batches.BATCH_SECONDS", 0.0)
    for number in range(3):
        happen(f"parcel/{number}")
    batch = take_batch(webhook.pk)
    assert batch is not None
    send(batch)
    assert len(receiver.received) == 1
    assert Delivery.objects.waiting().due(now()).count() == 2


def test_one_connection_serves_many_deliveries(webhook, receiver, happen):
    receiver.keeps_alive = True
    for number in range(10):
        happen(f"parcel/{number}")
    take_turn(webhook.pk)
    assert len(receiver.received) == 10
    assert receiver.connections == 1


def test_what_a_killed_worker_held_is_found_behind_many_that_wait_for_it(webhook, happen, clock):
    for number in range(3):
        happen(f"parcel/{number}")
    assert take_batch(webhook.pk) is not None, "and its worker is killed"
    for number in range(200):
        happen(f"parcel/{number % 3}")
    clock.move(timedelta(seconds=26))
    batch = take_batch(webhook.pk)
    assert batch is not None
    assert [delivery.subject for delivery in batch.deliveries[:3]] == ["parcel/0", "parcel/1", "parcel/2"]
    assert batch.deliveries[0].pk == Delivery.objects.earliest("sequence").pk
