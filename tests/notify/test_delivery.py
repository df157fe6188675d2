"""The delivery engine: one hand-over per message, retries by the table, workers that die (spec A.13)."""

import contextlib
import uuid
from datetime import timedelta

import pytest
from django.test import override_settings

from gaap.clock import now
from gaap.outbox.models import OutboxEvent
from gaap.providers.errors import ProviderError
from gaap.work import claim
from gaap_notify.models import Notification, SandboxMessage
from gaap_notify.providers.base import Accepted, RecipientRejectedError
from gaap_notify.providers.email.sandbox import SandboxEmailProvider
from gaap_notify.providers.sms.sandbox import SandboxSmsProvider
from gaap_notify.services.delivery import ORDINARY, SECRET, work_on_notification
from gaap_notify.services.setup import change_settings
from gaap_notify.services.sweeping import sweep_waiting
from gaap_notify.testing.due import make_due


@pytest.fixture
def accepted(send_sms):
    """A text message that waits for its provider."""
    return Notification.objects.get(pk=send_sms().id)


def fail_with(monkeypatch, error):
    calls = []

    def send(provider, message):
        calls.append(message)
        raise error

    monkeypatch.setattr(SandboxSmsProvider, "send", send)
    monkeypatch.setattr(SandboxEmailProvider, "send", send)
    return calls


def test_hand_over(accepted):
    work_on_notification(accepted.pk)
    accepted.refresh_from_db()
    taken = SandboxMessage.objects.get()
    assert (accepted.status, accepted.provider) == ("sending", "sandbox")
    assert accepted.provider_id == taken.provider_id
    assert accepted.sent_at is not None
    assert accepted.completed_at is None
    assert accepted.due_at == pytest.approx(accepted.sent_at + timedelta(hours=72), abs=timedelta(seconds=1))
    assert taken.body == "Renew a vehicle registration: Hello Ngoc"
    assert taken.recipient == "447700900123"
    assert OutboxEvent.objects.filter(name="notification_sent", subject=f"notification/{accepted.pk}").count() == 1


def test_nothing_is_done_twice(accepted):
    work_on_notification(accepted.pk)
    work_on_notification(accepted.pk)
    assert SandboxMessage.objects.get().repeats == 0


def test_prefix_may_be_switched_off(accepted, service):
    from gaap.testing.plugin import TESTER

    change_settings(service, has_sms_prefix=False, by=TESTER)
    work_on_notification(accepted.pk)
    assert SandboxMessage.objects.get().body == "Hello Ngoc"


def test_unknown_notification_is_nothing_to_do(db):
    work_on_notification(uuid.uuid4())
    assert not SandboxMessage.objects.exists()


def test_message_of_a_dead_worker_is_taken_over(accepted):
    assert claim(accepted)
    work_on_notification(accepted.pk)
    assert not SandboxMessage.objects.exists()
    make_due(accepted)
    work_on_notification(accepted.pk)
    assert SandboxMessage.objects.count() == 1


def test_worker_that_dies_after_the_hand_over(accepted, monkeypatch):
    """The provider has the message but nobody wrote so: the repeat carries the same id and is answered alike."""
    monkeypatch.setattr("gaap_notify.services.delivery._record", lambda *_: None)
    work_on_notification(accepted.pk)
    monkeypatch.undo()
    make_due(accepted)
    work_on_notification(accepted.pk)
    taken = SandboxMessage.objects.get()
    accepted.refresh_from_db()
    assert taken.repeats == 1
    assert accepted.provider_id == taken.provider_id


def test_first_retry_of_a_text_is_immediate_then_every_five_minutes(accepted, monkeypatch):
    fail_with(monkeypatch, ProviderError("busy", permanent=False))
    work_on_notification(accepted.pk)
    accepted.refresh_from_db()
    assert accepted.status == "created"
    assert Notification.objects.filter(due_at__lte=now()).exists()
    assert accepted.failure == "busy"
    work_on_notification(accepted.pk)
    accepted.refresh_from_db()
    assert accepted.due_at == pytest.approx(now() + timedelta(seconds=300), abs=timedelta(seconds=5))


def test_first_retry_of_an_email_waits(send_email, monkeypatch):
    fail_with(monkeypatch, ProviderError("busy", permanent=False))
    message = Notification.objects.get(pk=send_email().id)
    work_on_notification(message.pk)
    message.refresh_from_db()
    assert message.due_at == pytest.approx(now() + timedelta(seconds=300), abs=timedelta(seconds=5))


@pytest.mark.parametrize(("is_secret", "plan"), [(False, ORDINARY), (True, SECRET)])
def test_gives_up_after_the_last_retry(accepted, monkeypatch, is_secret, plan):
    calls = fail_with(monkeypatch, ProviderError("busy", permanent=False))
    Notification.objects.update(is_secret=is_secret)
    while not Notification.objects.get().is_final:
        assert len(calls) <= plan.retries
        make_due(accepted)
        work_on_notification(accepted.pk)
    accepted.refresh_from_db()
    assert len(calls) == plan.retries + 1
    assert (accepted.status, accepted.due_at, accepted.failure) == ("technical-failure", None, "busy")
    assert accepted.completed_at is not None


def test_message_that_breaks_every_worker_is_given_up(accepted, monkeypatch):
    calls = fail_with(monkeypatch, RuntimeError("a fault in the code"))
    while not Notification.objects.get().is_final:
        make_due(accepted)
        with contextlib.suppress(RuntimeError):
            work_on_notification(accepted.pk)
    row = Notification.objects.get()
    assert (row.status, row.failure) == ("technical-failure", "Every try broke off.")
    assert len(calls) == ORDINARY.retries + 1


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ProviderError("no", permanent=True), "technical-failure"),
        (RecipientRejectedError("no such number"), "permanent-failure"),
    ],
)
def test_final_refusals(accepted, monkeypatch, error, status):
    calls = fail_with(monkeypatch, error)
    work_on_notification(accepted.pk)
    accepted.refresh_from_db()
    assert (accepted.status, accepted.failure, accepted.due_at) == (status, str(error), None)
    work_on_notification(accepted.pk)
    assert len(calls) == 1
    assert OutboxEvent.objects.filter(name="notification_failed").count() == 1


def test_late_worker_does_not_undo_what_the_next_one_wrote(accepted, monkeypatch):
    """A slow worker whose lease ended comes back with a failure after another one has delivered."""

    def send(provider, message):
        make_due(Notification.objects.get())
        monkeypatch.undo()
        work_on_notification(accepted.pk)
        raise ProviderError("timed out", permanent=False)

    monkeypatch.setattr(SandboxSmsProvider, "send", send)
    work_on_notification(accepted.pk)
    accepted.refresh_from_db()
    assert (accepted.status, accepted.failure) == ("sending", "")


def test_no_receipt_within_three_days(accepted):
    work_on_notification(accepted.pk)
    make_due(accepted)
    work_on_notification(accepted.pk)
    accepted.refresh_from_db()
    assert (accepted.status, accepted.due_at) == ("temporary-failure", None)
    assert "72 hours" in accepted.failure


@pytest.mark.parametrize(("channel", "status"), [("sms", "sent"), ("email", "delivered")])
def test_provider_that_reports_nothing(send_sms, send_email, monkeypatch, channel, status):
    for provider in (SandboxSmsProvider, SandboxEmailProvider):
        monkeypatch.setattr(provider, "reports_delivery", False)
        monkeypatch.setattr(provider, "send", lambda *_: Accepted("1"))
    message = (send_sms if channel == "sms" else send_email)()
    work_on_notification(message.id)
    row = Notification.objects.get()
    assert (row.status, row.due_at) == (status, None)
    assert row.sent_at is not None
    assert row.completed_at is not None


def test_test_keys_reach_only_the_sandbox(service, send_email):
    from gaap.testing.plugin import TESTER

    change_settings(service, email_provider="smtp", by=TESTER)
    work_on_notification(send_email().id)
    assert Notification.objects.get().provider == "sandbox"


def test_unconfigured_provider_waits_for_an_operator(service, send_email):
    from gaap.testing.plugin import TESTER

    change_settings(service, email_provider="gone", by=TESTER)
    message = send_email(key_type="live")
    work_on_notification(message.id)
    row = Notification.objects.get()
    assert row.status == "created"
    assert Notification.objects.filter(due_at__gt=now()).exists()
    assert row.failure == "No email provider 'gone' is configured."


@override_settings(GAAP_ENVIRONMENT="production")
def test_sandbox_is_refused_for_live_services_in_production(send_email):
    work_on_notification(send_email(key_type="live").id)
    assert not SandboxMessage.objects.exists()
    assert "sandbox" in Notification.objects.get().failure


@override_settings(GAAP_ENVIRONMENT="production")
def test_sandbox_serves_test_keys_in_production(send_email):
    work_on_notification(send_email(key_type="test").id)
    assert SandboxMessage.objects.count() == 1


def test_reply_to_and_unsubscribe_headers(send_email, service):
    from gaap_notify.models import ReplyTo

    address = ReplyTo.objects.create(service=service, email="help@transport.example")
    message = send_email(sender_id=address.pk, unsubscribe_url="https://x.example/stop")
    work_on_notification(message.id)
    headers = SandboxMessage.objects.get().headers
    assert headers["Reply-To"] == "help@transport.example"
    assert headers["List-Unsubscribe"] == "<https://x.example/stop>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_email_has_text_and_html(send_email):
    work_on_notification(send_email().id)
    taken = SandboxMessage.objects.get()
    assert taken.subject == "Paid £10"
    assert taken.body == "Dear Ngọc\n\nThank you.\n"
    assert '<html lang="en"' in taken.html
    assert "Dear Ngọc" in taken.html
    assert taken.sender == "Renew a vehicle registration <noreply@notify.localhost>"


def test_simulated_recipients_leave_nothing_behind(send_sms, send_email):
    for number in ("07700900000", "+44 7700 900111", "07700900222"):
        send_sms(number)
    for name in ("simulate-delivered", "simulate-delivered-2", "Simulate-Delivered-3"):
        send_email(f"{name}@notifications.service.gov.uk")
    assert not Notification.objects.exists()


def test_sweeper_wakes_what_waits_too_long(send_sms, monkeypatch, django_assert_max_num_queries):
    woken = []
    monkeypatch.setattr("gaap_notify.services.sweeping.wake_task", lambda name, *args: woken.append((name, *args)))
    send_sms()
    assert sweep_waiting() == 0
    for message in (send_sms(), send_sms(is_secret=True)):
        make_due(Notification.objects.get(pk=message.id))
    with django_assert_max_num_queries(9):
        assert sweep_waiting() == 2
    assert woken == [("deliver_secret",), ("deliver",)]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_workers_racing_for_one_message_hand_it_over_once(send_sms):
    from tests.platform.parallel import in_parallel

    message = send_sms()
    in_parallel([lambda: work_on_notification(message.id)] * 8)
    assert SandboxMessage.objects.get().repeats == 0
    assert OutboxEvent.objects.filter(name="notification_sent").count() == 1
