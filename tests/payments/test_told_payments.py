"""``/v1/payment_notification``: payments that were made by telephone elsewhere."""

from typing import Any

import pytest
from django.test import Client

from gaap.testing.plugin import TESTER
from gaap_payments.models import GatewayAccount, LedgerEntry, Payment
from gaap_payments.services.accounts import save_settings
from tests.payments.support import get

pytestmark = pytest.mark.django_db

TOLD: dict[str, Any] = {
    "amount": 12000,
    "reference": "MRPC12345",
    "description": "New passport application",
    "processor_id": "183f2j8923j8",
    "provider_id": "17498-8412u9-1273891239",
    "auth_code": "666",
    "payment_outcome": {"status": "success"},
    "card_type": "master-card",
    "name_on_card": "Jane Doe",
    "email_address": "jane@example.org",
    "card_expiry": "02/39",
    "last_four_digits": "1234",
    "first_six_digits": "123456",
    "telephone_number": "+447700900796",
    "authorised_date": "2026-02-21T16:05:33Z",
}


@pytest.fixture(autouse=True)
def _allowed(account: GatewayAccount) -> None:
    """The service may tell of payments."""
    save_settings(account.service, by=TESTER, allows_notifications=True)


def tell(api: Client, **changes: Any) -> Any:
    body = {name: value for name, value in {**TOLD, **changes}.items() if value is not None}
    return api.post("/v1/payment_notification", body, content_type="application/json")


def test_is_taken_notice_of_once(api: Client) -> None:
    answer, again = tell(api), tell(api, amount=5)
    assert (answer.status_code, again.status_code) == (201, 200)
    assert answer.json() == again.json()
    document = answer.json()
    assert {name: document[name] for name in TOLD if name != "authorised_date"} == {
        name: value for name, value in TOLD.items() if name != "authorised_date"
    }
    assert document["state"] == {"status": "success", "finished": True}
    shown = get(api, document["payment_id"])
    assert shown["authorisation_mode"] == "external"
    assert shown["provider_id"] == TOLD["provider_id"]
    assert shown["refund_summary"]["status"] == "unavailable"
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize(
    ("code", "status"),
    [("P0010", "failed"), ("P0050", "error")],
)
def test_failures(api: Client, code: str, status: str) -> None:
    outcome = {"status": "failed", "code": code, "supplemental": {"error_code": "E1", "error_message": "No funds"}}
    document = tell(api, payment_outcome=outcome).json()
    assert (document["state"]["status"], document["state"]["code"]) == (status, code)
    assert document["payment_outcome"] == outcome


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        *[
            ({name: None}, name)
            for name in ("amount", "reference", "description", "processor_id", "provider_id", "payment_outcome")
        ],
        ({"amount": 0}, "amount"),
        ({"amount": "12"}, "amount"),
        ({"card_type": "bitcoin"}, "card_type"),
        ({"card_expiry": "13/39"}, "card_expiry"),
        ({"last_four_digits": "12345"}, "last_four_digits"),
        ({"first_six_digits": "abcdef"}, "first_six_digits"),
        ({"payment_outcome": {"status": "failed"}}, "payment_outcome"),
        ({"payment_outcome": {"status": "success", "code": "P0010"}}, "payment_outcome"),
        ({"authorised_date": "yesterday"}, "authorised_date"),
        ({"description": "card 4242424242424242"}, "description"),
    ],
)
def test_refused(api: Client, changes: dict[str, Any], field: str) -> None:
    answer = tell(api, **changes)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "P0102", field)
    assert not Payment.objects.exists()


def test_off_unless_allowed(api: Client, account: GatewayAccount) -> None:
    save_settings(account.service, by=TESTER, allows_notifications=False)
    answer = tell(api)
    assert (answer.status_code, answer.json()["code"]) == (403, "P0930")
    assert not Payment.objects.exists()
