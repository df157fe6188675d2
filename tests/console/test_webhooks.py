"""The pages about webhooks."""

import re

import pytest
from django.test import Client

from gaap.clock import now
from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap.webhooks.models import Delivery, DeliveryAttempt, Subscription
from gaap.webhooks.services.secrets import usable_secrets
from gaap.webhooks.services.subscriptions import create_subscription
from tests.console.conftest import Page

URL = "http://127.0.0.1:9/hooks"


@pytest.fixture
def webhook(service: Service) -> Subscription:
    return create_subscription(service, url=URL, events=["*"], description="The shop", by=TESTER)


@pytest.fixture
def theirs(other_service: Service) -> Subscription:
    return create_subscription(other_service, url=URL, events=["*"], by=TESTER)


def missed_delivery(webhook: Subscription) -> Delivery:
    delivery = Delivery.objects.create(
        subscription=webhook, message_id="m", type="webhook_tested", subject="webhook/1", body="{}", status="failed"
    )
    DeliveryAttempt.objects.create(delivery=delivery, started_at=now(), status_code=500, latency_ms=12, body="oh dear")
    return delivery


def test_a_webhook_is_added_and_its_secret_shown_once(browser: Client, address: Page) -> None:
    page = browser.post(address("new-webhook"), {"url": URL, "events": ["go_live_approved"]}).content.decode()
    webhook = Subscription.objects.get()
    assert webhook.events == ["go_live_approved"]
    secret = usable_secrets(webhook)[0]
    assert secret in page
    for again in (address("webhooks"), address("webhook", webhook.pk)):
        assert secret not in browser.get(again).content.decode()


def test_a_webhook_without_ticks_gets_everything(browser: Client, address: Page) -> None:
    browser.post(address("new-webhook"), {"url": URL})
    assert Subscription.objects.get().events == ["*"]


@pytest.mark.parametrize("wrong", [{"url": ""}, {"url": "ftp://x.example/"}, {"url": "x"}, {"events": ["nonsense"]}])
def test_a_wrong_wish_adds_nothing(browser: Client, address: Page, wrong: dict[str, object]) -> None:
    page = browser.post(address("new-webhook"), {"url": URL, **wrong}).content.decode()
    assert "<title>Error: " in page
    assert not Subscription.objects.exists()


def test_every_attempt_can_be_seen(browser: Client, address: Page, webhook: Subscription) -> None:
    missed_delivery(webhook)
    page = browser.get(address("webhook", webhook.pk)).content.decode()
    assert re.search(r"<td>500</td><td>12</td>", page)
    assert "oh dear" in page


def test_a_webhook_is_changed(browser: Client, address: Page, webhook: Subscription) -> None:
    fields = {"url": f"{URL}/2", "description": "", "events": ["go_live_refused"]}
    browser.post(address("change-webhook", webhook.pk), fields)
    webhook.refresh_from_db()
    assert (webhook.url, webhook.events) == (f"{URL}/2", ["go_live_refused"])


def test_a_test_event_is_queued(browser: Client, address: Page, webhook: Subscription) -> None:
    browser.post(address("test-webhook", webhook.pk))
    assert Delivery.objects.get(type="webhook_tested").status == "waiting"


def test_a_disabled_webhook_gets_no_test_and_can_be_enabled(
    browser: Client, address: Page, webhook: Subscription
) -> None:
    browser.post(address("switch-webhook", webhook.pk))
    page = browser.post(address("test-webhook", webhook.pk), follow=True).content.decode()
    assert "The webhook is not active." in page
    browser.post(address("switch-webhook", webhook.pk))
    webhook.refresh_from_db()
    assert webhook.status == "active"


def test_one_delivery_is_sent_again(browser: Client, address: Page, webhook: Subscription) -> None:
    delivery = missed_delivery(webhook)
    browser.post(address("replay-delivery", webhook.pk, delivery.id))
    again = Delivery.objects.get(replay_of=delivery)
    assert (again.message_id, again.status) == ("m", "waiting")


def test_what_was_missed_is_sent_again(browser: Client, address: Page, webhook: Subscription) -> None:
    page = browser.post(address("replay-webhook", webhook.pk), {"hours": "24"}, follow=True).content.decode()
    assert "sent again" in page


def test_a_new_secret_is_shown_once(browser: Client, address: Page, webhook: Subscription) -> None:
    before = usable_secrets(webhook)
    page = browser.post(address("webhook-secret", webhook.pk)).content.decode()
    fresh = usable_secrets(webhook)
    assert fresh[0] in page
    assert set(before) < set(fresh)


def test_a_webhook_is_deleted_after_asking_once(browser: Client, address: Page, webhook: Subscription) -> None:
    assert "cannot be undone" in browser.get(address("delete-webhook", webhook.pk)).content.decode()
    browser.post(address("delete-webhook", webhook.pk))
    assert not Subscription.objects.for_service(webhook.service_id).exists()


@pytest.mark.parametrize("name", ["test", "switch", "replay", "delete", "change"])
def test_another_service_s_webhook_does_not_exist_here(
    browser: Client, address: Page, theirs: Subscription, name: str
) -> None:
    assert browser.post(address(f"{name}-webhook", theirs.pk), {"hours": "24"}).status_code == 404
    assert browser.get(address("webhook", theirs.pk)).status_code == 404
