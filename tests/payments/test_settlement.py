"""Money after the authorisation: the sandbox's words, disputes, payouts, the daily reconciliation, and two books."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F, Sum
from django.test import Client

from gaap_payments.models import (
    Difference,
    Dispute,
    GatewayAccount,
    LedgerLine,
    Payment,
    Payout,
    Refund,
    SandboxMovement,
)
from gaap_payments.providers.sandbox_money import WORDS
from gaap_payments.services.ledger import UnbalancedEntryError, balances, post
from gaap_payments.services.reconciliation import reconcile_account
from tests.payments.support import Citizen, create, get, work
from tests.project import ROOT

pytestmark = pytest.mark.django_db

Move = Callable[[timedelta], None]
HOUR = timedelta(hours=1, minutes=11)


def pay(api: Client, **changes: Any) -> str:
    created = create(api, **changes)
    Citizen(created).pay()
    work()
    return str(created["payment_id"])


def refund(api: Client, payment_id: str, amount: int) -> str:
    answer = api.post(f"/v1/payments/{payment_id}/refunds", {"amount": amount}, content_type="application/json")
    assert answer.status_code == 202, answer.content
    work()
    return str(answer.json()["refund_id"])


def held(account: GatewayAccount, currency: str = "GBP") -> int:
    """What our books say that the provider holds."""
    return balances(account).get(("provider", currency), 0)


def assert_books_agree(account: GatewayAccount) -> None:
    """Every entry sums to zero, and ours says what the sandbox's own does."""
    entries = LedgerLine.objects.values("entry", "currency").annotate(total=Sum("amount"))
    assert not entries.exclude(total=0).exists()
    unpaid = SandboxMovement.objects.filter(payout__isnull=True).aggregate(total=Sum(F("amount") - F("fee")))
    assert held(account) == (unpaid["total"] or 0)


def test_documentation_names_every_word() -> None:
    page = (ROOT / "docs/reference/payments-sandbox.md").read_text(encoding="utf-8")
    assert all(f"| `{word}` | {meaning} |" in page for word, meaning in WORDS.items())


def test_late_capture(api: Client, account: GatewayAccount, move_clock: Move) -> None:
    payment_id = pay(api, description="CAPTURE_LATE")
    assert get(api, payment_id)["refund_summary"]["status"] == "pending"
    assert held(account) == 0
    move_clock(HOUR)
    work()
    assert get(api, payment_id)["refund_summary"]["status"] == "available"
    assert_books_agree(account)


def test_failing_capture(api: Client, account: GatewayAccount) -> None:
    payment_id = pay(api, description="capture_fails")
    assert get(api, payment_id)["state"]["code"] == "P0050"
    assert held(account) == 0
    assert_books_agree(account)


def test_capture_that_gets_no_answer_is_tried_again_an_hour_later(
    api: Client, account: GatewayAccount, move_clock: Move
) -> None:
    payment_id = pay(api, description="CAPTURE_DOWN")
    assert get(api, payment_id)["state"]["status"] == "success"
    assert held(account) == 0
    move_clock(HOUR)
    work()
    assert held(account) == 2000
    assert_books_agree(account)


def test_late_refund(api: Client, account: GatewayAccount, move_clock: Move) -> None:
    refund_id = refund(api, pay(api, description="REFUND_LATE"), 500)
    assert Refund.objects.get(pk=refund_id).status == "submitted"
    assert held(account) == 2000
    move_clock(HOUR)
    work()
    assert Refund.objects.get(pk=refund_id).status == "success"
    assert held(account) == 1500
    assert_books_agree(account)


def test_failing_refund(api: Client, account: GatewayAccount, move_clock: Move) -> None:
    payment_id = pay(api, description="REFUND_FAILS")
    refund_id = refund(api, payment_id, 500)
    assert get(api, payment_id)["refund_summary"]["amount_available"] == 1500
    move_clock(HOUR)
    work()
    assert Refund.objects.get(pk=refund_id).status == "error"
    assert get(api, payment_id)["refund_summary"]["amount_available"] == 2000
    assert_books_agree(account)


@pytest.mark.parametrize(
    ("word", "status", "left", "is_refundable"),
    [("DISPUTE_WON", "won", 2000, True), ("DISPUTE_LOST", "lost", -1500, False)],
)
def test_dispute(
    api: Client, account: GatewayAccount, move_clock: Move, word: str, status: str, left: int, is_refundable: bool
) -> None:
    payment_id = pay(api, description=word)
    (shown,) = api.get("/v1/disputes").json()["results"]
    assert (shown["status"], shown["amount"], shown["reason"]) == ("needs_response", 2000, "fraudulent")
    assert "net_amount" not in shown
    assert held(account) == 0
    answer = api.post(f"/v1/payments/{payment_id}/refunds", {"amount": 1}, content_type="application/json")
    assert answer.json()["description"] == "The payment is disputed and cannot be refunded"
    move_clock(HOUR)
    work()
    (shown,) = api.get("/v1/disputes").json()["results"]
    assert shown["status"] == status
    if status == "lost":
        assert (shown["fee"], shown["net_amount"]) == (1500, -3500)
    assert held(account) == left
    assert Payment.objects.get().is_disputed is not is_refundable
    assert_books_agree(account)


def test_disputes_search(api: Client, outsider: Client, account: GatewayAccount) -> None:
    payment_id = pay(api, description="DISPUTE_OPEN")
    document = api.get("/v1/disputes", {"status": "needs_response"}).json()
    assert document["total"] == 1
    assert document["links"] == document["_links"]
    (shown,) = document["results"]
    assert shown["payment_id"] == payment_id
    assert shown["_links"]["payment"]["href"].endswith(f"/v1/payments/{payment_id}")
    assert api.get("/v1/disputes", {"status": "won"}).json()["total"] == 0
    assert outsider.get("/v1/disputes").json()["total"] == 0
    wrong = api.get("/v1/disputes", {"status": "capturable"})
    description = "Invalid parameters: state. See Public API documentation for the correct data formats"
    assert (wrong.status_code, wrong.json()) == (422, {"code": "P0401", "description": description})
    assert api.get("/v1/disputes", {"page": "2"}).json()["code"] == "P0402"


def test_payout_settles_what_it_is_made_of(api: Client, account: GatewayAccount) -> None:
    account.credentials = {"takes_fees": True}
    account.save()
    payment_id = pay(api)
    refund_id = refund(api, payment_id, 500)
    assert get(api, payment_id)["fee"] == 50
    assert get(api, payment_id)["net_amount"] == 1950
    assert reconcile_account(account) == []
    payout = Payout.objects.get()
    assert (payout.amount, payout.status, payout.items.count()) == (1450, "paid", 2)
    assert held(account) == 0
    assert balances(account)[("bank", "GBP")] == 1450
    today = payout.paid_on.isoformat()  # type: ignore[union-attr]
    assert get(api, payment_id)["settlement_summary"]["settled_date"] == today
    shown = api.get(f"/v1/payments/{payment_id}/refunds/{refund_id}").json()
    assert shown["settlement_summary"] == {"settled_date": today}
    for path in ("payments", "refunds"):
        assert api.get(f"/v1/{path}", {"from_settled_date": today, "to_settled_date": today}).json()["total"] == 1
    assert reconcile_account(account) == []
    assert Payout.objects.count() == 1
    assert_books_agree(account)


def test_difference_is_listed_once_and_struck_off_when_it_is_gone(api: Client, account: GatewayAccount) -> None:
    payment_id = pay(api)
    reconcile_account(account)
    Payment.objects.filter(pk=payment_id).update(amount=1999)
    for _ in range(2):
        reconcile_account(account)
    difference = Difference.objects.get()
    assert (difference.kind, difference.ours, difference.theirs) == ("other_amount", "1999", "2000")
    Payment.objects.filter(pk=payment_id).update(amount=2000)
    reconcile_account(account)
    difference.refresh_from_db()
    assert difference.closed_at is not None


def test_reconciliation_finds_what_every_event_was_lost_of(api: Client, account: GatewayAccount) -> None:
    created = create(api, description="DISPUTE_OPEN")
    Citizen(created).pay()
    from gaap_payments.models import SandboxEvent
    from gaap_payments.tasks import sweep_payments

    sweep_payments()
    SandboxEvent.objects.all().delete()
    assert Payment.objects.get().status == "capture_submitted"
    reconcile_account(account)
    assert Payment.objects.get().status == "captured"
    assert Dispute.objects.get().status == "needs_response"


def test_entry_that_does_not_balance_is_refused(account: GatewayAccount) -> None:
    with pytest.raises(UnbalancedEntryError):
        post(account, "capture", "x", {LedgerLine.Account.PROVIDER: 1}, currency="GBP")
    assert not LedgerLine.objects.exists()
