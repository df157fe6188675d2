"""The contract's webhooks (part B): signature, body, events, ladder, who is told and who is not."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client

from gaap.organisations.models import Service
from gaap.outbox.relay import relay_waiting
from gaap.provisioning.check import ProvisionError
from gaap.provisioning.services import provision
from gaap.testing.plugin import TESTER
from gaap.webhooks.errors import WebhookError
from gaap.webhooks.models import Delivery
from gaap.webhooks.services.secrets import usable_secrets
from gaap.webhooks.services.sending import take_turn
from gaap.webhooks.styles.base import style_named
from gaap_payments.models import GatewayAccount, PaymentWebhook
from gaap_payments.services.webhooks import EVENT_TYPES, create_webhook, sign
from tests.payments.support import DECLINED_CARD, ERROR_CARD, Citizen, create, get, work
from tests.platform.receiver import Receiver, receiving

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _loopback(settings: object) -> None:
    """An embedded instance may call loopback addresses."""
    settings.GAAP_EMBEDDED = True  # type: ignore[attr-defined]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def webhook(service: Service, account: GatewayAccount, receiver: Receiver) -> PaymentWebhook:
    """A webhook that wants to hear of everything about test payments."""
    return create_webhook(service, url=receiver.url, events=EVENT_TYPES, is_live=False, by=TESTER)


def deliver(webhook: PaymentWebhook) -> None:
    relay_waiting()
    take_turn(webhook.pk)


def bodies(receiver: Receiver) -> list[dict[str, object]]:
    return [json.loads(received.body) for received in receiver.received]


def types(receiver: Receiver) -> list[object]:
    return [body["event_type"] for body in bodies(receiver)]


def test_signature_is_the_contracts() -> None:
    """The vector of part B."""
    expected = "f0fd0d2ea3e126b50a88d7bf1a03cee369a6159e15db6af034080bf10284df68"
    assert sign(b'{"a":1}', secret="webhook_test_abc") == expected


def test_message_is_signed_over_the_bytes_that_are_sent(
    api: Client, webhook: PaymentWebhook, receiver: Receiver
) -> None:
    created = create(api, description="Gia hạn đăng ký xe", metadata={"cost_centre": "Đà Nẵng"})
    Citizen(created).pay()
    deliver(webhook)
    (secret,) = usable_secrets(webhook.subscription)
    assert re.fullmatch(r"webhook_test_[0-9a-v]{26}", secret)
    (received,) = receiver.received
    expected = hmac.new(secret.encode(), received.body, hashlib.sha256).hexdigest()
    assert received.headers["pay-signature"] == expected
    assert received.headers["content-type"] == "application/json"
    assert "webhook-signature" not in received.headers


def test_body_is_the_contracts(api: Client, webhook: PaymentWebhook, receiver: Receiver) -> None:
    created = create(api)
    Citizen(created).pay()
    deliver(webhook)
    (body,) = bodies(receiver)
    resource = body.pop("resource")
    shown = get(api, created["payment_id"])
    shown.pop("_links")
    assert resource == shown
    assert re.fullmatch(r"[0-9a-v]{26}", str(body.pop("webhook_message_id")))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(body.pop("created_date")))
    assert body == {
        "api_version": 1,
        "resource_id": created["payment_id"],
        "resource_type": "payment",
        "event_type": "card_payment_succeeded",
    }


def _paid(api: Client) -> None:
    Citizen(create(api)).pay()
    work()


def _declined(api: Client) -> None:
    Citizen(create(api)).pay(card_no=DECLINED_CARD)


def _broken(api: Client) -> None:
    Citizen(create(api)).pay(card_no=ERROR_CARD)


def _cancelled_by_service(api: Client) -> None:
    created = create(api)
    assert api.post(f"/v1/payments/{created['payment_id']}/cancel").status_code == 204


def _cancelled_by_user(api: Client) -> None:
    citizen = Citizen(create(api))
    citizen.enter()
    citizen.post("cancel")
    work()


def _delayed(api: Client) -> None:
    created = create(api, delayed_capture=True)
    Citizen(created).pay()
    relay_waiting()
    assert not Delivery.objects.exists()
    assert api.post(f"/v1/payments/{created['payment_id']}/capture").status_code == 204


@pytest.mark.parametrize(
    ("journey", "expected"),
    [
        (_paid, ["card_payment_succeeded", "card_payment_captured"]),
        (_declined, ["card_payment_failed"]),
        (_broken, ["card_payment_failed"]),
        (_cancelled_by_service, ["card_payment_failed"]),
        (_cancelled_by_user, ["card_payment_failed"]),
        (_delayed, ["card_payment_succeeded"]),
    ],
)
def test_each_end_has_its_event(
    api: Client, webhook: PaymentWebhook, receiver: Receiver, journey: Callable[[Client], None], expected: list[str]
) -> None:
    journey(api)
    deliver(webhook)
    assert types(receiver) == expected


def test_expiry_is_told(
    api: Client, webhook: PaymentWebhook, receiver: Receiver, move_clock: Callable[[timedelta], None]
) -> None:
    create(api)
    move_clock(timedelta(minutes=91))
    work()
    deliver(webhook)
    assert types(receiver) == ["card_payment_expired"]


def test_only_what_was_asked_for_is_sent(api: Client, webhook: PaymentWebhook, receiver: Receiver) -> None:
    webhook.subscription.events = ["card_payment_captured"]
    webhook.subscription.save()
    Citizen(create(api)).pay()
    work()
    deliver(webhook)
    assert types(receiver) == ["card_payment_captured"]


def test_live_payments_are_not_told_to_a_test_webhook(
    live_api: Client, live_account: GatewayAccount, webhook: PaymentWebhook, receiver: Receiver
) -> None:
    created = create(live_api)
    assert live_api.post(f"/v1/payments/{created['payment_id']}/cancel").status_code == 204
    deliver(webhook)
    assert receiver.received == []


def test_event_handed_over_twice_keeps_its_message_id(api: Client, webhook: PaymentWebhook, receiver: Receiver) -> None:
    from gaap.outbox.models import OutboxEvent
    from gaap_payments.api.v1.webhook_messages import tell_webhooks

    Citizen(create(api)).pay()
    relay_waiting()
    tell_webhooks(OutboxEvent.objects.get(name="payment_succeeded"))
    take_turn(webhook.pk)
    first, again = bodies(receiver)
    assert first["webhook_message_id"] == again["webhook_message_id"]


def test_style_has_the_contracts_times() -> None:
    style = style_named("payments")
    assert style.timeout_seconds == 3.0
    assert [wait.total_seconds() for wait in style.ladder] == [60, 300, 3600, 86_400, 172_800]
    assert style.keeps_for == timedelta(days=7)
    assert not style.keeps_order
    assert [style.is_delivered(status) for status in (200, 204, 299, 302, 404, 500, None)] == [True] * 3 + [False] * 4


def test_failed_delivery_is_tried_again_after_a_minute(
    api: Client, webhook: PaymentWebhook, receiver: Receiver
) -> None:
    receiver.reply(500)
    Citizen(create(api)).pay()
    deliver(webhook)
    delivery = Delivery.objects.get()
    wait = delivery.due_at - delivery.tries.get().started_at  # type: ignore[operator]
    assert delivery.status == "waiting"
    assert 59 <= wait.total_seconds() <= 62


def test_live_webhooks_go_to_allowed_domains_only(service: Service, settings: object) -> None:
    settings.GAAP_PAYMENTS_LIVE_WEBHOOK_DOMAINS = ["gov.example"]  # type: ignore[attr-defined]
    for url in ("https://evil-gov.example/x", "https://gov.example.evil/x"):
        with pytest.raises(WebhookError):
            create_webhook(service, url=url, events=EVENT_TYPES, is_live=True, by=TESTER)
    assert not PaymentWebhook.objects.exists()


def test_domain_is_asked_again_when_something_is_to_be_sent(
    live_api: Client, live_account: GatewayAccount, service: Service, receiver: Receiver, settings: object
) -> None:
    create_webhook(service, url=receiver.url, events=EVENT_TYPES, is_live=True, by=TESTER)
    settings.GAAP_PAYMENTS_LIVE_WEBHOOK_DOMAINS = ["gov.example"]  # type: ignore[attr-defined]
    created = create(live_api)
    assert live_api.post(f"/v1/payments/{created['payment_id']}/cancel").status_code == 204
    relay_waiting()
    assert not Delivery.objects.exists()


class TestProvisioning:
    """Webhooks in a provisioning file."""

    def document(self, *webhooks: dict[str, object]) -> dict[str, object]:
        payments = {"gateway_accounts": [{"provider": "sandbox", "mode": "test"}], "webhooks": list(webhooks)}
        entry = {"name": "Renew", "organisation": "Transport", "payments": payments}
        return {"organisations": [{"name": "Transport"}], "services": [entry]}

    def apply(self, *webhooks: dict[str, object]) -> list[dict[str, str]]:
        made: dict[str, dict[str, list[dict[str, str]]]] = provision(self.document(*webhooks), by=TESTER)["services"][0]
        return made["payments"]["webhooks"]

    def test_secret_is_shown_once_and_the_file_may_be_applied_again(self) -> None:
        entry: dict[str, object] = {"url": "http://127.0.0.1:9/hook", "events": ["card_payment_succeeded"]}
        (first,) = self.apply(entry)
        (again,) = self.apply(entry)
        assert first.pop("secret").startswith("webhook_test_")
        assert first == again
        assert first["mode"] == "test"
        assert PaymentWebhook.objects.count() == 1

    def test_given_secret_signs_and_events_may_change(self) -> None:
        url = "http://127.0.0.1:9/hook"
        self.apply({"url": url, "events": ["card_payment_failed"], "secret": "webhook_test_abcdefgh"})
        self.apply({"url": url, "events": ["card_payment_captured"], "secret": "webhook_test_abcdefgh"})
        webhook = PaymentWebhook.objects.get()
        assert usable_secrets(webhook.subscription) == ["webhook_test_abcdefgh"]
        assert webhook.subscription.events == ["card_payment_captured"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"url": "http://127.0.0.1:9/hook", "events": ["payment_succeeded"]},
            {"url": "http://127.0.0.1:9/hook", "events": []},
            {"url": "ftp://127.0.0.1/hook", "events": ["card_payment_failed"]},
        ],
    )
    def test_wrong_webhook_is_refused(self, wrong: dict[str, object]) -> None:
        with pytest.raises(ProvisionError):
            provision(self.document(wrong), by=TESTER)
        assert not GatewayAccount.objects.exists()


class TestConsole:
    """The page where a team's developers look after them."""

    @pytest.fixture
    def team(self, client: Client, owner: object) -> Client:
        client.force_login(owner)  # type: ignore[arg-type]
        return client

    def address(self, service: Service, rest: str = "") -> str:
        return f"/console/services/{service.pk}/payments/webhooks{rest}"

    def test_webhook_is_made_changed_and_its_secret_renewed(self, team: Client, service: Service) -> None:
        fields = {"url": "http://127.0.0.1:9/hook", "mode": "test", "events": ["card_payment_failed"]}
        page = team.post(self.address(service, "/new"), fields).content.decode()
        webhook = PaymentWebhook.objects.get()
        (secret,) = usable_secrets(webhook.subscription)
        assert secret in page
        listed = team.get(self.address(service)).content.decode()
        assert "http://127.0.0.1:9/hook" in listed
        assert secret not in listed
        changed = {"url": "http://127.0.0.1:9/other", "events": ["card_payment_captured"]}
        assert team.post(self.address(service, f"/{webhook.pk}/change"), changed).status_code == 302
        webhook.subscription.refresh_from_db()
        assert (webhook.subscription.url, webhook.subscription.events) == (changed["url"], changed["events"])
        page = team.post(self.address(service, f"/{webhook.pk}/secret")).content.decode()
        (renewed,) = usable_secrets(webhook.subscription)
        assert renewed != secret
        assert renewed in page

    @pytest.mark.parametrize(
        "wrong",
        [
            {"url": "", "mode": "test", "events": ["card_payment_failed"]},
            {"url": "http://169.254.169.254/", "mode": "test", "events": ["card_payment_failed"]},
            {"url": "http://127.0.0.1:9/hook", "mode": "test", "events": []},
            {"url": "http://127.0.0.1:9/hook", "mode": "both", "events": ["card_payment_failed"]},
        ],
    )
    def test_wrong_form_makes_nothing(self, team: Client, service: Service, wrong: dict[str, object]) -> None:
        assert team.post(self.address(service, "/new"), wrong).status_code == 200
        assert not PaymentWebhook.objects.exists()

    def test_somebody_elses_webhook_does_not_exist(
        self, team: Client, service: Service, other_service: Service
    ) -> None:
        theirs = create_webhook(
            other_service, url="http://127.0.0.1:9/hook", events=EVENT_TYPES, is_live=False, by=TESTER
        )
        for address in (
            self.address(service, f"/{theirs.pk}/change"),
            self.address(other_service, f"/{theirs.pk}/change"),
        ):
            assert team.get(address).status_code == 404

    def test_viewer_may_not(self, client: Client, member: object, service: Service) -> None:
        client.force_login(member)  # type: ignore[arg-type]
        assert client.get(self.address(service)).status_code == 403
