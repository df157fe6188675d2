"""Proving the ledger: that it balances, and that it tells the same as the payments and refunds themselves."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Sum

from gaap_payments import states
from gaap_payments.models import LedgerEntry, LedgerLine, Payment, Refund

Kind = LedgerEntry.Kind
SHOWN = 100


def ledger_faults() -> Iterator[str]:
    """Yield what is wrong with the ledger, at most 100 of each kind, as a sentence that names the row.

    Every entry sums to zero in each currency; every captured payment and every refund that succeeded is booked, and
    nothing else is.
    """
    for entry_id, currency, total in _unbalanced()[:SHOWN]:
        yield f"Entry {entry_id} does not sum to zero: {total} {currency}."
    for payment_id in _without(Kind.CAPTURE, Payment.objects.filter(status=states.CAPTURED)):
        yield f"Payment {payment_id} is captured and not booked."
    for refund_id in _without(Kind.REFUND, Refund.objects.filter(status=states.REFUND_SUCCESS)):
        yield f"Refund {refund_id} succeeded and is not booked."
    for refund_id in _booked_too_early():
        yield f"Refund {refund_id} is booked and did not succeed."


def _unbalanced() -> "QuerySet[LedgerLine, tuple[Any, ...]]":
    sums = LedgerLine.objects.order_by().values("entry", "currency").annotate(total=Sum("amount"))
    return sums.exclude(total=0).values_list("entry", "currency", "total")


def _without(kind: str, rows: "QuerySet[Any]") -> list[str]:
    booked = LedgerEntry.objects.filter(kind=kind, source_id=OuterRef("pk"))
    return list(rows.filter(~Exists(booked)).values_list("pk", flat=True)[:SHOWN])


def _booked_too_early() -> list[str]:
    done = Refund.objects.filter(pk=OuterRef("source_id"), status=states.REFUND_SUCCESS)
    entries = LedgerEntry.objects.filter(~Exists(done), kind=Kind.REFUND)
    return list(entries.values_list("source_id", flat=True)[:SHOWN])
