"""The delivery engine with many messages and several providers: shares, health, fairness, unsettled calls."""

from collections import Counter
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from gaap.clock import now
from gaap.outbox.models import OutboxEvent
from gaap.providers.errors import ProviderError
from gaap.testing.plugin import TESTER
from gaap_notify.models import Lane, Notification, ProviderMinute, ProviderState
from gaap_notify.providers.base import Accepted
from gaap_notify.providers.sms.base import SmsMessage, SmsProvider, sms_providers
from gaap_notify.services.claiming import Flow, waiting_flows
from gaap_notify.services.delivery import deliver_for, work_on_notification
from gaap_notify.services.provider_health import balance_shares, set_share
from gaap_notify.services.sending import SendOrder, send_notification
from gaap_notify.services.templates import create_template
from gaap_notify.testing.due import make_due

pytestmark = pytest.mark.django_db


class Supplier(SmsProvider):
    """Keeps a book of what it took, by alias, and fails as the test says."""

    concurrency = 1
    book: ClassVar[dict[str, list[SmsMessage]]] = {}
    failures: ClassVar[dict[str, ProviderError]] = {}
    loses_answers: ClassVar[bool] = False

    def send(self, message: SmsMessage) -> Accepted:
        if self.alias in self.failures:
            raise self.failures[self.alias]
        self.book.setdefault(self.alias, []).append(message)
        if self.loses_answers:
            raise ProviderError("The answer did not come.", permanent=False, is_unknown=True)
        return Accepted(f"{self.alias}-{message.id}")

    def find_sent(self, message: SmsMessage, *, since: Any) -> list[Accepted]:
        return [Accepted(f"{self.alias}-{known.id}") for known in self.book.get(self.alias, ()) if known == message]


@pytest.fixture(autouse=True)
def suppliers(settings, monkeypatch):
    """Two suppliers, red and blue; red is the default."""
    sms_providers.get("sandbox")
    monkeypatch.setitem(sms_providers._classes, "supplier", Supplier)
    monkeypatch.setattr(Supplier, "book", {})
    monkeypatch.setattr(Supplier, "failures", {})
    red, blue = {"BACKEND": "supplier"}, {"BACKEND": "supplier"}
    settings.GAAP_NOTIFY = {"PROVIDERS": {"sms": {"red": red, "blue": blue}}, "DEFAULT": {"sms": "red"}}
    return settings.GAAP_NOTIFY


@pytest.fixture
def send(send_sms):
    """Return a function that accepts so many messages and returns the rows."""

    def many(number=1, **details):
        return [Notification.objects.get(pk=send_sms(key_type="live", **details).id) for _ in range(number)]

    return many


@pytest.fixture
def shares():
    """Return a function that gives providers their shares."""

    def give(**by_alias):
        return [
            ProviderState.objects.create(channel="sms", alias=alias, share=share, usual_share=share)
            for alias, share in by_alias.items()
        ]

    return give


def carried():
    return Counter({alias: len(messages) for alias, messages in Supplier.book.items()})


def status_of(row):
    row.refresh_from_db()
    return row.status


def test_a_batch_costs_the_database_no_more_than_a_message(send, settings, django_assert_max_num_queries):
    rows = send(40)
    settings.GAAP_SNAPSHOT_SECONDS = 60
    with django_assert_max_num_queries(24):
        assert not deliver_for(10)
    assert {status_of(row) for row in rows} == {"sending"}
    assert {row.provider_id for row in rows} == {f"red-{row.pk}" for row in rows}
    assert OutboxEvent.objects.filter(name="notification_sent").count() == 40
    assert not Notification.objects.filter(calling_since__isnull=False).exists()


def test_flows_are_one_per_service_and_lane(send, service, other_service):
    send(3)
    send(2, is_secret=True)
    template = create_template(other_service, type="sms", name="x", body="x", by=TESTER)
    order = SendOrder(
        service=other_service, channel="sms", template_id=template.pk, recipient="07700900123", key_type="live"
    )
    send_notification(order)
    expected = {
        Flow(Lane.CODE, service.pk),
        Flow(Lane.MESSAGE, service.pk),
        Flow(Lane.MESSAGE, other_service.pk),
    }
    assert set(waiting_flows()) == expected
    assert waiting_flows(last_lane=Lane.CODE) == [Flow(Lane.CODE, service.pk)]


def test_a_long_queue_holds_nobody_else_up(send, other_service, monkeypatch):
    monkeypatch.setattr("gaap_notify.services.delivery.FIRST_BATCH", 10)
    send(50)
    template = create_template(other_service, type="sms", name="x", body="Your code", by=TESTER)
    order = SendOrder(
        service=other_service, channel="sms", template_id=template.pk, recipient="07700900123", key_type="live"
    )
    single = Notification.objects.get(pk=send_notification(order).id)
    deliver_for(0.0001)
    assert status_of(single) == "sending"
    assert Notification.objects.filter(status="created").count() >= 40


def test_codes_go_before_everything(send, monkeypatch):
    monkeypatch.setattr("gaap_notify.services.delivery.FIRST_BATCH", 5)
    send(20)
    codes = send(5, is_secret=True)
    deliver_for(0.0001)
    assert {status_of(row) for row in codes} == {"sending"}
    assert Notification.objects.filter(status="created").count() == 20


def test_shares_decide(send, shares):
    shares(red=50, blue=50)
    send(60)
    deliver_for(10)
    assert min(carried()["red"], carried()["blue"]) > 10


@pytest.mark.parametrize(("red", "blue"), [(100, 0), (0, 100)])
def test_share_of_nothing_gets_nothing(send, shares, red, blue):
    shares(red=red, blue=blue)
    send(20)
    deliver_for(10)
    assert carried() == {"red": 20} if red else {"blue": 20}


def test_next_try_goes_to_the_other_provider(send, shares):
    shares(red=100, blue=0)
    Supplier.failures["red"] = ProviderError("busy", permanent=False)
    (row,) = send()
    work_on_notification(row.pk)
    work_on_notification(row.pk)
    assert (status_of(row), row.provider) == ("sending", "blue")


def test_provider_that_fails_everything_rests(send, shares):
    red, _ = shares(red=100, blue=100)
    Supplier.failures["red"] = ProviderError("down", permanent=False)
    send(40)
    deliver_for(10)
    red.refresh_from_db()
    assert carried()["red"] == 0
    assert ProviderMinute.objects.get(alias="blue").taken >= 30
    assert Notification.objects.filter(status="sending", provider="blue").count() == 40


def test_provider_that_asks_for_a_pause_gets_it(send, shares):
    red, _ = shares(red=100, blue=0)
    pause = timedelta(seconds=90)
    Supplier.failures["red"] = ProviderError("429", permanent=False, pause=pause)
    send()
    deliver_for(10)
    red.refresh_from_db()
    assert red.resting_until == pytest.approx(now() + pause, abs=timedelta(seconds=5))


def test_nobody_tries_while_all_rest(send, shares):
    _red, _blue = shares(red=100, blue=100)
    until = now() + timedelta(minutes=2)
    ProviderState.objects.update(resting_until=until)
    (row,) = send()
    assert not deliver_for(10)
    row.refresh_from_db()
    assert (row.status, row.attempts, row.due_at) == ("created", 0, until)


def test_service_with_a_provider_of_its_own_keeps_it(send, shares, service):
    from gaap_notify.services.setup import change_settings

    shares(red=100, blue=0)
    change_settings(service, sms_provider="blue", by=TESTER)
    send(5)
    deliver_for(10)
    assert carried() == {"blue": 5}


def break_off(row):
    """Leave the row as a worker leaves it that dies during the call."""
    Notification.objects.filter(pk=row.pk).update(calling_since=now(), provider="red", attempts=1)
    make_due(row)


def test_message_of_a_dead_worker_is_asked_for_first(send, monkeypatch):
    monkeypatch.setattr(Supplier, "settled_by", "asking")
    taken, untaken = send(2)
    work_on_notification(taken.pk)
    Notification.objects.filter(pk=taken.pk).update(status="created", provider_id="", due_at=now())
    for row in (taken, untaken):
        break_off(row)
    deliver_for(10)
    assert [message.id for message in Supplier.book["red"]] == [taken.pk, untaken.pk]
    assert {status_of(taken), status_of(untaken)} == {"sending"}


def test_the_first_unsettled_call_stays_on_record_however_many_workers_die(send, monkeypatch):
    """Two workers die over one message: the third still asks about what the first one did."""
    monkeypatch.setattr(Supplier, "settled_by", "asking")
    monkeypatch.setattr(Supplier, "loses_answers", True)
    (row,) = send()
    work_on_notification(row.pk)
    row.refresh_from_db()
    began = row.calling_since
    monkeypatch.setattr("gaap_notify.services.delivery.hand_over_all", lambda _: [])
    for _ in range(2):
        make_due(row)
        work_on_notification(row.pk)
    row.refresh_from_db()
    assert (row.calling_since, row.attempts) == (began, 3)


def test_unsettled_message_stays_with_its_provider(send, shares, monkeypatch):
    monkeypatch.setattr(Supplier, "settled_by", "asking")
    shares(red=0, blue=100)
    (row,) = send()
    break_off(row)
    deliver_for(10)
    assert carried() == {"red": 1}


def test_unsettled_message_waits_while_the_provider_does_not_answer(send, monkeypatch):
    monkeypatch.setattr(Supplier, "settled_by", "asking")

    def silent(*_, **__):
        raise ProviderError("silent", permanent=False)

    monkeypatch.setattr(Supplier, "find_sent", silent)
    (row,) = send()
    break_off(row)
    work_on_notification(row.pk)
    row.refresh_from_db()
    assert (row.status, carried()) == ("created", {})
    assert row.calling_since is not None


@pytest.mark.parametrize(
    ("rule", "status", "times"), [("never-twice", "technical-failure", 0), ("never-lost", "sending", 1)]
)
def test_provider_that_cannot_be_asked_is_settled_by_the_setting(send, suppliers, rule, status, times):
    suppliers["UNSETTLED"] = rule
    (row,) = send()
    break_off(row)
    deliver_for(10)
    assert (status_of(row), carried()["red"]) == (status, times)


def test_lost_answer_is_no_refusal(send, monkeypatch):
    monkeypatch.setattr(Supplier, "settled_by", "asking")
    monkeypatch.setattr(Supplier, "loses_answers", True)
    (row,) = send()
    work_on_notification(row.pk)
    row.refresh_from_db()
    assert (row.status, row.calling_since is not None) == ("created", True)
    make_due(row)
    work_on_notification(row.pk)
    assert (status_of(row), carried()["red"]) == ("sending", 1)


def test_limit_of_a_provider_is_kept(send, suppliers):
    suppliers["PROVIDERS"]["sms"]["red"]["OPTIONS"] = {"PER_SECOND": 5}
    rows = send(20)
    deliver_for(0.0001)
    assert 5 <= carried()["red"] <= 7
    waiting = [row for row in rows if status_of(row) == "created"]
    assert {row.attempts for row in waiting} == {0}
    assert all(row.due_at > now() for row in waiting)


def test_message_without_time_left_is_given_back(send, settings):
    settings.GAAP_WORK_LEASE_SECONDS = 0
    (row,) = send()
    work_on_notification(row.pk)
    row.refresh_from_db()
    assert (row.status, row.attempts, row.calling_since, carried()) == ("created", 0, None, {})


def test_three_days_without_a_provider_are_the_end(send):
    (row,) = send()
    Notification.objects.update(created_at=now() - timedelta(hours=73))
    deliver_for(10)
    assert status_of(row) == "technical-failure"
    assert "72 hours" in row.failure


def minute(alias, *, ago, **counts):
    moment = (now() - timedelta(minutes=ago)).replace(second=0, microsecond=0)
    ProviderMinute.objects.create(channel="sms", alias=alias, minute=moment, **counts)


def test_share_moves_away_from_failures_and_drifts_back(shares):
    red, blue = shares(red=60, blue=40)
    minute("red", ago=1, failed=51)
    assert balance_shares() == 2
    assert balance_shares() == 0, "not again within five minutes"
    red.refresh_from_db(), blue.refresh_from_db()
    assert (red.share, blue.share) == (50, 50)
    ProviderMinute.objects.all().delete()
    ProviderState.objects.update(moved_at=now() - timedelta(minutes=16))
    assert balance_shares() == 2
    red.refresh_from_db(), blue.refresh_from_db()
    assert (red.share, blue.share) == (60, 40)


@pytest.mark.parametrize(("slow", "moved"), [(14, 0), (15, 2)])
def test_share_moves_away_from_slowness(send, shares, slow, moved):
    shares(red=50, blue=50)
    minute("red", ago=8, taken=100)
    sent_at = now() - timedelta(minutes=8)
    for row in send(slow):
        Notification.objects.filter(pk=row.pk).update(
            status="sending", provider="red", sent_at=sent_at, due_at=sent_at + timedelta(hours=72)
        )
    assert balance_shares() == moved


def test_nothing_moves_when_everybody_is_in_trouble(shares):
    shares(red=50, blue=50)
    minute("red", ago=1, failed=60)
    minute("blue", ago=1, failed=60)
    assert balance_shares() == 0


def test_operator_sets_a_share(shares):
    red, _ = shares(red=50, blue=50)
    set_share(red, share=20, is_active=False, by=TESTER)
    red.refresh_from_db()
    assert (red.share, red.usual_share, red.is_active) == (20, 20, False)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_send_each_message_once(send):
    from tests.platform.parallel import in_parallel

    send(120)
    in_parallel([lambda: deliver_for(20)] * 4)
    sent = [message.id for message in Supplier.book["red"]]
    assert len(sent) == len(set(sent)) == 120
    assert Notification.objects.filter(status="sending").count() == 120
