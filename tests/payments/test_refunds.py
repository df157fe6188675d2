"""Refunds: the contract's answers, the books behind them, and what happens when the provider fails."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gaap.providers.errors import ProviderError
from gaap.testing.plugin import TESTER
from gaap_payments import states
from gaap_payments.models import GatewayAccount, LedgerLine, Payment, Refund, SandboxRefund
from gaap_payments.providers.base import RefundOutcome, RefundStatus
from gaap_payments.providers.sandbox import SandboxProvider
from gaap_payments.services.accounts import save_account
from gaap_payments.services.ledger import balances
from tests.payments.support import DECLINED_CARD, Citizen, create, get, stored, work

SEE = "See Public API documentation for the correct data formats"

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(api: Client, account: GatewayAccount) -> dict[str, Any]:
    """A captured payment of £20.00."""
    created = create(api)
    Citizen(created).pay()
    work()
    return created


def refund(api: Client, payment_id: str, body: Mapping[str, Any]) -> Any:
    return api.post(f"/v1/payments/{payment_id}/refunds", body, content_type="application/json")


def summary(api: Client, payment_id: str) -> dict[str, Any]:
    return get(api, payment_id)["refund_summary"]  # type: ignore[no-any-return]


def test_part_of_a_payment_is_given_back(api: Client, account: GatewayAccount, paid: dict[str, Any]) -> None:
    payment_id = paid["payment_id"]
    answer = refund(api, payment_id, {"amount": 500, "refund_amount_available": 2000})
    made = answer.json()
    assert answer.status_code == 202
    root = f"http://127.0.0.1:8000/v1/payments/{payment_id}"
    assert made.pop("created_date").endswith("Z")
    refund_id = made.pop("refund_id")
    assert made == {
        "amount": 500,
        "currency": "GBP",
        "status": "submitted",
        "settlement_summary": {},
        "_links": {
            "self": {"href": f"{root}/refunds/{refund_id}", "method": "GET"},
            "payment": {"href": root, "method": "GET"},
        },
    }
    assert summary(api, payment_id) == {"status": "available", "amount_available": 1500, "amount_submitted": 500}
    work()
    assert api.get(f"/v1/payments/{payment_id}/refunds/{refund_id}").json()["status"] == "success"
    assert SandboxRefund.objects.get().amount == 500
    assert balances(account)[("provider", "GBP")] == 1500
    assert sum(LedgerLine.objects.values_list("amount", flat=True)) == 0


def test_all_of_it_in_two_parts_and_then_no_more(api: Client, paid: dict[str, Any]) -> None:
    payment_id = paid["payment_id"]
    for amount, left in ((1, 2000), (1999, 1999)):
        body = {"amount": amount, "refund_amount_available": left}
        assert refund(api, payment_id, body).status_code == 202
    work()
    assert summary(api, payment_id) == {"status": "full", "amount_available": 0, "amount_submitted": 2000}
    answer = refund(api, payment_id, {"amount": 1, "refund_amount_available": 0})
    description = "The payment is not available for refund. Payment refund status: full"
    assert (answer.status_code, answer.json()) == (400, {"code": "P0603", "description": description})


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({}, 400, ("P0601", "amount", "Missing mandatory attribute: amount")),
        ({"amount": None}, 400, ("P0601", "amount", "Missing mandatory attribute: amount")),
        (
            {"amount": "500"},
            400,
            ("P0602", "amount", "Invalid attribute value: amount. Must be a valid numeric format"),
        ),
        ({"amount": 5.5}, 400, ("P0602", "amount", "Invalid attribute value: amount. Must be a valid numeric format")),
        (
            {"amount": 5, "refund_amount_available": "x"},
            400,
            (
                "P0602",
                "refund_amount_available",
                "Invalid attribute value: refund_amount_available. Must be a valid numeric format",
            ),
        ),
        (
            {"amount": 0},
            422,
            ("P0602", "amount", "Invalid attribute value: amount. Must be greater than or equal to 1"),
        ),
        (
            {"amount": 10_000_001},
            422,
            ("P0602", "amount", "Invalid attribute value: amount. Must be less than or equal to 10000000"),
        ),
        ({"amount": 5, "refund_amount_available": 1999}, 412, ("P0604", None, "Refund amount available mismatch.")),
        (
            {"amount": 2001},
            400,
            (
                "P0603",
                None,
                "The payment is not available for refund. Payment refund status: amount_not_available",
            ),
        ),
    ],
)
def test_refused(
    api: Client, paid: dict[str, Any], body: dict[str, Any], status: int, expected: tuple[str, str | None, str]
) -> None:
    answer = refund(api, paid["payment_id"], body)
    code, field, description = expected
    wanted = {"field": field, "code": code, "description": description}
    assert (answer.status_code, answer.json()) == (status, {key: value for key, value in wanted.items() if value})
    assert not Refund.objects.exists()
    assert summary(api, paid["payment_id"])["amount_available"] == 2000


def test_unreadable_body(api: Client, paid: dict[str, Any]) -> None:
    answer = api.post(f"/v1/payments/{paid['payment_id']}/refunds", "{", content_type="application/json")
    assert (answer.status_code, answer.json()) == (400, {"code": "P0697", "description": "Unable to parse JSON"})


@pytest.mark.parametrize("state", ["created", "declined", "submitted", "capturing"])
def test_what_is_not_captured_is_not_given_back(api: Client, account: GatewayAccount, state: str) -> None:
    created = create(api)
    citizen = Citizen(created)
    if state != "created":
        citizen.enter()
        citizen.send_card(card_no=DECLINED_CARD if state == "declined" else "4242424242424242")
    if state == "capturing":
        citizen.post("confirm")
    word = "unavailable" if state == "declined" else "pending"
    answer = refund(api, created["payment_id"], {"amount": 1, "refund_amount_available": 2000})
    description = f"The payment is not available for refund. Payment refund status: {word}"
    assert (answer.status_code, answer.json()) == (400, {"code": "P0603", "description": description})
    assert summary(api, created["payment_id"])["status"] == word


def test_disputed_payment_is_not_given_back(api: Client, paid: dict[str, Any]) -> None:
    Payment.objects.update(is_disputed=True)
    answer = refund(api, paid["payment_id"], {"amount": 1, "refund_amount_available": 2000})
    description = "The payment is disputed and cannot be refunded"
    assert (answer.status_code, answer.json()) == (400, {"code": "P0603", "description": description})


def test_disabled_account_gives_nothing_back(api: Client, account: GatewayAccount, paid: dict[str, Any]) -> None:
    save_account(account.service, provider="sandbox", is_live=False, is_enabled=False, by=TESTER)
    answer = refund(api, paid["payment_id"], {"amount": 1})
    assert (answer.status_code, answer.json()["code"]) == (403, "P0941")
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("post", "/v1/payments/{payment}/refunds", "P0600"),
        ("get", "/v1/payments/{payment}/refunds", "P0800"),
        ("get", "/v1/payments/{payment}/refunds/{refund}", "P0700"),
    ],
)
def test_somebody_elses_does_not_exist(
    api: Client, outsider: Client, paid: dict[str, Any], method: str, path: str, code: str
) -> None:
    made = refund(api, paid["payment_id"], {"amount": 1}).json()
    address = path.format(payment=paid["payment_id"], refund=made["refund_id"])
    unknown = path.format(payment="0" * 26, refund="0" * 26)
    for caller, where in ((outsider, address), (api, unknown), (api, path.format(payment="nonsense", refund="x"))):
        answer = getattr(caller, method)(
            where, {"amount": 1} if method == "post" else {}, content_type="application/json"
        )
        assert (answer.status_code, answer.json()) == (404, {"code": code, "description": "Not found"})
    assert Refund.objects.count() == 1


def test_list_and_search(api: Client, paid: dict[str, Any]) -> None:
    payment_id = paid["payment_id"]
    ids = [refund(api, payment_id, {"amount": amount}).json()["refund_id"] for amount in (1, 2, 3)]
    listed = api.get(f"/v1/payments/{payment_id}/refunds").json()
    assert [entry["refund_id"] for entry in listed["_embedded"]["refunds"]] == ids
    assert listed["payment_id"] == payment_id
    found = api.get("/v1/refunds", {"display_size": 2}).json()
    assert (found["total"], found["count"], found["page"]) == (3, 2, 1)
    assert [entry["refund_id"] for entry in found["results"]] == ids[:0:-1]
    assert found["results"][0]["payment_id"] == payment_id
    assert api.get("/v1/refunds", {"from_date": "2040-01-01T00:00:00Z"}).json()["results"] == []


@pytest.mark.parametrize(
    ("query", "status", "body"),
    [
        (
            {"from_date": "yesterday", "page": "0"},
            422,
            {"code": "P1101", "description": f"Invalid parameters: from_date, page. {SEE}"},
        ),
        ({"page": "2"}, 404, {"code": "P1100", "description": "Page not found"}),
    ],
)
def test_search_refused(
    api: Client, paid: dict[str, Any], query: dict[str, str], status: int, body: dict[str, str]
) -> None:
    refund(api, paid["payment_id"], {"amount": 1})
    answer = api.get("/v1/refunds", query)
    assert (answer.status_code, answer.json()) == (status, body)


class TestProviderFails:
    """What happens when the provider does not answer, or says no."""

    @pytest.fixture
    def answers(self, monkeypatch: pytest.MonkeyPatch) -> list[RefundStatus | ProviderError]:
        """What the sandbox says to the next refunds, in turn."""
        prepared: list[RefundStatus | ProviderError] = []
        real = SandboxProvider.refund

        def answer(provider: SandboxProvider, *args: Any, **kwargs: Any) -> RefundStatus:
            if not prepared:
                return real(provider, *args, **kwargs)
            given = prepared.pop(0)
            if isinstance(given, ProviderError):
                raise given
            return given

        monkeypatch.setattr(SandboxProvider, "refund", answer)
        return prepared

    def test_refusal_for_good_leaves_the_money_available(
        self, api: Client, account: GatewayAccount, paid: dict[str, Any], answers: list[Any]
    ) -> None:
        answers.append(ProviderError("Insufficient balance.", permanent=True))
        made = refund(api, paid["payment_id"], {"amount": 500}).json()
        work()
        shown = api.get(f"/v1/payments/{paid['payment_id']}/refunds/{made['refund_id']}").json()
        assert shown["status"] == "error"
        assert summary(api, paid["payment_id"])["amount_available"] == 2000
        assert balances(account)[("provider", "GBP")] == 2000
        assert refund(api, paid["payment_id"], {"amount": 2000, "refund_amount_available": 2000}).status_code == 202

    def test_silence_is_asked_again_under_the_same_key(
        self, api: Client, paid: dict[str, Any], answers: list[Any], move_clock: Callable[[timedelta], None]
    ) -> None:
        answers.append(ProviderError("No answer.", permanent=False))
        refund(api, paid["payment_id"], {"amount": 500})
        work()
        waiting = Refund.objects.get()
        assert (waiting.status, waiting.failure) == (states.WAITING, "No answer.")
        assert not SandboxRefund.objects.exists()
        move_clock(timedelta(minutes=2))
        work()
        waiting.refresh_from_db()
        assert waiting.status == states.REFUND_SUCCESS
        assert SandboxRefund.objects.get().idempotency_key == waiting.idempotency_key

    def test_accepted_refund_is_followed_until_the_provider_says_how_it_went(
        self,
        api: Client,
        paid: dict[str, Any],
        answers: list[Any],
        move_clock: Callable[[timedelta], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        answers.append(RefundStatus(RefundOutcome.SUBMITTED, provider_id="re_1"))
        refund(api, paid["payment_id"], {"amount": 500})
        work()
        waiting = Refund.objects.get()
        assert (waiting.status, waiting.public_status, waiting.provider_id) == ("submitted", "submitted", "re_1")
        failed = RefundStatus(RefundOutcome.ERROR, provider_id="re_1", reason="account closed")
        monkeypatch.setattr(SandboxProvider, "query_refund", lambda *args, **kwargs: failed)
        move_clock(timedelta(minutes=11))
        work()
        waiting.refresh_from_db()
        assert (waiting.status, waiting.failure) == (states.REFUND_ERROR, "account closed")
        assert stored(paid).refunded_amount == 0
