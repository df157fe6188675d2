"""Twilio: its own library against a peer on loopback, and its signed calls at our door."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from gaap.clock import now
from gaap.providers.errors import ProviderError
from gaap_notify.conf import ProviderConfig
from gaap_notify.models import Notification, Receipt
from gaap_notify.providers import make_provider
from gaap_notify.providers.base import RecipientRejectedError
from gaap_notify.providers.sms.twilio_codes import BAD_RECIPIENT, DELIVERY_FAILURES, OPERATOR_CAN_MEND, TOO_MANY
from gaap_notify.services.delivery import work_on_notification
from gaap_notify.testing.due import make_due
from gaap_notify.testing.providers import SMS
from tests.notify.twilio_peer import ACCOUNT, TOKEN, Refusal, twilio_peer

DOOR = "/providers/notify/sms/twilio/receipts"


@pytest.fixture
def peer():
    with twilio_peer() as running:
        yield running


@pytest.fixture
def options(peer):
    return {"account_sid": ACCOUNT, "auth_token": TOKEN, "base_url": peer.url}


@pytest.fixture
def twilio(options):
    return make_provider("sms", ProviderConfig("twilio", "twilio", options))


def test_request_is_as_twilio_wants_it(twilio, peer):
    twilio.send(SMS)
    method, path, fields = peer.requests[0]
    assert (method, path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    assert fields == {
        "To": f"+{SMS.to}",
        "From": "GOVT",
        "Body": SMS.body,
        "StatusCallback": f"http://127.0.0.1:8000{DOOR}",
    }


@pytest.mark.parametrize(
    ("sender", "written"), [("447700900001", "+447700900001"), ("60006", "60006"), ("GOVT", "GOVT")]
)
def test_sender_is_written_as_twilio_wants_it(twilio, peer, sender, written):
    from dataclasses import replace

    twilio.send(replace(SMS, sender=sender))
    assert peer.book[0]["from"] == written


def test_messaging_service_chooses_the_sender(options, peer):
    options["messaging_service_sid"] = "MG" + "0" * 32
    make_provider("sms", ProviderConfig("twilio", "twilio", options)).send(SMS)
    fields = peer.requests[0][2]
    assert (fields["MessagingServiceSid"], "From" in fields) == ("MG" + "0" * 32, False)


@pytest.mark.parametrize("code", sorted(BAD_RECIPIENT))
def test_bad_recipient_is_never_tried_again(twilio, peer, code):
    peer.refusal = Refusal(400, code)
    with pytest.raises(RecipientRejectedError):
        twilio.send(SMS)


@pytest.mark.parametrize("code", sorted(TOO_MANY))
def test_too_many_asks_for_a_pause(twilio, peer, code):
    peer.refusal = Refusal(400, code)
    with pytest.raises(ProviderError) as raised:
        twilio.send(SMS)
    assert (raised.value.permanent, bool(raised.value.pause)) == (False, True)


@pytest.mark.parametrize("code", sorted(OPERATOR_CAN_MEND))
def test_what_an_operator_can_mend_is_tried_again(twilio, peer, code):
    peer.refusal = Refusal(403, code)
    with pytest.raises(ProviderError) as raised:
        twilio.send(SMS)
    assert (raised.value.permanent, raised.value.is_unknown) == (False, False)


def test_429_says_how_long(twilio, peer):
    peer.refusal = Refusal(429, 20429, headers=(("Retry-After", "7"),))
    with pytest.raises(ProviderError) as raised:
        twilio.send(SMS)
    assert raised.value.pause == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("status", "permanent", "is_unknown"), [(400, True, False), (500, False, True), (503, False, True)]
)
def test_other_refusals(twilio, peer, status, permanent, is_unknown):
    peer.refusal = Refusal(status, 21617)
    with pytest.raises(ProviderError) as raised:
        twilio.send(SMS)
    assert (raised.value.permanent, raised.value.is_unknown) == (permanent, is_unknown)
    assert SMS.to not in str(raised.value)


def test_lost_answer_is_found_again(twilio, peer):
    since = now()
    peer.refusals.append(Refusal(hangs_up=True))
    with pytest.raises(ProviderError) as raised:
        twilio.send(SMS)
    assert raised.value.is_unknown
    assert [one.provider_id for one in twilio.find_sent(SMS, since=since)] == [peer.book[0]["sid"]]
    assert twilio.find_sent(SMS, since=since + timedelta(hours=1)) == []


def test_no_line_of_the_log_names_the_recipient(twilio, caplog):
    twilio.find_sent(SMS, since=now())
    assert SMS.to not in caplog.text


def test_nobody_listening_is_no_unknown_end(options):
    provider = make_provider("sms", ProviderConfig("twilio", "twilio", {**options, "base_url": "http://127.0.0.1:9"}))
    with pytest.raises(ProviderError) as raised:
        provider.send(SMS)
    assert (raised.value.permanent, raised.value.is_unknown) == (False, False)


def test_missing_options_are_told():
    assert len(list(make_provider("sms", ProviderConfig("twilio", "twilio", {})).check())) == 2


@pytest.fixture
def sent(db, settings, options, send_sms):
    """A text message that Twilio has taken."""
    settings.GAAP_NOTIFY = {
        "PROVIDERS": {"sms": {"twilio": {"BACKEND": "twilio", "OPTIONS": options}}},
        "DEFAULT": {"sms": "twilio"},
    }
    row = Notification.objects.get(pk=send_sms(key_type="live").id)
    work_on_notification(row.pk)
    row.refresh_from_db()
    assert row.status == "sending"
    return row


def call_back(sid, status, code="", *, token=TOKEN, url=f"http://127.0.0.1:8000{DOOR}", signed=None):
    fields = {"MessageSid": sid, "MessageStatus": status, "AccountSid": ACCOUNT} | ({"ErrorCode": code} if code else {})
    signature = RequestValidator(token).compute_signature(url, signed or fields)
    return Client().post(
        DOOR,
        urlencode(fields),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature},
    )


def status_of(row):
    row.refresh_from_db()
    return row.status


@pytest.mark.parametrize("word", ["accepted", "queued", "sending", "sent"])
def test_callback_on_the_way_changes_nothing(sent, word):
    assert call_back(sent.provider_id, word).status_code == 204
    assert status_of(sent) == "sending"


@pytest.mark.parametrize("word", ["delivered", "read"])
def test_callback_delivers(sent, word):
    call_back(sent.provider_id, word)
    assert status_of(sent) == "delivered"


@pytest.mark.parametrize(("code", "status"), sorted(DELIVERY_FAILURES.items()))
@pytest.mark.parametrize("word", ["failed", "undelivered"])
def test_every_code_has_a_status(twilio, word, code, status):
    fields = {"MessageSid": "SM1", "MessageStatus": word, "ErrorCode": str(code)}
    signature = RequestValidator(TOKEN).compute_signature(f"http://127.0.0.1:8000{DOOR}", fields)
    report = twilio.parse_receipt({"x-twilio-signature": signature}, urlencode(fields))
    assert (report.status, report.detail) == (status, str(code))


@pytest.mark.parametrize("code", ["", "39999", "nonsense"])
def test_unknown_code_is_passing(sent, code):
    call_back(sent.provider_id, "undelivered", code)
    assert status_of(sent) == "temporary-failure"


FORGERIES = {
    "wrong token": {"token": "f" * 32},
    "another address": {"url": "http://127.0.0.1:8000/elsewhere"},
    "changed fields": {"signed": {"MessageSid": "SM1", "MessageStatus": "sent"}},
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_forged_callback_is_refused(sent, forgery):
    assert call_back(sent.provider_id, "undelivered", "30005", **forgery).status_code == 403
    assert status_of(sent) == "sending"
    assert Receipt.objects.get().outcome == "refused"


def test_replayed_callback_is_harmless(sent):
    for _ in range(3):
        assert call_back(sent.provider_id, "delivered").status_code == 204
    outcomes = sorted(Receipt.objects.values_list("outcome", flat=True))
    assert (status_of(sent), outcomes) == ("delivered", ["applied", "duplicate", "duplicate"])


@pytest.mark.parametrize("late", [("sent", ""), ("undelivered", "30005"), ("queued", "")])
def test_late_callback_is_harmless(sent, late):
    call_back(sent.provider_id, "delivered")
    assert call_back(sent.provider_id, *late).status_code == 204
    assert status_of(sent) == "delivered"


def test_message_whose_answer_was_lost_is_sent_once(sent, send_sms, peer):
    peer.refusals.append(Refusal(hangs_up=True))
    row = Notification.objects.get(pk=send_sms("07700900456", key_type="live").id)
    work_on_notification(row.pk)
    assert status_of(row) == "created"
    make_due(row)
    work_on_notification(row.pk)
    assert (status_of(row), row.provider_id) == ("sending", peer.book[1]["sid"])
    assert len(peer.book) == 2


def test_same_text_to_the_same_number_is_another_message(sent, send_sms, peer):
    peer.refusals.append(Refusal(503))
    row = Notification.objects.get(pk=send_sms(key_type="live").id)
    work_on_notification(row.pk)
    make_due(row)
    work_on_notification(row.pk)
    row.refresh_from_db()
    assert (row.status, row.provider_id != sent.provider_id, len(peer.book)) == ("sending", True, 2)
