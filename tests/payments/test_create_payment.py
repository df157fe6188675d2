"""POST /v1/payments: every rule of the contract's A.5 and A.6, and what comes back."""

import json
from typing import Any

import pytest
from django.test import Client

from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_payments.models import GatewayAccount, Payment
from gaap_payments.services.accounts import save_account, save_settings
from tests.payments.support import ORDER, create

pytestmark = pytest.mark.django_db

CARD = "4242424242424242"
A_26 = "a" * 26
RECURRING = "Recurring card payments are currently disabled for this service. Contact support with your error code."
MOTO = "MOTO payments are not enabled for this account. Contact support with your error code."
CHARACTERS_255 = "Must be less than or equal to 255 characters length"
STRING = "Must be a valid string format"

MISSING = [(name, value) for name in ORDER for value in (None, "", "  ") if name != "amount" or value is None]
TOO_MANY_PAIRS = {f"key{number}": number for number in range(16)}

#: What is changed, and the answer: status, field, code, description (what stands after "Invalid attribute value: ").
REFUSED: list[tuple[dict[str, Any], int, str, str, str]] = [
    ({"amount": "2000"}, 400, "amount", "P0102", "Must be a valid numeric format"),
    ({"amount": 20.5}, 400, "amount", "P0102", "Must be a valid numeric format"),
    ({"amount": True}, 400, "amount", "P0102", "Must be a valid numeric format"),
    ({"amount": 0}, 422, "amount", "P0102", "Must be greater than or equal to 1"),
    ({"amount": -1}, 422, "amount", "P0102", "Must be greater than or equal to 1"),
    ({"amount": 10_000_001}, 422, "amount", "P0102", "Must be less than or equal to 10000000"),
    ({"amount": 10**30}, 422, "amount", "P0102", "Must be less than or equal to 10000000"),
    ({"reference": 7}, 400, "reference", "P0102", STRING),
    ({"reference": "a<b"}, 400, "reference", "P0102", STRING),
    ({"reference": "a\0b"}, 400, "reference", "P0102", STRING),
    ({"reference": "a" * 256}, 422, "reference", "P0102", CHARACTERS_255),
    ({"description": ["a"]}, 400, "description", "P0102", STRING),
    ({"description": "a|b"}, 400, "description", "P0102", STRING),
    ({"description": "a" * 256}, 422, "description", "P0102", CHARACTERS_255),
    ({"return_url": 7}, 400, "return_url", "P0102", STRING),
    ({"return_url": "not a url"}, 422, "return_url", "P0102", "Must be a valid URL format"),
    ({"return_url": "javascript:alert(1)"}, 422, "return_url", "P0102", "Must be a valid URL format"),
    ({"return_url": "/relative"}, 422, "return_url", "P0102", "Must be a valid URL format"),
    ({"return_url": "https://"}, 422, "return_url", "P0102", "Must be a valid URL format"),
    ({"return_url": "https://a.example:99999/"}, 422, "return_url", "P0102", "Must be a valid URL format"),
    ({"return_url": "https://a;script-src/"}, 422, "return_url", "P0102", "Must be a valid URL format"),
    ({"return_url": "https://[::1"}, 422, "return_url", "P0102", "Must be a valid URL format"),
    ({"return_url": "https://a.example/\r\nX: y"}, 422, "return_url", "P0102", "Must be a valid URL format"),
    (
        {"return_url": "https://a.example/" + "a" * 2000},
        422,
        "return_url",
        "P0102",
        "Must be less than or equal to 2000 characters length",
    ),
    ({"language": "fr"}, 422, "language", "P0102", 'Must be "en", "cy" or "vi"'),
    ({"language": 7}, 400, "language", "P0102", STRING),
    ({"email": "a" * 255}, 422, "email", "P0102", "Must be less than or equal to 254 characters length"),
    ({"email": {}}, 400, "email", "P0102", STRING),
    ({"delayed_capture": "true"}, 400, "delayed_capture", "P0102", "Must be true or false"),
    ({"moto": 1}, 400, "moto", "P0102", "Must be true or false"),
    ({"currency": "EURO"}, 422, "currency", "P0102", "Must be an ISO 4217 currency code"),
    ({"currency": 7}, 400, "currency", "P0102", STRING),
    (
        {"authorisation_mode": "fax"},
        422,
        "authorisation_mode",
        "P0102",
        "Must be one of web, agreement, moto_api",
    ),
    ({"set_up_agreement": "short"}, 422, "set_up_agreement", "P0102", "Must be exactly 26 characters length"),
    ({"metadata": "text"}, 400, "metadata", "P0102", "Must be an object of JSON key-value pairs"),
    (
        {"metadata": TOO_MANY_PAIRS},
        422,
        "metadata",
        "P0102",
        "Cannot have more than 15 key-value pairs",
    ),
    ({"metadata": {"k" * 31: 1}}, 422, "metadata", "P0102", "Keys must be between 1 and 30 characters long"),
    ({"metadata": {"": 1}}, 422, "metadata", "P0102", "Keys must be between 1 and 30 characters long"),
    ({"metadata": {"k": None}}, 422, "metadata", "P0102", "Must not have null values"),
    ({"metadata": {"k": [1]}}, 422, "metadata", "P0102", "Values must be of type String, Boolean or Number"),
    ({"metadata": {"k": "v" * 101}}, 422, "metadata", "P0102", "Values must be no greater than 100 characters long"),
    ({"metadata": {"Key": 1, "key": 2}}, 422, "metadata", "P0102", "Keys must be unique, whatever their case"),
    (
        {"prefilled_cardholder_details": {"cardholder_name": 7}},
        400,
        "cardholder_name",
        "P0102",
        "Field must be a string",
    ),
    (
        {"prefilled_cardholder_details": {"billing_address": {"postcode": "a" * 26}}},
        422,
        "postcode",
        "P0102",
        "Must be less than or equal to 25 characters length",
    ),
    (
        {"prefilled_cardholder_details": {"billing_address": {"country": "ZZ"}}},
        422,
        "country",
        "P0102",
        "Must be a valid ISO-3166-1-alpha-2 country code",
    ),
]

#: What is changed, and the whole answer.
REFUSED_WHOLE: list[tuple[dict[str, Any], int, dict[str, str]]] = [
    (
        {"agreement_id": A_26},
        400,
        {"field": "agreement_id", "code": "P0104", "description": "Unexpected attribute: agreement_id"},
    ),
    (
        {"agreement_payment_type": "recurring"},
        400,
        {
            "field": "agreement_payment_type",
            "code": "P0104",
            "description": "Unexpected attribute: agreement_payment_type",
        },
    ),
    (
        {"authorisation_mode": "moto_api"},
        400,
        {"field": "return_url", "code": "P0104", "description": "Unexpected attribute: return_url"},
    ),
    (
        {"authorisation_mode": "moto_api", "return_url": None},
        422,
        {
            "field": "authorisation_mode",
            "code": "P0195",
            "description": "Using authorisation_mode of moto_api is not allowed for this account",
        },
    ),
    (
        {"authorisation_mode": "agreement", "return_url": None},
        400,
        {"field": "agreement_id", "code": "P0101", "description": "Missing mandatory attribute: agreement_id"},
    ),
    (
        {"authorisation_mode": "agreement", "return_url": None, "agreement_id": A_26, "email": "a@example.org"},
        400,
        {"field": "email", "code": "P0104", "description": "Unexpected attribute: email"},
    ),
    (
        {"authorisation_mode": "agreement", "return_url": None, "agreement_id": A_26},
        422,
        {"code": "P0942", "description": RECURRING},
    ),
    ({"set_up_agreement": A_26}, 422, {"code": "P0942", "description": RECURRING}),
    ({"moto": True}, 422, {"field": "moto", "code": "P0196", "description": MOTO}),
]


def post(api: Client, body: object, **headers: str) -> Any:
    return api.post("/v1/payments", body, content_type="application/json", headers=headers)


@pytest.mark.parametrize(("field", "value"), MISSING)
def test_missing_attributes(api: Client, account: GatewayAccount, field: str, value: str | None) -> None:
    body = {**ORDER, field: value} if value is not None else {k: v for k, v in ORDER.items() if k != field}
    answer = post(api, body)
    assert answer.status_code == 400
    assert answer.json() == {"field": field, "code": "P0101", "description": f"Missing mandatory attribute: {field}"}


@pytest.mark.parametrize(("change", "status", "field", "code", "reason"), REFUSED)
def test_refused_values(
    api: Client, account: GatewayAccount, change: dict[str, Any], status: int, field: str, code: str, reason: str
) -> None:
    answer = post(api, {**ORDER, **change})
    description = f"Invalid attribute value: {field}. {reason}"
    assert answer.json() == {"field": field, "code": code, "description": description}
    assert answer.status_code == status
    assert not Payment.objects.exists()


@pytest.mark.parametrize(("change", "status", "body"), REFUSED_WHOLE)
def test_refused_modes(
    api: Client, account: GatewayAccount, change: dict[str, Any], status: int, body: dict[str, str]
) -> None:
    order = {name: value for name, value in {**ORDER, **change}.items() if value is not None}
    answer = post(api, order)
    assert (answer.json(), answer.status_code) == (body, status)


def test_null_metadata(api: Client, account: GatewayAccount) -> None:
    answer = post(api, {**ORDER, "metadata": None})
    assert answer.status_code == 400
    assert answer.json()["description"] == "Invalid attribute value: metadata. Value must not be null"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reference": f"card {CARD}"}, "reference"),
        ({"description": "4242 4242 4242 4242"}, "description"),
        ({"metadata": {"note": CARD}}, "metadata"),
        ({"metadata": {"note": int(CARD)}}, "metadata"),
        ({"prefilled_cardholder_details": {"cardholder_name": CARD}}, "cardholder_name"),
        ({"prefilled_cardholder_details": {"billing_address": {"line1": CARD}}}, "line1"),
    ],
)
def test_card_numbers_are_refused_in_free_text(
    api: Client, account: GatewayAccount, change: dict[str, Any], field: str
) -> None:
    answer = post(api, {**ORDER, **change})
    assert answer.status_code == 400
    assert (answer.json()["code"], answer.json()["field"]) == ("P0105", field)
    assert CARD not in answer.content.decode()


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'{"amount": NaN}',
        b'{"amount": 1e999}',
        b'{"reference": "\\ud800"}',
        b"\xff",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"amount": ' + b"9" * 5000 + b"}",
    ],
)
def test_bodies_that_are_no_json_object(api: Client, account: GatewayAccount, body: bytes) -> None:
    answer = api.generic("POST", "/v1/payments", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json() == {"code": "P0197", "description": "Unable to parse JSON"}


def test_answer(api: Client, account: GatewayAccount) -> None:
    answer = post(api, {**ORDER, "unknown": {"is": "ignored"}})
    assert answer.status_code == 201
    payment = answer.json()
    assert answer["Location"] == payment["_links"]["self"]["href"]
    assert (answer["Cache-Control"], answer["Pragma"]) == ("no-store", "no-cache")
    assert set(payment) == {
        "payment_id", "amount", "currency", "description", "reference", "created_date", "state", "payment_provider",
        "return_url", "language", "delayed_capture", "moto", "authorisation_mode", "refund_summary",
        "settlement_summary", "_links",
    }  # fmt: skip
    assert len(payment["payment_id"]) == 26
    assert (payment["delayed_capture"], payment["moto"], payment["settlement_summary"]) == (False, False, {})
    assert (payment["language"], payment["currency"], payment["payment_provider"]) == ("en", "GBP", "sandbox")
    links = payment["_links"]
    assert set(links) == {"self", "events", "refunds", "next_url", "next_url_post", "cancel"}
    token = links["next_url"]["href"].rpartition("/")[2]
    assert links["next_url_post"] == {
        "type": "application/x-www-form-urlencoded",
        "params": {"chargeTokenId": token},
        "href": links["next_url"]["href"].removesuffix(f"/{token}"),
        "method": "POST",
    }


def test_everything_given_comes_back(api: Client, account: GatewayAccount) -> None:
    address = {"line1": "36 Hàng Bạc", "city": "Hà Nội", "postcode": "100000", "country": "VN"}
    payment = create(
        api,
        language="cy",
        email="ngoc@example.org",
        delayed_capture=True,
        metadata={"cost_centre": "A-1", "paid": True, "weight": 1.5, "empty": ""},
        prefilled_cardholder_details={"cardholder_name": "Ngọc", "billing_address": address},
        amount=10_000_000,
        reference="r" * 255,
    )
    assert payment["metadata"] == {"cost_centre": "A-1", "paid": True, "weight": 1.5, "empty": ""}
    assert (payment["language"], payment["email"], payment["delayed_capture"]) == ("cy", "ngoc@example.org", True)
    assert payment["card_details"] == {
        "last_digits_card_number": None,
        "first_digits_card_number": None,
        "cardholder_name": "Ngọc",
        "expiry_date": None,
        "billing_address": address,
        "card_brand": None,
        "card_type": None,
        "wallet_type": None,
    }


def test_dong_have_no_decimals_and_their_own_maximum(api: Client, account: GatewayAccount) -> None:
    payment = create(api, amount=50_000_000, currency="VND")
    assert (payment["amount"], payment["currency"]) == (50_000_000, "VND")
    assert post(api, {**ORDER, "amount": 10_000_000_001, "currency": "VND"}).status_code == 422


def test_currency_of_the_account_is_the_default(api: Client, service: Service) -> None:
    save_account(service, provider="sandbox", is_live=False, currency_code="VND", by=TESTER)
    assert create(api, amount=1_350_000)["currency"] == "VND"


def test_zero_and_moto_where_the_service_allows_them(api: Client, account: GatewayAccount) -> None:
    save_settings(account.service, by=TESTER, allows_zero=True, allows_moto=True)
    assert create(api, amount=0, moto=True)["moto"] is True
    assert post(api, {**ORDER, "amount": -1}).json()["description"].endswith("Must be greater than or equal to 0")


def test_service_without_account(api: Client) -> None:
    answer = post(api, ORDER)
    assert (answer.status_code, answer.json()["code"]) == (403, "P0940")
    assert answer.json()["description"].startswith("Account is not fully configured. ")


def test_disabled_account(api: Client, service: Service) -> None:
    save_account(service, provider="sandbox", is_live=False, is_enabled=False, by=TESTER)
    answer = post(api, ORDER)
    assert (answer.status_code, answer.json()["code"]) == (403, "P0941")


def test_live_payments_return_to_https(live_api: Client, live_account: GatewayAccount) -> None:
    answer = post(live_api, {**ORDER, "return_url": "http://service.example/"})
    assert answer.status_code == 422
    assert answer.json() == {
        "field": "return_url",
        "code": "P0920",
        "description": ("Invalid attribute value: return_url. Must begin with https:// for a live gateway account"),
    }
    assert create(live_api)["payment_id"]


def test_test_payments_may_return_to_http(api: Client, account: GatewayAccount) -> None:
    assert create(api, return_url="http://127.0.0.1:8001/done")["return_url"] == "http://127.0.0.1:8001/done"


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("", "can have a size between 1 and 255"),
        ("k" * 256, "can have a size between 1 and 255"),
        ("a_b", "can only contain alphanumeric characters and hyphens"),
    ],
)
def test_malformed_idempotency_keys(api: Client, account: GatewayAccount, key: str, reason: str) -> None:
    answer = post(api, ORDER, **{"Idempotency-Key": key})
    assert answer.status_code == 422
    assert answer.json() == {
        "header": "Idempotency-Key",
        "code": "P0102",
        "description": f"Header [Idempotency-Key] {reason}",
    }


def test_idempotency_key_makes_one_payment(api: Client, account: GatewayAccount) -> None:
    first = post(api, ORDER, **{"Idempotency-Key": "order-7"})
    again = post(api, ORDER, **{"Idempotency-Key": "order-7"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert json.loads(again.content) == json.loads(first.content)
    other = post(api, {**ORDER, "amount": 1}, **{"Idempotency-Key": "order-7"})
    assert (other.status_code, other.json()["code"]) == (409, "P0191")
    assert Payment.objects.count() == 1
    assert post(api, ORDER).json()["payment_id"] != first.json()["payment_id"]
