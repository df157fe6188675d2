"""Recurring payments: an agreement is made, set up by a payment, used without the citizen, and ended."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gaap.providers.errors import ProviderError
from gaap.testing.plugin import TESTER
from gaap_payments.models import Agreement, GatewayAccount, Payment, SandboxCharge
from gaap_payments.providers.sandbox import SandboxProvider
from gaap_payments.services.accounts import save_settings
from tests.payments.support import DECLINED_CARD, Citizen, create, get, work

pytestmark = pytest.mark.django_db

ONCE_ONLY_CARD = "5105105105105100"
ORDER = {"reference": "CT-2026", "description": "Council tax", "user_identifier": "user-7"}


@pytest.fixture(autouse=True)
def _recurring(account: GatewayAccount) -> None:
    """The service may take recurring payments."""
    save_settings(account.service, by=TESTER, allows_recurring=True)


def agree(api: Client, **changes: Any) -> Any:
    order = {name: value for name, value in {**ORDER, **changes}.items() if value is not None}
    return api.post("/v1/agreements", order, content_type="application/json")


@pytest.fixture
def agreement_id(api: Client) -> str:
    """An agreement that was only made."""
    return str(agree(api).json()["agreement_id"])


@pytest.fixture
def active_id(api: Client, agreement_id: str) -> str:
    """An agreement whose card is kept."""
    Citizen(create(api, set_up_agreement=agreement_id)).pay()
    work()
    return agreement_id


def collect(api: Client, agreement_id: str, **changes: Any) -> dict[str, Any]:
    mode = {"authorisation_mode": "agreement", "agreement_id": agreement_id, "return_url": None}
    return create(api, **{**mode, **changes})


def test_agreement_is_made(api: Client) -> None:
    answer = agree(api)
    made = answer.json()
    agreement_id = made.pop("agreement_id")
    assert answer.status_code == 201
    assert len(agreement_id) == 26
    assert made.pop("created_date").endswith("Z")
    assert made == {**ORDER, "status": "created"}
    assert api.get(f"/v1/agreements/{agreement_id}").json()["status"] == "created"


@pytest.mark.parametrize(
    ("changes", "status", "code", "field", "reason"),
    [
        ({"reference": None}, 400, "P2101", "reference", None),
        ({"description": " "}, 400, "P2101", "description", None),
        ({"reference": 7}, 422, "P2102", "reference", "Must be a valid string format"),
        ({"reference": "x" * 256}, 422, "P0102", "reference", "Must be less than or equal to 255 characters length"),
        (
            {"description": "x" * 256},
            422,
            "P0102",
            "description",
            "Must be less than or equal to 255 characters length",
        ),
        (
            {"user_identifier": "x" * 256},
            422,
            "P0102",
            "user_identifier",
            "Must be less than or equal to 255 characters length",
        ),
        ({"user_identifier": "4242 4242 4242 4242"}, 400, "P0105", "user_identifier", None),
    ],
)
def test_refused(api: Client, changes: dict[str, Any], status: int, code: str, field: str, reason: str | None) -> None:
    answer = agree(api, **changes)
    body = answer.json()
    assert (answer.status_code, body["code"], body["field"]) == (status, code, field)
    if reason:
        assert body["description"] == f"Invalid attribute value: {field}. {reason}"
    assert not Agreement.objects.exists()


def test_off_unless_allowed(api: Client, account: GatewayAccount) -> None:
    save_settings(account.service, by=TESTER, allows_recurring=False)
    answer = agree(api)
    assert (answer.status_code, answer.json()["code"]) == (422, "P0942")
    assert not Agreement.objects.exists()


def test_card_is_kept_when_the_citizen_confirms(api: Client, agreement_id: str) -> None:
    created = create(api, set_up_agreement=agreement_id, agreement_payment_type="instalment")
    assert (created["agreement_id"], created["agreement_payment_type"]) == (agreement_id, "instalment")
    citizen = Citizen(created)
    citizen.enter()
    citizen.send_card()
    assert api.get(f"/v1/agreements/{agreement_id}").json()["status"] == "created"
    citizen.post("confirm")
    shown = api.get(f"/v1/agreements/{agreement_id}").json()
    assert shown["status"] == "active"
    instrument = shown["payment_instrument"]
    assert instrument["type"] == "card"
    assert instrument["card_details"]["last_digits_card_number"] == "4242"
    assert "instrument_id" not in str(shown)


def test_declined_set_up_keeps_no_card(api: Client, agreement_id: str) -> None:
    Citizen(create(api, set_up_agreement=agreement_id)).pay(card_no=DECLINED_CARD)
    shown = api.get(f"/v1/agreements/{agreement_id}").json()
    assert shown["status"] == "created"
    assert "payment_instrument" not in shown


def test_kept_card_is_asked_without_the_citizen(api: Client, active_id: str) -> None:
    created = collect(api, active_id, amount=700)
    assert created["state"] == {"status": "created", "finished": False}
    assert created["authorisation_mode"] == "agreement"
    assert set(created["_links"]) == {"self", "events", "refunds"}
    assert "return_url" not in created
    work()
    paid = get(api, created["payment_id"])
    assert paid["state"] == {"status": "success", "finished": True}
    assert paid["refund_summary"]["status"] == "available"
    assert paid["card_details"]["last_digits_card_number"] == "4242"
    charge = SandboxCharge.objects.get(payment_id=created["payment_id"])
    assert (charge.amount, charge.status) == (700, "captured")


def test_delayed_capture_waits_for_the_service(api: Client, active_id: str) -> None:
    created = collect(api, active_id, delayed_capture=True)
    work()
    assert get(api, created["payment_id"])["state"]["status"] == "capturable"


@pytest.mark.parametrize(
    ("description", "state", "status"),
    [
        ("DECLINED", {"code": "P0010", "can_retry": True}, "active"),
        ("REFUSED", {"code": "P0010", "can_retry": False}, "inactive"),
        ("ERROR", {"code": "P0050"}, "active"),
    ],
)
def test_decline_says_whether_to_try_again(
    api: Client, active_id: str, description: str, state: dict[str, Any], status: str
) -> None:
    created = collect(api, active_id, description=description)
    work()
    shown = get(api, created["payment_id"])["state"]
    assert {name: shown.get(name) for name in ("code", "can_retry") if name in shown} == state
    assert api.get(f"/v1/agreements/{active_id}").json()["status"] == status


def test_card_that_pays_once_only(api: Client, agreement_id: str) -> None:
    """Contract C.5: the first payment succeeds, later ones decline."""
    Citizen(create(api, set_up_agreement=agreement_id)).pay(card_no=ONCE_ONLY_CARD)
    created = collect(api, agreement_id)
    work()
    assert get(api, created["payment_id"])["state"]["code"] == "P0010"


def test_new_set_up_activates_an_inactive_agreement(api: Client, active_id: str) -> None:
    collect(api, active_id, description="REFUSED")
    work()
    assert api.get(f"/v1/agreements/{active_id}").json()["status"] == "inactive"
    Citizen(create(api, set_up_agreement=active_id)).pay(card_no="371449635398431", cvc="1234")
    shown = api.get(f"/v1/agreements/{active_id}").json()
    assert shown["status"] == "active"
    assert shown["payment_instrument"]["card_details"]["card_brand"] == "American Express"


def test_provider_that_does_not_answer_is_asked_again(
    api: Client, active_id: str, monkeypatch: pytest.MonkeyPatch, move_clock: Callable[[timedelta], None]
) -> None:
    real = SandboxProvider.create_session

    def down(*args: Any, **kwargs: Any) -> str:
        raise ProviderError("Nobody is there.", permanent=False)

    monkeypatch.setattr(SandboxProvider, "create_session", down)
    created = collect(api, active_id)
    work()
    assert get(api, created["payment_id"])["state"]["status"] == "created"
    monkeypatch.setattr(SandboxProvider, "create_session", real)
    move_clock(timedelta(minutes=2))
    work()
    assert get(api, created["payment_id"])["state"]["status"] == "success"


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"set_up_agreement": "0" * 26}, 400, "P0103", "set_up_agreement"),
        ({"set_up_agreement": "short"}, 422, "P0102", "set_up_agreement"),
        ({"authorisation_mode": "agreement", "return_url": None}, 400, "P0101", "agreement_id"),
        (
            {"authorisation_mode": "agreement", "agreement_id": "0" * 26, "return_url": None},
            400,
            "P0102",
            "agreement_id",
        ),
        ({"authorisation_mode": "agreement", "agreement_id": "ACTIVE"}, 400, "P0104", "return_url"),
        (
            {"authorisation_mode": "agreement", "agreement_id": "ACTIVE", "return_url": None, "moto": True},
            400,
            "P0104",
            "moto",
        ),
        (
            {"authorisation_mode": "agreement", "agreement_id": "ACTIVE", "return_url": None, "email": "a@b.example"},
            400,
            "P0104",
            "email",
        ),
        ({"agreement_id": "ACTIVE"}, 400, "P0104", "agreement_id"),
        ({"agreement_payment_type": "recurring"}, 400, "P0104", "agreement_payment_type"),
        ({"set_up_agreement": "ACTIVE", "agreement_payment_type": "weekly"}, 422, "P0102", "agreement_payment_type"),
    ],
)
def test_payment_refused(api: Client, active_id: str, body: dict[str, Any], status: int, code: str, field: str) -> None:
    from tests.payments.support import ORDER as PAYMENT

    before = Payment.objects.count()
    wanted = {name: active_id if value == "ACTIVE" else value for name, value in {**PAYMENT, **body}.items()}
    order = {name: value for name, value in wanted.items() if value is not None}
    answer = api.post("/v1/payments", order, content_type="application/json")
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (status, code, field)
    assert Payment.objects.count() == before


def test_cancelled_agreement_is_not_used_any_more(api: Client, active_id: str) -> None:
    assert api.post(f"/v1/agreements/{active_id}/cancel").status_code == 204
    shown = api.get(f"/v1/agreements/{active_id}").json()
    assert shown["status"] == "cancelled"
    assert shown["cancelled_date"].endswith("Z")
    assert Agreement.objects.get().instrument_id == ""
    again = api.post(f"/v1/agreements/{active_id}/cancel")
    description = "Cancellation of agreement failed"
    assert (again.status_code, again.json()) == (400, {"code": "P2501", "description": description})
    from tests.payments.support import ORDER as PAYMENT

    body = {**PAYMENT, "authorisation_mode": "agreement", "agreement_id": active_id}
    body.pop("return_url")
    answer = api.post("/v1/payments", body, content_type="application/json")
    assert answer.json()["description"] == "Invalid attribute value: agreement_id. Agreement must be active"


def test_only_active_ones_can_be_cancelled(api: Client, agreement_id: str) -> None:
    assert api.post(f"/v1/agreements/{agreement_id}/cancel").status_code == 400


def test_search(api: Client, active_id: str) -> None:
    other = agree(api, reference="OTHER").json()["agreement_id"]
    found = api.get("/v1/agreements").json()
    assert [entry["agreement_id"] for entry in found["results"]] == [other, active_id]
    assert api.get("/v1/agreements", {"status": "active"}).json()["total"] == 1
    assert api.get("/v1/agreements", {"reference": "ct-2026"}).json()["results"][0]["agreement_id"] == active_id
    assert api.get("/v1/payments", {"agreement_id": active_id}).json()["total"] == 1


@pytest.mark.parametrize(
    ("query", "status", "code", "names"),
    [
        ({"status": "lost"}, 422, "P2401", "status"),
        ({"page": "0", "display_size": "501"}, 422, "P2401", "page, display_size"),
        ({"email": "x"}, 400, "P2401", "email"),
    ],
)
def test_search_refused(api: Client, query: dict[str, str], status: int, code: str, names: str) -> None:
    answer = api.get("/v1/agreements", query)
    description = f"Invalid parameters: {names}. See Public API documentation for the correct data formats"
    assert (answer.status_code, answer.json()) == (status, {"code": code, "description": description})


def test_somebody_elses_does_not_exist(api: Client, outsider: Client, active_id: str) -> None:
    for answer, code in (
        (outsider.get(f"/v1/agreements/{active_id}"), "P2200"),
        (outsider.post(f"/v1/agreements/{active_id}/cancel"), "P2500"),
        (api.get("/v1/agreements/unknown"), "P2200"),
    ):
        assert (answer.status_code, answer.json()) == (404, {"code": code, "description": "Not found"})
    assert Agreement.objects.get().status == "active"
