"""The receipt door: stored first, believed when signed, applied once (spec A.13, A.14)."""

import json

import pytest
from django.db import connection

from gaap.outbox.models import OutboxEvent
from gaap_notify.models import Notification, Receipt, SandboxMessage
from gaap_notify.providers.base import DeliveryReport
from gaap_notify.providers.sandbox import sign_report
from gaap_notify.providers.sms.sandbox import SandboxSmsProvider
from gaap_notify.services.delivery import work_on_notification
from gaap_notify.services.receipts import LOOKS, receive_receipt, work_on_receipt
from gaap_notify.services.sandbox import post_report
from gaap_notify.testing.due import make_due

DOOR = "/providers/notify/sms/sandbox/receipts"


@pytest.fixture
def taken(send_sms):
    """A text message that the sandbox has taken and not yet reported on."""
    work_on_notification(send_sms().id)
    return SandboxMessage.objects.get()


def deliver(client, signed, door=DOOR):
    headers, body = signed
    return client.post(door, body, content_type="application/json", headers=headers)


def status():
    return Notification.objects.get().status


def test_signed_receipt_over_http(client, taken):
    assert deliver(client, sign_report(taken, "DELIVERED")).status_code == 204
    row = Notification.objects.get()
    receipt = Receipt.objects.get()
    assert (row.status, row.due_at) == ("delivered", None)
    assert row.completed_at is not None
    assert (receipt.outcome, receipt.notification, receipt.due_at) == ("applied", row, None)
    assert OutboxEvent.objects.filter(name="notification_delivered").count() == 1


def test_same_receipt_twice_counts_once(client, taken):
    signed = sign_report(taken, "DELIVERED")
    assert deliver(client, signed).status_code == 204
    assert deliver(client, signed).status_code == 204
    assert sorted(Receipt.objects.values_list("outcome", flat=True)) == ["applied", "duplicate"]
    assert OutboxEvent.objects.filter(name="notification_delivered").count() == 1


def test_receipt_after_the_end_changes_nothing(client, taken):
    deliver(client, sign_report(taken, "DELIVERED"))
    assert deliver(client, sign_report(taken, "NO_SUCH_RECIPIENT")).status_code == 204
    assert status() == "delivered"


@pytest.mark.parametrize("headers", [{}, {"Sandbox-Signature": "0" * 64}, {"Sandbox-Signature": "é"}])
def test_unsigned_is_refused_and_kept(client, taken, headers):
    _, body = sign_report(taken, "DELIVERED")
    assert deliver(client, (headers, body)).status_code == 403
    assert status() == "sending"
    receipt = Receipt.objects.get()
    assert (receipt.outcome, receipt.due_at, receipt.event_id) == ("refused", None, None)
    assert receipt.failure == "The signature is missing or wrong."


def test_changed_body_is_refused(client, taken):
    headers, body = sign_report(taken, "NO_SUCH_RECIPIENT")
    assert deliver(client, (headers, body.replace("NO_SUCH_RECIPIENT", "DELIVERED"))).status_code == 403
    assert status() == "sending"


@pytest.mark.parametrize("body", ["", "{}", "[]", "nope", json.dumps({"event": 1, "status": "LOST"})])
def test_signed_nonsense_is_refused_and_not_a_crash(client, taken, body, monkeypatch):
    monkeypatch.setattr("gaap_notify.providers.sandbox._signature", lambda _: "x")
    assert deliver(client, ({"Sandbox-Signature": "x"}, body)).status_code == 403
    assert Receipt.objects.get().failure.startswith("The receipt cannot be read")


@pytest.mark.parametrize(
    "door",
    [
        "/providers/notify/sms/nobody/receipts",
        "/providers/notify/fax/sandbox/receipts",
        "/providers/notify/email/nobody/receipts",
    ],
)
def test_unknown_doors(client, db, door):
    assert deliver(client, ({}, "{}"), door).status_code == 404
    assert not Receipt.objects.exists()


def test_provider_without_receipts(client, db):
    assert deliver(client, ({}, "{}"), "/providers/notify/email/smtp/receipts").status_code == 403


def test_only_post(client, db):
    assert client.get(DOOR).status_code == 405


def test_large_bodies_are_not_stored(client, db):
    assert deliver(client, ({}, "x" * 70_000)).status_code == 413
    assert not Receipt.objects.exists()


def test_undecodable_body_is_refused(client, db):
    answer = client.post(DOOR, b"\xff\x00\xfe", content_type="application/json")
    assert answer.status_code == 403


def test_receipt_is_encrypted_at_rest(client, taken):
    deliver(client, sign_report(taken, "DELIVERED"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT headers, body FROM gaap_notify_receipt")
        stored = " ".join(cursor.fetchone())
    assert str(taken.notification_id) not in stored


def test_receipt_overtakes_the_answer_to_the_send(client, taken):
    """The provider reports before we have written that it took the message."""
    Notification.objects.update(status="created", provider="", provider_id="", sent_at=None)
    deliver(client, sign_report(taken, "DELIVERED"))
    row = Notification.objects.get()
    assert (row.status, row.provider, row.provider_id) == ("delivered", "sandbox", taken.provider_id)
    assert row.sent_at is not None
    work_on_notification(row.pk)
    assert SandboxMessage.objects.get().repeats == 0


class Echoless(SandboxSmsProvider):
    """A provider that tells only its own id."""

    def parse_receipt(self, headers, body):
        return DeliveryReport(event_id="e1", provider_id="p1", status="delivered")


@pytest.fixture
def echoless(monkeypatch):
    monkeypatch.setattr(SandboxSmsProvider, "parse_receipt", Echoless.parse_receipt)


def test_receipt_waits_for_its_notification(send_sms, echoless):
    message = send_sms()
    assert receive_receipt("sms", "sandbox", {}, "x") == Receipt.Outcome.WAITING
    receipt = Receipt.objects.get()
    assert receipt.due_at is not None
    Notification.objects.filter(pk=message.id).update(status="sending", provider="sandbox", provider_id="p1")
    make_due(receipt)
    work_on_receipt(receipt.pk)
    receipt = Receipt.objects.get()
    assert (receipt.outcome, receipt.due_at) == ("applied", None)
    assert status() == "delivered"


def test_receipt_of_nobody_is_given_up(send_sms, echoless):
    receive_receipt("sms", "sandbox", {}, "x")
    receipt = Receipt.objects.get()
    for _ in range(LOOKS + 1):
        make_due(receipt)
        work_on_receipt(receipt.pk)
    receipt.refresh_from_db()
    assert (receipt.outcome, receipt.due_at) == ("unmatched", None)


def test_process_that_dies_before_applying(taken, monkeypatch):
    """The raw receipt stands in the database and is due again once the lease is over."""

    def die(*_):
        raise SystemExit

    monkeypatch.setattr("gaap_notify.services.receipts._process", die)
    headers, body = sign_report(taken, "DELIVERED")
    with pytest.raises(SystemExit):
        receive_receipt("sms", "sandbox", headers, body)
    monkeypatch.undo()
    receipt = Receipt.objects.get()
    make_due(receipt)
    work_on_receipt(receipt.pk)
    assert status() == "delivered"


def test_vague_failure_after_a_delay_is_a_temporary_one(taken, monkeypatch):
    reports = iter(
        [
            DeliveryReport("e1", taken.provider_id, "pending"),
            DeliveryReport("e2", taken.provider_id, "permanent-failure"),
        ]
    )
    monkeypatch.setattr(SandboxSmsProvider, "parse_receipt", lambda *_: next(reports))
    receive_receipt("sms", "sandbox", {}, "")
    assert status() == "pending"
    receive_receipt("sms", "sandbox", {}, "")
    assert status() == "temporary-failure"


@pytest.mark.parametrize(
    ("recipient", "ends"),
    [
        ("07700900123", "delivered"),
        ("07700900003", "temporary-failure"),
        ("+44 7700 900002", "permanent-failure"),
        ("07700900005", "technical-failure"),
        ("temp-fail@simulator.notify", "temporary-failure"),
        ("perm-fail@simulator.notify", "permanent-failure"),
        ("refused@simulator.notify", "technical-failure"),
        ("ngoc@example.org", "delivered"),
    ],
)
def test_magic_recipients(send_sms, send_email, recipient, ends):
    message = (send_email if "@" in recipient else send_sms)(recipient)
    work_on_notification(message.id)
    for taken in SandboxMessage.objects.all():
        post_report(taken.pk)
    assert status() == ends


@pytest.mark.parametrize("recipient", ["07700900004", "unavailable@simulator.notify"])
def test_magic_recipients_that_are_never_taken(send_sms, send_email, recipient):
    message = (send_email if "@" in recipient else send_sms)(recipient)
    work_on_notification(message.id)
    assert status() == "created"
    assert not SandboxMessage.objects.exists()


@pytest.mark.parametrize("recipient", ["07700900006", "slow@simulator.notify"])
def test_magic_recipients_that_are_slow(send_sms, send_email, recipient):
    message = (send_email if "@" in recipient else send_sms)(recipient)
    work_on_notification(message.id)
    taken = SandboxMessage.objects.get()
    post_report(taken.pk)
    assert status() == "pending"
    post_report(taken.pk)
    assert status() == "pending"
    make_due(taken)
    post_report(taken.pk)
    taken.refresh_from_db()
    assert (status(), taken.reports, taken.due_at) == ("delivered", [], None)


def test_sandbox_that_dies_after_its_report_repeats_it_harmlessly(taken):
    post_report(taken.pk)
    SandboxMessage.objects.update(reports=["DELIVERED"])
    make_due(taken)
    post_report(taken.pk)
    assert sorted(Receipt.objects.values_list("outcome", flat=True)) == ["applied", "duplicate"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_one_receipt_many_times_at_once(taken):
    from tests.platform.parallel import in_parallel

    headers, body = sign_report(taken, "DELIVERED")
    outcomes = in_parallel([lambda: receive_receipt("sms", "sandbox", headers, body)] * 8)
    assert sorted(outcomes) == ["applied", *["duplicate"] * 7]
    assert OutboxEvent.objects.filter(name="notification_delivered").count() == 1
