"""One citizen's way, from the service's request to the captured money."""

import pytest
from django.test import Client

from gaap_payments.models import GatewayAccount, SandboxCharge
from tests.payments.support import DECLINED_CARD, ERROR_CARD, ORDER, Citizen, create, get, stored, work

pytestmark = pytest.mark.django_db


def test_citizen_pays(api: Client, account: GatewayAccount) -> None:
    created = create(api)
    assert created["state"] == {"status": "created", "finished": False}
    citizen = Citizen(created)

    page = citizen.enter()
    assert page.status_code == 200
    assert "£20.00" in page.content.decode()
    assert get(api, created["payment_id"])["state"]["status"] == "started"

    sent = citizen.send_card()
    assert (sent.status_code, sent["Location"]) == (303, citizen.path("confirm"))
    assert get(api, created["payment_id"])["state"]["status"] == "submitted"

    page = citizen.get("confirm")
    assert "4242" in page.content.decode()
    sent = citizen.post("confirm")
    assert (sent.status_code, sent["Location"]) == (303, f"/return/{created['payment_id']}")
    left = citizen.browser.get(sent["Location"])
    assert (left.status_code, left["Location"]) == (302, ORDER["return_url"])
    paid = get(api, created["payment_id"])
    assert paid["state"] == {"status": "success", "finished": True}
    assert paid["refund_summary"]["status"] == "pending"

    work()
    captured = get(api, created["payment_id"])
    assert captured["refund_summary"] == {"status": "available", "amount_available": 2000, "amount_submitted": 0}
    assert set(captured["settlement_summary"]) == {"capture_submit_time", "captured_date"}
    assert stored(created).status == "captured"
    assert SandboxCharge.objects.get().status == SandboxCharge.Status.CAPTURED


@pytest.mark.parametrize(
    ("card", "state"),
    [
        (DECLINED_CARD, {"status": "failed", "finished": True, "message": "Payment method rejected", "code": "P0010"}),
        (
            ERROR_CARD,
            {"status": "error", "finished": True, "message": "Payment provider returned an error", "code": "P0050"},
        ),
    ],
)
def test_refused_cards_end_the_payment(api: Client, account: GatewayAccount, card: str, state: object) -> None:
    created = create(api)
    citizen = Citizen(created)
    citizen.enter()
    answer = citizen.send_card(card_no=card)
    assert (answer.status_code, answer["Location"]) == (303, citizen.path())
    page = citizen.get()
    assert page.status_code == 200
    assert f"/return/{created['payment_id']}" in page.content.decode()
    assert get(api, created["payment_id"])["state"] == state
