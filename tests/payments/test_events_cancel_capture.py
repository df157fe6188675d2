"""Events, cancel and capture of a payment."""

import pytest
from django.test import Client

from gaap.outbox.models import OutboxEvent
from gaap_payments import states
from gaap_payments.api.v1 import schemas
from gaap_payments.models import GatewayAccount, Payment, SandboxCharge
from gaap_payments.states import PUBLIC_STATES
from tests.payments.support import Citizen, create, get, stored, work
from tests.payments.test_get_payment import assert_valid

pytestmark = pytest.mark.django_db

CAN_BE_CANCELLED = {
    states.CREATED,
    states.STARTED,
    states.AUTHENTICATION_REQUIRED,
    states.SUBMITTED,
    states.CAPTURABLE,
}


def public_events(api: Client, payment_id: str) -> list[str]:
    document = api.get(f"/v1/payments/{payment_id}/events").json()
    assert_valid(document, schemas.EVENT_LIST)
    return [event["state"]["status"] for event in document["events"]]


def test_events_show_changes_of_the_public_state_only(api: Client, account: GatewayAccount) -> None:
    created = create(api)
    Citizen(created).pay()
    work()
    assert public_events(api, created["payment_id"]) == ["created", "started", "submitted", "success"]


def test_events_of_the_stream_follow_the_table(api: Client, account: GatewayAccount) -> None:
    created = create(api)
    Citizen(created).pay()
    work()
    names = OutboxEvent.objects.filter(subject=f"payment/{created['payment_id']}").order_by("sequence")
    assert list(names.values_list("name", flat=True)) == [
        "payment_created",
        "payment_started",
        "payment_authorisation_requested",
        "payment_submitted",
        "payment_succeeded",
        "payment_capture_requested",
        "payment_capture_submitted",
        "payment_captured",
    ]
    succeeded = names.get(name="payment_succeeded").data
    assert succeeded["state"] == {"status": "success", "finished": True, "code": ""}
    assert (succeeded["amount"], succeeded["currency"]) == (2000, "GBP")
    assert "ngoc" not in str([event.data for event in names]).lower()


@pytest.mark.parametrize("status", sorted(PUBLIC_STATES))
def test_cancel_in_every_status(api: Client, account: GatewayAccount, status: str) -> None:
    created = create(api)
    Payment.objects.filter(pk=created["payment_id"]).update(status=status)
    answer = api.post(f"/v1/payments/{created['payment_id']}/cancel")
    if status in CAN_BE_CANCELLED:
        assert (answer.status_code, answer.content) == (204, b"")
        assert get(api, created["payment_id"])["state"]["code"] == "P0040"
        return
    code = "P0502" if status in states.IS_BEING_AUTHORISED else "P0501"
    assert answer.status_code == (409 if code == "P0502" else 400)
    assert answer.json() == {"code": code, "description": "Cancellation of payment failed"}
    assert stored(created).status == status


def test_cancelling_releases_the_authorisation(api: Client, account: GatewayAccount) -> None:
    created = create(api)
    citizen = Citizen(created)
    citizen.enter()
    citizen.send_card()
    assert SandboxCharge.objects.get().status == SandboxCharge.Status.AUTHORISED
    assert api.post(f"/v1/payments/{created['payment_id']}/cancel").status_code == 204
    assert get(api, created["payment_id"])["state"]["status"] == "cancelled"
    work()
    assert SandboxCharge.objects.get().status == SandboxCharge.Status.CANCELLED
    assert stored(created).status == states.CANCELLED_BY_SERVICE
    assert public_events(api, created["payment_id"]) == ["created", "started", "submitted", "cancelled"]


def test_delayed_capture_waits_for_the_service(api: Client, account: GatewayAccount) -> None:
    created = create(api, delayed_capture=True)
    citizen = Citizen(created)
    citizen.pay()
    answer = citizen.browser.get(f"/return/{created['payment_id']}")
    assert answer.status_code == 302
    work()
    waiting = get(api, created["payment_id"])
    assert waiting["state"] == {"status": "capturable", "finished": False}
    assert set(waiting["_links"]) == {"self", "events", "refunds", "cancel", "capture"}

    for _ in range(2):
        assert api.post(f"/v1/payments/{created['payment_id']}/capture").status_code == 204
    assert get(api, created["payment_id"])["state"]["status"] == "success"
    work()
    assert SandboxCharge.objects.get().status == SandboxCharge.Status.CAPTURED
    assert api.post(f"/v1/payments/{created['payment_id']}/capture").status_code == 204


@pytest.mark.parametrize("status", sorted(set(PUBLIC_STATES) - {states.CAPTURABLE}))
def test_what_was_not_delayed_cannot_be_captured(api: Client, account: GatewayAccount, status: str) -> None:
    created = create(api)
    Payment.objects.filter(pk=created["payment_id"]).update(status=status)
    answer = api.post(f"/v1/payments/{created['payment_id']}/capture")
    assert answer.status_code == 409
    assert answer.json() == {"code": "P1003", "description": "Payment cannot be captured"}
