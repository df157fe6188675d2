"""The door for provider events: stored first, believed only when signed, followed once."""

import json
from typing import Any

import pytest
from django.test import Client

from gaap_payments import states
from gaap_payments.models import GatewayAccount, Payment, ReceivedProviderEvent, SandboxEvent
from gaap_payments.providers.sandbox import SIGNATURE_HEADER, event_message, sign_event
from gaap_payments.tasks import sweep_payments, sweep_provider_events
from tests.payments.support import Citizen, create

pytestmark = pytest.mark.django_db


@pytest.fixture
def captured(api: Client, account: GatewayAccount) -> SandboxEvent:
    """The sandbox's event for a payment of which we do not know yet that it is captured."""
    Citizen(create(api)).pay()
    sweep_payments()
    assert Payment.objects.get().status == states.CAPTURE_SUBMITTED
    return SandboxEvent.objects.select_related("charge").get()


def send(account: GatewayAccount, body: bytes, headers: dict[str, str], *, provider: str = "sandbox") -> Any:
    address = f"/provider-events/payments/{provider}/{account.pk}"
    return Client().generic("POST", address, body, content_type="application/json", headers=headers)


def test_signed_event_is_followed(captured: SandboxEvent, account: GatewayAccount) -> None:
    headers, body = event_message(captured)
    assert send(account, body, headers).status_code == 204
    sweep_provider_events()
    assert Payment.objects.get().status == states.CAPTURED
    received = ReceivedProviderEvent.objects.get()
    assert (received.is_verified, received.failure, received.due_at) == (True, "", None)
    assert received.processed_at is not None


def test_event_that_comes_twice_is_followed_once(captured: SandboxEvent, account: GatewayAccount) -> None:
    headers, body = event_message(captured)
    for _ in range(2):
        assert send(account, body, headers).status_code == 204
    second = ReceivedProviderEvent.objects.order_by("id").last()
    assert second is not None
    assert (second.event_id, second.due_at, second.failure) == ("", None, "Received before.")
    sweep_provider_events()
    assert Payment.objects.get().status == states.CAPTURED


@pytest.mark.parametrize("signature", ["", "0" * 64, "é", "x"])
def test_forged_event_is_kept_and_not_followed(captured: SandboxEvent, account: GatewayAccount, signature: str) -> None:
    _, body = event_message(captured)
    headers = {SIGNATURE_HEADER: signature.encode("utf-8").decode("latin-1")}
    assert send(account, body, headers).status_code == 400
    sweep_provider_events()
    assert Payment.objects.get().status == states.CAPTURE_SUBMITTED
    received = ReceivedProviderEvent.objects.get()
    assert (received.is_verified, received.failure, received.body) == (False, "The signature is wrong.", body.decode())


def test_changed_body_is_refused(captured: SandboxEvent, account: GatewayAccount) -> None:
    headers, body = event_message(captured)
    assert send(account, body + b" ", headers).status_code == 400


def test_event_of_another_account_changes_nothing(
    captured: SandboxEvent, account: GatewayAccount, live_account: GatewayAccount
) -> None:
    _, body = event_message(captured)
    headers = {SIGNATURE_HEADER: sign_event(str(live_account.pk), body)}
    assert send(live_account, body, headers).status_code == 204
    sweep_provider_events()
    assert Payment.objects.get().status == states.CAPTURE_SUBMITTED


def test_event_is_never_believed_only_asked_about(api: Client, account: GatewayAccount) -> None:
    """A signed event of a capture that the provider's books do not show moves nothing."""
    citizen = Citizen(create(api))
    citizen.enter()
    citizen.send_card()
    content = {"id": "e1", "type": "charge.captured", "payment_id": citizen.payment_id}
    body = json.dumps(content).encode()
    assert send(account, body, {SIGNATURE_HEADER: sign_event(str(account.pk), body)}).status_code == 204
    sweep_provider_events()
    assert Payment.objects.get().status == states.SUBMITTED


def test_early_event_overtakes_the_answer(api: Client, account: GatewayAccount, captured: SandboxEvent) -> None:
    Payment.objects.update(status=states.CAPTURE_READY)
    headers, body = event_message(captured)
    send(account, body, headers)
    sweep_provider_events()
    assert Payment.objects.get().status == states.CAPTURED


def test_unknown_accounts_and_methods(account: GatewayAccount) -> None:
    assert send(account, b"{}", {}, provider="stripe").status_code == 404
    address = f"/provider-events/payments/sandbox/{account.pk}"
    assert Client().get(address).status_code == 405
    assert Client().post(address.replace(str(account.pk), "6f1c8f5e-3c63-4f0e-9d0e-6a4b4a3f2b11")).status_code == 404
    assert not ReceivedProviderEvent.objects.exists()


def test_bodies_are_capped_and_may_be_anything(account: GatewayAccount) -> None:
    assert send(account, b"x" * 1_000_001, {}).status_code == 413
    assert send(account, b"\xff\x00\xfe", {}).status_code == 400
    assert ReceivedProviderEvent.objects.get().body == "\N{REPLACEMENT CHARACTER}" * 3


def test_our_own_secrets_are_not_kept(account: GatewayAccount) -> None:
    send(account, b"{}", {"Authorization": "Bearer secret", "Cookie": "a=secret"})
    assert "secret" not in repr(ReceivedProviderEvent.objects.get().headers)
