"""A commercial sender through django-anymail: what it is handed, and what its calls make of a message."""

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, override_settings

from gaap.providers.errors import ProviderError
from gaap_notify.models import Complaint, Notification, Receipt, Suppression
from gaap_notify.providers.base import ReceiptRefusedError, RecipientRejectedError
from gaap_notify.providers.email.anymail import SIGNED_WITH, AnymailProvider
from gaap_notify.services.delivery import work_on_notification
from gaap_notify.services.receipts import work_on_receipt
from gaap_notify.testing.providers import EMAIL, ProviderContract
from tests.notify.postmark_peer import WEBHOOK_SECRET, Peer, options, postmark_peer
from tests.processes import free_port

AUTHORIZATION = "Basic " + b64encode(WEBHOOK_SECRET.encode()).decode()
DOOR = "/providers/notify/email/post/receipts"


@pytest.fixture
def peer() -> Iterator[Peer]:
    with postmark_peer() as running:
        entry = {"BACKEND": "anymail", "OPTIONS": options(running.url)}
        configured = {
            "PROVIDERS": {"email": {"post": entry}},
            "DEFAULT": {"email": "post"},
            "EMAIL_DOMAIN": "notify.example",
        }
        with override_settings(GAAP_NOTIFY=configured):
            yield running


@pytest.fixture
def provider(peer: Peer) -> AnymailProvider:
    return AnymailProvider(alias="post", **options(peer.url))


class TestContract(ProviderContract):
    """What the engine relies on."""

    @pytest.fixture
    def message(self) -> Any:
        return EMAIL


def test_what_the_sender_gets(provider, peer):
    assert provider.send(EMAIL).provider_id == "pm-1"
    (mail,) = peer.sent
    assert (mail["To"], mail["Subject"], mail["ReplyTo"]) == (EMAIL.to, EMAIL.subject, EMAIL.reply_to)
    assert mail["From"] == "Renew a vehicle registration <renew-vehicle@notify.example>"
    assert (mail["TextBody"], mail["HtmlBody"]) == (EMAIL.text, EMAIL.html)
    assert mail["Metadata"] == {"notification_id": str(EMAIL.id)}
    headers = {header["Name"]: header["Value"] for header in mail["Headers"]}
    assert headers["List-Unsubscribe"] == "<https://transport.example/stop>"
    assert headers["Message-ID"] == f"<{EMAIL.id}@notify.example>"
    assert peer.tokens == ["token"]


@pytest.mark.parametrize(
    ("status", "is_permanent", "is_unknown"),
    [(400, True, False), (401, False, False), (404, True, False), (429, False, False), (500, False, True)],
)
def test_refusals(provider, peer, status, is_permanent, is_unknown):
    peer.status, peer.code = status, 300
    with pytest.raises(ProviderError) as caught:
        provider.send(EMAIL)
    assert (caught.value.permanent, caught.value.is_unknown) == (is_permanent, is_unknown)
    assert EMAIL.to not in str(caught.value)
    assert not peer.sent


def test_an_address_that_the_sender_has_given_up(provider, peer):
    peer.status, peer.code = 422, 406
    peer.words = f"Found inactive addresses: {EMAIL.to}.\nInactive recipients are ones that have a hard bounce."
    with pytest.raises(RecipientRejectedError):
        provider.send(EMAIL)


def test_a_sender_that_is_not_there():
    provider = AnymailProvider(alias="post", **options(f"http://127.0.0.1:{free_port()}/"))
    with pytest.raises(ProviderError) as caught:
        provider.send(EMAIL)
    assert (caught.value.permanent, caught.value.is_unknown) == (False, False)
    assert EMAIL.to not in str(caught.value)


@pytest.mark.parametrize("esp", SIGNED_WITH)
def test_the_door_of_every_sender_is_shut_to_strangers(esp):
    key = "a" * 32 if SIGNED_WITH[esp] else ""
    provider = AnymailProvider(alias="post", esp=esp, webhook_secret=WEBHOOK_SECRET, webhook_key=key)
    for headers in ({}, {"authorization": "Basic bm9ib2R5Ondyb25n"}):
        for body in ("", "{}", "[]", '[{"event": "delivered"}]'):
            with pytest.raises((ReceiptRefusedError, ValueError, LookupError, TypeError)):
                provider.parse_receipts(headers, body)


@pytest.mark.parametrize("useless", [{}, {"webhook_key": "Postmark signs nothing"}])
def test_without_a_secret_nothing_is_believed(useless):
    provider = AnymailProvider(alias="post", esp="postmark", server_token="token", **useless)
    assert any("webhook_secret" in fault for fault in provider.check())
    with pytest.raises(ReceiptRefusedError):
        provider.parse_receipts({"authorization": AUTHORIZATION}, '{"RecordType": "Delivery", "MessageID": "pm-1"}')


def test_nothing_is_believed_of_a_sender_that_is_not_known():
    with pytest.raises(ReceiptRefusedError):
        AnymailProvider(alias="post", esp="nobody", webhook_secret=WEBHOOK_SECRET).parse_receipts({}, "{}")


@pytest.mark.parametrize(
    ("given", "words"),
    [({}, "esp"), ({"esp": "nobody"}, "esp"), ({"esp": "mailgun", "webhook_secret": "a:b"}, "not in order")],
)
def test_options_are_checked(given, words):
    assert any(words in fault for fault in AnymailProvider(alias="post", **given).check())


def deliver(send_email: Any) -> Notification:
    """Have an email taken by the sender."""
    message = send_email(key_type="live")
    work_on_notification(message.id)
    return Notification.objects.get(pk=message.id)


def tell(*events: dict[str, Any], authorization: str = AUTHORIZATION) -> int:
    """Post events as Postmark does, one by one, and return the last status."""
    status = 0
    for event in events:
        status = (
            Client().post(
                DOOR, json.dumps(event), content_type="application/json", headers={"Authorization": authorization}
            )
        ).status_code
    return status


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ({"RecordType": "Delivery"}, "delivered"),
        ({"RecordType": "Bounce", "Type": "HardBounce", "ID": 1}, "permanent-failure"),
        ({"RecordType": "Bounce", "Type": "BadEmailAddress", "ID": 2}, "permanent-failure"),
        ({"RecordType": "Bounce", "Type": "SoftBounce", "ID": 3}, "temporary-failure"),
        ({"RecordType": "Bounce", "Type": "Blocked", "ID": 4}, "temporary-failure"),
        ({"RecordType": "Bounce", "Type": "Transient", "ID": 5}, "pending"),
        ({"RecordType": "Open"}, "sending"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.get("Type", value["RecordType"]),
)
def test_what_the_sender_tells(peer, send_email, event, status):
    row = deliver(send_email)
    assert (row.status, row.provider_id) == ("sending", "pm-1")
    assert tell({"MessageID": "pm-1", "Recipient": "ngoc@example.org", **event}) == 204
    row.refresh_from_db()
    assert row.status == status
    assert Suppression.objects.exists() == (status == "permanent-failure")


def test_our_own_id_settles_a_message_whose_call_broke_off(peer, send_email):
    message = send_email(key_type="live")
    event = {"RecordType": "Delivery", "MessageID": "pm-9", "Metadata": {"notification_id": str(message.id)}}
    assert tell(event) == 204
    row = Notification.objects.get(pk=message.id)
    assert (row.status, row.provider_id) == ("delivered", "pm-9")


def test_a_complaint_is_kept_and_heeded(peer, send_email):
    row = deliver(send_email)
    event = {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "MessageID": "pm-1", "ID": 7}
    tell(event, event)
    row.refresh_from_db()
    assert row.status == "delivered"
    assert Complaint.objects.count() == 1
    assert list(Suppression.objects.values_list("reason", flat=True)) == ["complained"]


def test_forged_and_repeated_calls_change_nothing(peer, send_email):
    row = deliver(send_email)
    event = {"RecordType": "Bounce", "Type": "HardBounce", "MessageID": "pm-1", "ID": 8}
    for authorization in ("", "Basic bm9ib2R5Ondyb25n"):
        assert tell(event, authorization=authorization) >= 400
    row.refresh_from_db()
    assert row.status == "sending"
    tell({"RecordType": "Delivery", "MessageID": "pm-1"}, event)
    row.refresh_from_db()
    assert row.status == "delivered", "the end of a message stays its end"


class TestBatches:
    """Mailjet tells of many messages in one call."""

    @pytest.fixture
    def jet(self) -> Iterator[None]:
        entry = {
            "BACKEND": "anymail",
            "OPTIONS": {"esp": "mailjet", "webhook_secret": WEBHOOK_SECRET, "api_key": "k", "secret_key": "s"},
        }
        with override_settings(GAAP_NOTIFY={"PROVIDERS": {"email": {"post": entry}}, "DEFAULT": {"email": "post"}}):
            yield

    @pytest.fixture
    def rows(self, jet, send_email) -> list[Notification]:
        ids = [send_email(key_type="live").id for _ in range(3)]
        for place, key in enumerate(ids):
            Notification.objects.filter(pk=key).update(status="sending", provider="post", provider_id=str(100 + place))
        return [Notification.objects.get(pk=key) for key in ids]

    def call(self, *words: tuple[str, int]) -> int:
        errors: dict[str, dict[str, Any]] = {
            "bounce": {"error": "user unknown", "hard_bounce": True},
            "blocked": {"error": "preblocked"},
        }
        told = [{"event": word, "time": 1, "MessageID": 100 + place, **errors.get(word, {})} for word, place in words]
        return tell(told)  # type: ignore[arg-type]

    def statuses(self, rows: list[Notification]) -> list[str]:
        return [Notification.objects.get(pk=row.pk).status for row in rows]

    def test_each_is_applied(self, rows):
        calls = [("sent", 0), ("bounce", 1), ("open", 2), ("blocked", 2)]
        assert self.call(*calls) == 204
        assert self.statuses(rows) == ["delivered", "permanent-failure", "temporary-failure"]
        assert self.call(*calls) == 204
        assert [*Receipt.objects.order_by("pk").values_list("outcome", flat=True)] == ["applied", "duplicate"]

    def test_it_waits_as_a_whole_for_a_message_that_is_not_yet_known(self, rows):
        Notification.objects.filter(pk=rows[1].pk).update(provider_id="")
        self.call(("sent", 0), ("sent", 1))
        assert self.statuses(rows)[:2] == ["delivered", "sending"]
        receipt = Receipt.objects.get()
        assert receipt.outcome == "waiting"
        Notification.objects.filter(pk=rows[1].pk).update(provider_id="101")
        Receipt.objects.update(due_at=receipt.received_at)
        work_on_receipt(receipt.pk)
        assert self.statuses(rows)[:2] == ["delivered", "delivered"]
        assert Receipt.objects.get().outcome == "applied"

    def test_what_concerns_no_message_is_put_aside(self, rows):
        self.call(("open", 0), ("click", 1))
        assert self.statuses(rows) == ["sending"] * 3
        assert Receipt.objects.get().outcome == "unmatched"
