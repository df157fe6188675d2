"""Personal data goes when its time is over: proved by looking through every row of every table."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from gaap.audit.models import AuditEvent
from gaap.clock import move_clock, now
from gaap.outbox.models import OutboxEvent
from gaap.privacy.declarations import Purge, all_retentions, personal_fields
from gaap.privacy.retention import purge_all, retention_days, set_retention
from gaap.privacy.retention_periods import Retention
from gaap.testing.plugin import TESTER
from gaap_identity.tasks import remove_expired
from gaap_notify.models import Notification
from gaap_notify.services.retention import CHANNELS
from tests.platform.planting import Planter, found_in_database, plantable_fields

pytestmark = pytest.mark.django_db
#: Data that goes with something else, when somebody ends it.
TIED = ("as long as", "until the account", "until the team", "until it is lifted")


@pytest.fixture
def clock():
    """A function that moves the suite's clock forward; at the end it is set right."""
    yield lambda **time: move_clock(timedelta(**time))
    move_clock(None)


@pytest.fixture
def planter():
    planter = Planter()
    planter.plant_everywhere()
    return planter


def goes_by_itself(name):
    kept = personal_fields()[name].kept
    return isinstance(kept, Retention) or not kept.startswith(TIED)


def test_every_personal_column_holds_a_canary_and_the_scan_finds_it(planter):
    assert set(planter.canaries.values()) == plantable_fields()
    assert found_in_database(set(planter.canaries)) == set(planter.canaries)


def test_before_its_time_nothing_goes(planter, clock):
    clock(hours=23)
    purge_all()
    gone = set(planter.canaries) - found_in_database(set(planter.canaries))
    assert {planter.canaries[canary] for canary in gone} == set()


def test_afterwards_all_is_gone_that_is_not_tied_to_something_that_stands(planter, clock):
    clock(days=max(retention.days for retention in all_retentions().values()) + 1)
    purge_all()
    remove_expired()
    left = {planter.canaries[canary] for canary in found_in_database(set(planter.canaries))}
    assert {name for name in left if goes_by_itself(name)} == set()
    assert {name for name in plantable_fields() if not goes_by_itself(name)} == left


def test_money_stays_for_the_accounts(planter, clock):
    payment = planter.plant("gaap_payments.Payment")
    clock(days=2558)
    purge_all()
    before = (payment.amount, payment.currency, payment.reference, payment.created_at, payment.status)
    payment.refresh_from_db()
    assert (payment.amount, payment.currency, payment.reference, payment.created_at, payment.status) == before
    assert (payment.email, payment.billing_address, payment.last_digits) == ("", None, "")


def test_a_message_still_on_its_way_is_kept(planter, clock):
    Notification.objects.update(status="sending", due_at=now() + timedelta(days=30))
    clock(days=8)
    purge_all()
    assert Notification.objects.get().forgotten_at is None


def test_an_event_that_waits_is_kept(planter, clock):
    OutboxEvent.objects.update(published_at=None)
    clock(days=91)
    purge_all()
    assert OutboxEvent.objects.count() == 1


@pytest.mark.parametrize(("days", "is_gone"), [(29, False), (31, True)])
def test_a_service_chooses_for_itself(planter, clock, days, is_gone):
    notification = Notification.objects.get()
    set_retention(notification.service, {"notify.email": 30}, by=TESTER)
    clock(days=days)
    purge_all()
    notification.refresh_from_db()
    assert (notification.forgotten_at is not None) == is_gone


def test_a_choice_for_one_channel_leaves_the_others(planter, clock):
    notification = Notification.objects.get()
    set_retention(notification.service, {"notify.sms": 90}, by=TESTER)
    clock(days=8)
    purge_all()
    notification.refresh_from_db()
    assert notification.forgotten_at is not None


def test_another_services_choice_changes_nothing(planter, clock, other_service):
    set_retention(other_service, {"notify.email": 90}, by=TESTER)
    clock(days=8)
    purge_all()
    assert Notification.objects.get().forgotten_at is not None


def test_small_batches_do_it_all(service, clock, planter):
    first = Notification.objects.get()
    for _ in range(6):
        first.pk, first._state.adding = None, True
        first.id = uuid.uuid4()
        first.save()
    clock(days=8)
    assert purge_all(batch_size=2)["messages"] == 7


def test_one_failing_purge_keeps_no_other_from_running(planter, clock, monkeypatch, caplog):
    def fail(limit):
        raise RuntimeError("out of order")

    monkeypatch.setattr("gaap.privacy.kernel.KernelDataProtection.purges", lambda self: [Purge("broken", fail)])
    clock(days=8)
    assert purge_all()["messages"] == 1
    assert "broken" in caplog.text


def test_choosing_is_audited_and_again_changes_nothing(service):
    assert set_retention(service, {"notify.email": 30, "events": 30}, by=TESTER)
    assert not set_retention(service, {"notify.email": 30}, by=TESTER)
    event = AuditEvent.objects.get(action="retention_changed")
    assert (event.before, event.after) == ({"notify.email": 7, "events": 90}, {"notify.email": 30, "events": 30})
    assert retention_days(service.pk, CHANNELS["email"]) == 30


@pytest.mark.parametrize("days", [{"notify.email": 2}, {"notify.email": 91}, {"nothing": 7}, {"notify.receipts": 8}])
def test_what_cannot_be_chosen_is_refused(service, days):
    with pytest.raises(ValidationError):
        set_retention(service, days, by=TESTER)
