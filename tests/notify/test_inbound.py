"""Texts from people: kept, told, STOP and START obeyed; complaints and bounces heeded."""

import json
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from twilio.request_validator import RequestValidator

from gaap.outbox.models import OutboxEvent
from gaap.testing.plugin import TESTER
from gaap.webhooks.models import Delivery
from gaap_notify.models import (
    Complaint,
    InboundNumber,
    Notification,
    Receipt,
    ReceivedText,
    SandboxMessage,
    Suppression,
)
from gaap_notify.providers.sandbox import sign_report, sign_text
from gaap_notify.services.callbacks import set_callback
from gaap_notify.services.delivery import work_on_notification
from gaap_notify.services.inbound import START_WORDS, STOP_WORDS, plain_word
from gaap_notify.services.receipts import receive_receipt
from gaap_notify.services.setup import set_inbound_number
from gaap_notify.services.suppressions import lift_suppression, suppress
from tests.notify.twilio_peer import ACCOUNT, TOKEN

pytestmark = pytest.mark.django_db

NUMBER = "447700900222"
PERSON = "447700900123"


@pytest.fixture(autouse=True)
def number(service, settings):
    settings.GAAP_EMBEDDED = True
    return set_inbound_number(service, NUMBER, provider="sandbox", by=TESTER)


def text(content, *, sender=PERSON, recipient=NUMBER):
    headers, body = sign_text(sender, recipient, content)
    return receive_receipt("sms", "sandbox", headers, body, door="inbound")


def test_text_is_kept_and_told(service):
    set_callback(service, "inbound_sms", url="http://127.0.0.1:9/x", bearer_token="0123456789", by=TESTER)
    assert text("Xin chào") == "applied"
    kept = ReceivedText.objects.get()
    assert (kept.user_number, kept.notify_number, kept.content) == (PERSON, "07700900222", "Xin chào")
    body = json.loads(Delivery.objects.get().body)
    assert set(body) == {"id", "source_number", "destination_number", "message", "date_received"}
    assert (body["source_number"], body["destination_number"]) == (PERSON, "07700900222")
    assert OutboxEvent.objects.filter(name="text_received", service_id=service.pk).count() == 1


def test_repeat_is_kept_once():
    headers, body = sign_text(PERSON, NUMBER, "hello")
    outcomes = [receive_receipt("sms", "sandbox", headers, body, door="inbound") for _ in range(3)]
    assert (outcomes, ReceivedText.objects.count()) == (["applied", "duplicate", "duplicate"], 1)


def test_forged_text_is_refused():
    _, body = sign_text(PERSON, NUMBER, "hello")
    assert receive_receipt("sms", "sandbox", {"sandbox-signature": "x"}, body, door="inbound") == "refused"
    assert not ReceivedText.objects.exists()


def test_text_for_nobody_is_only_kept_as_received():
    assert text("hello", recipient="447700900999") == "unmatched"
    set_inbound_number(None, NUMBER, provider="sandbox", by=TESTER)
    assert text("hello") == "unmatched"
    assert not ReceivedText.objects.exists()


@pytest.mark.parametrize("word", [*sorted(STOP_WORDS), "stop", " Stop. ", "DỪNG", "Từ chối", "dừng lại!", "Stopiwch"])
def test_stop_is_obeyed_by_this_service_alone(service, other_service, send_sms, word):
    text(word)
    assert Suppression.objects.get(service=service).reason == "stopped"
    message = send_sms(PERSON, key_type="live")
    work_on_notification(message.id)
    row = Notification.objects.get(pk=message.id)
    assert (row.status, "no more messages" in row.failure) == ("permanent-failure", True)
    assert not SandboxMessage.objects.exists()


@pytest.mark.parametrize("words", ["please do not stop", "stop it now", "Ending soon", ""])
def test_other_words_are_only_words(words):
    text(words)
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("word", [*sorted(START_WORDS), "start", "Bắt đầu"])
def test_start_takes_stop_back(send_sms, word):
    text("STOP")
    text(word)
    message = send_sms(PERSON, key_type="live")
    work_on_notification(message.id)
    assert Notification.objects.get(pk=message.id).status == "sending"


def test_start_does_not_undo_a_complaint(service):
    suppress(PERSON, channel="sms", reason="complained", service=service)
    text("START")
    assert Suppression.objects.exists()


@pytest.mark.parametrize("details", [{"key_type": "test"}, {"key_type": "live", "is_secret": True}])
def test_codes_and_test_keys_pass(send_sms, details):
    text("STOP")
    message = send_sms(PERSON, **details)
    work_on_notification(message.id)
    assert Notification.objects.get(pk=message.id).status == "sending"


def test_words_are_compared_plainly():
    assert (plain_word("  Đừng... lại "), plain_word("STOP!")) == ("DUNG LAI", "STOP")


def test_twilio_hands_texts_on(service, settings):
    options = {"account_sid": ACCOUNT, "auth_token": TOKEN}
    settings.GAAP_NOTIFY = {"PROVIDERS": {"sms": {"twilio": {"BACKEND": "twilio", "OPTIONS": options}}}}
    set_inbound_number(service, NUMBER, provider="twilio", by=TESTER)
    fields = {
        "MessageSid": "SM7",
        "From": f"+{PERSON}",
        "To": f"+{NUMBER}",
        "Body": "Chào & tạm biệt",
        "NumSegments": "1",
    }
    door = "/providers/notify/sms/twilio/inbound"
    for token, status in (("f" * 32, 403), (TOKEN, 204), (TOKEN, 204)):
        signature = RequestValidator(token).compute_signature(f"http://127.0.0.1:8000{door}", fields)
        answer = Client().post(
            door,
            urlencode(fields),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
        )
        assert answer.status_code == status
    assert ReceivedText.objects.get().content == "Chào & tạm biệt"


def test_command_makes_a_text(capsys):
    call_command("sandbox_text", PERSON, NUMBER, "hello")
    assert ReceivedText.objects.get().content == "hello"
    with pytest.raises(CommandError):
        call_command("sandbox_text", PERSON, "447700900999", "hello")


def test_command_is_refused_in_production(settings):
    settings.GAAP_ENVIRONMENT = "production"
    with pytest.raises(CommandError):
        call_command("sandbox_text", PERSON, NUMBER, "hello")


def report(message_id, status):
    headers, body = sign_report(SandboxMessage.objects.get(notification_id=message_id), status)
    return receive_receipt("email", "sandbox", headers, body)


def test_complaint_is_kept_told_and_heeded(service, send_email):
    set_callback(service, "complaint", url="http://127.0.0.1:9/x", bearer_token="0123456789", by=TESTER)
    message = send_email(key_type="live", reference="case 9")
    work_on_notification(message.id)
    assert report(message.id, "COMPLAINED") == "applied"
    assert report(message.id, "COMPLAINED") == "duplicate"
    row = Notification.objects.get(pk=message.id)
    complaint = Complaint.objects.get()
    body = json.loads(Delivery.objects.get().body)
    assert row.status == "delivered"
    assert body["notification_id"] == str(row.pk)
    assert (body["complaint_id"], body["reference"], body["to"]) == (str(complaint.pk), "case 9", "ngoc@example.org")
    assert set(body) == {"notification_id", "complaint_id", "reference", "to", "complaint_date"}
    assert Suppression.objects.get().service == service


def test_bounce_is_heeded_by_everybody(send_email, other_service):
    message = send_email(key_type="live")
    work_on_notification(message.id)
    report(message.id, "NO_SUCH_RECIPIENT")
    found = Suppression.objects.get()
    assert (found.service, found.reason) == (None, "bounced")
    again = send_email(key_type="live")
    work_on_notification(again.id)
    assert Notification.objects.get(pk=again.id).status == "permanent-failure"
    lift_suppression(found, by=TESTER)
    third = send_email(key_type="live")
    work_on_notification(third.id)
    assert Notification.objects.get(pk=third.id).status == "sending"


def test_number_belongs_to_one_service(service, other_service):
    set_inbound_number(other_service, NUMBER, provider="sandbox", by=TESTER)
    assert InboundNumber.objects.get().service == other_service
    text("hello")
    assert ReceivedText.objects.get().service == other_service
    assert Receipt.objects.get().outcome == "applied"
