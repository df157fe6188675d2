"""GET /v1/payments/{id}: what is left out, what is null, where links lead; held against our own OpenAPI schema."""

from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker

from gaap_payments import states
from gaap_payments.api.v1 import schemas
from gaap_payments.models import GatewayAccount, Payment, PaymentToken
from gaap_payments.states import PUBLIC_STATES
from tests.payments.support import ANSWERS, Citizen, create, get, work

pytestmark = pytest.mark.django_db

ALWAYS = {"self", "events", "refunds"}
CITIZEN = {"next_url", "next_url_post"}


def as_json_schema(schema: Any) -> Any:
    """Return an OpenAPI 3.0 schema in the words of JSON Schema, which knows no ``nullable``."""
    if isinstance(schema, list):
        return [as_json_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: as_json_schema(value) for key, value in schema.items() if key != "nullable"}
    return {**plain, "type": [plain["type"], "null"]} if schema.get("nullable") is True else plain


def assert_valid(document: dict[str, Any], schema: dict[str, Any]) -> None:
    Draft202012Validator(as_json_schema(schema), format_checker=FormatChecker()).validate(document)


@pytest.mark.parametrize("status", sorted(PUBLIC_STATES))
def test_every_status_is_shown_as_documented(api: Client, account: GatewayAccount, status: str) -> None:
    created = create(api)
    Payment.objects.filter(pk=created["payment_id"]).update(status=status)
    payment = get(api, created["payment_id"])
    assert_valid(payment, schemas.PAYMENT)
    public = PUBLIC_STATES[status]
    assert payment["state"]["status"] == public.status
    assert ("code" in payment["state"]) == bool(public.code)
    links = set(payment["_links"]) - ALWAYS
    assert ("cancel" in links) == (not public.is_finished)
    assert ("capture" in links) == (status == states.CAPTURABLE)
    assert (links >= CITIZEN) == (status in states.NEEDS_CITIZEN)


def test_answers_of_the_whole_journey_follow_the_schema(api: Client, account: GatewayAccount) -> None:
    created = create(api, email="a@example.org", metadata={"a": 1})
    assert_valid(created, schemas.PAYMENT)
    Citizen(created).pay()
    work()
    paid = get(api, created["payment_id"])
    assert_valid(paid, schemas.PAYMENT)
    assert paid["card_details"] == {
        "last_digits_card_number": "4242",
        "first_digits_card_number": "424242",
        "cardholder_name": ANSWERS["cardholder_name"],
        "expiry_date": "12/39",
        "billing_address": {
            "line1": "36 Hàng Bạc",
            "city": "Hà Nội",
            "postcode": "100000",
            "country": "VN",
        },
        "card_brand": "Visa",
        "card_type": "credit",
        "wallet_type": None,
    }
    assert paid["card_brand"] == "Visa"
    assert paid["email"] == "ngoc@example.org"
    assert paid["provider_id"]
    assert set(paid["_links"]) == ALWAYS


def test_card_details_are_left_out_before_anything_is_known(api: Client, account: GatewayAccount) -> None:
    payment = get(api, create(api)["payment_id"])
    for absent in ("card_details", "card_brand", "provider_id", "email", "metadata"):
        assert absent not in payment


def test_every_get_of_an_unfinished_payment_mints_a_token(api: Client, account: GatewayAccount) -> None:
    created = create(api)
    addresses = {get(api, created["payment_id"])["_links"]["next_url"]["href"] for _ in range(3)}
    assert len(addresses | {created["_links"]["next_url"]["href"]}) == 4


def test_a_used_token_is_kept_as_a_digest(api: Client, account: GatewayAccount) -> None:
    citizen = Citizen(create(api))
    assert not PaymentToken.objects.exists()
    citizen.enter()
    assert citizen.entry.rpartition("/")[2] not in repr(PaymentToken.objects.values().get())


def test_finished_payment_needs_no_token(api: Client, account: GatewayAccount) -> None:
    created = create(api)
    api.post(f"/v1/payments/{created['payment_id']}/cancel")
    assert set(get(api, created["payment_id"])["_links"]) == ALWAYS


def test_times_are_utc_with_milliseconds(api: Client, account: GatewayAccount) -> None:
    assert Draft202012Validator({"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", "type": "string"}).is_valid(
        create(api)["created_date"]
    )
