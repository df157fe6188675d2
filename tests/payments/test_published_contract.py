"""The published OpenAPI file accepts what we answer; ``test_error_table`` does the same for every refusal."""

import pytest
from django.test import Client
from django.urls import get_resolver

from gaap.testing.plugin import TESTER
from gaap_payments.models import GatewayAccount
from gaap_payments.services.accounts import save_settings
from tests.payments import published
from tests.payments.support import Citizen, create, get, work

pytestmark = pytest.mark.django_db

ID = "a" * 26
needs_file = pytest.mark.skipif(
    published.find_file() is None, reason=f"{published.NAME} is not at hand; set GAAP_TEST_CONTRACTS to its folder"
)


@needs_file
def test_every_published_address_is_answered() -> None:
    """A path of the file leads to a view of ours, and never to the page for unknown addresses."""
    for path in published.document()["paths"]:
        match = get_resolver().resolve(
            path.replace("{paymentId}", ID).replace("{refundId}", ID).replace("{agreementId}", ID)
        )
        assert str(match.url_name).startswith("payments-api-"), path


@needs_file
def test_judge_finds_what_is_wrong(api: Client, account: GatewayAccount) -> None:
    """The check itself can fail: a wrong type, and a null where the file allows none."""
    shown = get(api, create(api)["payment_id"])
    path = f"/v1/payments/{shown['payment_id']}"
    assert published.faults("GET", path, 200, shown) == []
    assert published.faults("GET", path, 200, {**shown, "amount": "2000"})
    assert published.faults("GET", path, 200, {**shown, "card_details": None})
    assert published.faults("GET", path, 404, {"code": 404})


@needs_file
def test_whole_life_is_accepted(api: Client, account: GatewayAccount) -> None:
    """Every noun once; the fixture that holds each answer against the file does the rest."""
    save_settings(account.service, by=TESTER, allows_recurring=True, credit_surcharge=250)
    agreement = {"reference": "r", "description": "d", "user_identifier": "u"}
    agreement_id = api.post("/v1/agreements", agreement, content_type="application/json").json()["agreement_id"]
    paid = create(api, set_up_agreement=agreement_id, metadata={"a": 1, "b": True}, email="a@b.example")
    Citizen(paid).pay(card_no="4988080000000000")
    Citizen(create(api, description="DISPUTE_OPEN")).pay()
    work()
    root = f"/v1/payments/{paid['payment_id']}"
    refund = api.post(f"{root}/refunds", {"amount": 5}, content_type="application/json").json()
    work()
    for path in (root, f"{root}/events", f"{root}/refunds", f"{root}/refunds/{refund['refund_id']}"):
        assert api.get(path).status_code == 200
    for path in ("/v1/payments", "/v1/refunds", "/v1/disputes", "/v1/agreements", f"/v1/agreements/{agreement_id}"):
        assert api.get(path).status_code == 200
    assert api.get("/v1/disputes").json()["total"] == 1


def test_health_needs_no_key(client: Client, db: None) -> None:
    answer = client.get("/healthcheck")
    assert (answer.status_code, answer.json()) == (200, {"database": {"healthy": True}})
