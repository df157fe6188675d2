"""``/v1/auth`` and ``moto_api``: the service's own program sends the card, when it is allowed to."""

import logging
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from gaap.testing.plugin import TESTER
from gaap_payments.models import GatewayAccount, Payment, PaymentToken
from gaap_payments.services.accounts import save_settings
from tests.payments.support import DECLINED_CARD, ERROR_CARD, GOOD_CARD, create, get, work

pytestmark = pytest.mark.django_db

CARD = {"card_number": GOOD_CARD, "cvc": "123", "expiry_date": "12/39", "cardholder_name": "Siân Evans"}


def everything_stored() -> str:
    """Return all rows of all tables as text."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += cursor.fetchall()
    return str(rows)


@pytest.fixture(autouse=True)
def _allowed(account: GatewayAccount) -> None:
    """The service may send card numbers."""
    save_settings(account.service, by=TESTER, allows_card_api=True)


@pytest.fixture
def created(api: Client) -> dict[str, Any]:
    """A payment that waits for a card."""
    return create(api, authorisation_mode="moto_api", return_url=None)


def token_of(document: dict[str, Any]) -> str:
    return str(document["_links"]["auth_url_post"]["params"]["one_time_token"])


def send(client: Client, document: dict[str, Any], **changes: Any) -> Any:
    body = {"one_time_token": token_of(document), **CARD, **changes}
    body = {name: value for name, value in body.items() if value is not None}
    return client.post("/v1/auth", body, content_type="application/json")


def test_links_lead_to_the_card_and_to_no_page(created: dict[str, Any]) -> None:
    assert set(created["_links"]) == {"self", "events", "refunds", "cancel", "auth_url_post"}
    link = created["_links"]["auth_url_post"]
    assert (link["type"], link["method"]) == ("application/json", "POST")
    assert link["href"].endswith("/v1/auth")
    assert created["moto"] is True


def test_card_pays_without_a_key(client: Client, api: Client, created: dict[str, Any]) -> None:
    answer = send(client, created)
    assert (answer.status_code, answer.content) == (204, b"")
    work()
    paid = get(api, created["payment_id"])
    assert paid["state"]["status"] == "success"
    assert "auth_url_post" not in paid["_links"]
    assert paid["card_details"]["cardholder_name"] == "Siân Evans"


@pytest.mark.parametrize(
    ("number", "status", "code", "description", "state"),
    [
        (DECLINED_CARD, 402, "P0010", "The payment was rejected", "failed"),
        (ERROR_CARD, 500, "P0050", "There was an error authorising the payment", "error"),
        ("6759649826438453", 402, "P0010", "The payment was rejected", "created"),
    ],
)
def test_card_does_not_pay(
    client: Client,
    api: Client,
    created: dict[str, Any],
    number: str,
    status: int,
    code: str,
    description: str,
    state: str,
) -> None:
    answer = send(client, created, card_number=number)
    assert (answer.status_code, answer.json()) == (status, {"code": code, "description": description})
    assert get(api, created["payment_id"])["state"]["status"] == state


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        *[({name: None}, 422, "P0101", name) for name in ("one_time_token", *CARD)],
        ({"card_number": "4242"}, 422, "P0102", "card_number"),
        ({"card_number": "4" * 20}, 422, "P0102", "card_number"),
        ({"card_number": "4242 4242 4242 4242"}, 422, "P0102", "card_number"),
        ({"card_number": 4242424242424242}, 422, "P0102", "card_number"),
        ({"cvc": "12"}, 422, "P0102", "cvc"),
        ({"cvc": "12345"}, 422, "P0102", "cvc"),
        ({"expiry_date": "13/39"}, 422, "P0102", "expiry_date"),
        ({"expiry_date": "1239"}, 422, "P0102", "expiry_date"),
        ({"cardholder_name": "x" * 256}, 422, "P0102", "cardholder_name"),
        ({"cardholder_name": GOOD_CARD}, 422, "P0102", "cardholder_name"),
        ({"one_time_token": "unknown"}, 400, "P1211", "one_time_token"),
    ],
)
def test_refused(
    client: Client, created: dict[str, Any], changes: dict[str, Any], status: int, code: str, field: str
) -> None:
    answer = send(client, created, **changes)
    body = answer.json()
    assert (answer.status_code, body["code"], body["field"]) == (status, code, field)
    assert GOOD_CARD not in answer.content.decode()
    assert Payment.objects.get().status == "created"
    assert not PaymentToken.objects.filter(used_at__isnull=False).exists()


def test_token_is_used_once(client: Client, created: dict[str, Any]) -> None:
    send(client, created, card_number=DECLINED_CARD)
    answer = send(client, created)
    assert (answer.status_code, answer.json()["code"]) == (400, "P1212")


def test_token_for_pages_takes_no_card(client: Client, api: Client) -> None:
    web = create(api)
    token = web["_links"]["next_url_post"]["params"]["chargeTokenId"]
    answer = client.post("/v1/auth", {"one_time_token": token, **CARD}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "P1211")


def test_token_for_a_card_opens_no_page(client: Client, created: dict[str, Any]) -> None:
    assert client.get(f"/secure/{token_of(created)}").status_code == 403


def test_off_unless_allowed(client: Client, api: Client, account: GatewayAccount, created: dict[str, Any]) -> None:
    save_settings(account.service, by=TESTER, allows_card_api=False)
    assert send(client, created).json()["code"] == "P1211"
    body = {"amount": 1, "reference": "r", "description": "d", "authorisation_mode": "moto_api"}
    answer = api.post("/v1/payments", body, content_type="application/json")
    description = "Using authorisation_mode of moto_api is not allowed for this account"
    assert (answer.status_code, answer.json()["code"], answer.json()["description"]) == (422, "P0195", description)


def test_number_is_nowhere_afterwards(
    client: Client, created: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither stored nor logged, whatever came of it."""
    with caplog.at_level(logging.DEBUG):
        send(client, created)
        send(client, created, cvc="7")
        client.post("/v1/auth", '{"card_number": "4242424242424242"', content_type="application/json")
    lines = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert GOOD_CARD not in "\n".join(lines)
    assert GOOD_CARD not in everything_stored()
