"""The ledger: one balanced entry for each movement of money, written with the change that it tells of.

Debits are positive and credits negative, in the smallest unit of the entry's currency. What happens is booked once:
kind and source are unique, so that a repeat changes nothing.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from gaap.clock import now
from gaap_payments.models import Dispute, GatewayAccount, LedgerEntry, LedgerLine, Payment, Payout, PayoutItem, Refund

Kind, Book = LedgerEntry.Kind, LedgerLine.Account


class UnbalancedEntryError(ValueError):
    """The lines of an entry do not sum to zero."""


def book_capture(payment: Payment) -> bool:
    """Book what the provider took from the payer: it holds the money, the service earned it."""
    lines = {
        Book.PROVIDER: payment.total_amount,
        Book.TAKINGS: -payment.amount,
        Book.SURCHARGES: -payment.corporate_surcharge,
    }
    return _post(Kind.CAPTURE, payment.pk, lines, payment=payment, moment=payment.captured_at)


def book_fee(payment: Payment, *, fee: int) -> bool:
    """Book what the provider keeps of a captured payment."""
    return _post(Kind.FEE, payment.pk, {Book.FEES: fee, Book.PROVIDER: -fee}, payment=payment)


def book_refund(refund: Refund) -> bool:
    """Book money that the provider gave back."""
    lines = {Book.REFUNDS: refund.amount, Book.PROVIDER: -refund.amount}
    return _post(Kind.REFUND, refund.pk, lines, payment=refund.payment)


def book_dispute(dispute: Dispute) -> bool:
    """Book what the payer's bank holds back until it has decided."""
    lines = {Book.DISPUTED: dispute.amount, Book.PROVIDER: -dispute.amount}
    return _post(Kind.DISPUTE, dispute.pk, lines, payment=dispute.payment)


def book_dispute_won(dispute: Dispute) -> bool:
    """Book that the payer's bank gave the money back."""
    lines = {Book.PROVIDER: dispute.amount, Book.DISPUTED: -dispute.amount}
    return _post(Kind.DISPUTE_WON, dispute.pk, lines, payment=dispute.payment)


def book_dispute_lost(dispute: Dispute) -> bool:
    """Book that the money is gone, and what the provider asks for its trouble."""
    lines = {Book.LOSSES: dispute.amount, Book.DISPUTED: -dispute.amount}
    booked = _post(Kind.DISPUTE_LOST, dispute.pk, lines, payment=dispute.payment)
    if dispute.fee:
        fee = {Book.FEES: dispute.fee, Book.PROVIDER: -dispute.fee}
        _post(Kind.DISPUTE_FEE, dispute.pk, fee, payment=dispute.payment)
    return booked


def book_adjustment(item: PayoutItem) -> bool:
    """Book a correction that the provider made of its own accord."""
    payout = item.payout
    lines = {Book.PROVIDER: item.net, Book.ADJUSTMENTS: -item.net}
    return post(payout.gateway_account, Kind.ADJUSTMENT, f"{payout.pk}-{item.pk}", lines, currency=payout.currency)


def book_payout(payout: Payout) -> bool:
    """Book what arrived in the service's bank account."""
    lines = {Book.BANK: payout.amount, Book.PROVIDER: -payout.amount}
    return post(payout.gateway_account, Kind.PAYOUT, str(payout.pk), lines, currency=payout.currency)


def unbook_payout(payout: Payout) -> bool:
    """Book that a payout came back."""
    lines = {Book.PROVIDER: payout.amount, Book.BANK: -payout.amount}
    return post(payout.gateway_account, Kind.PAYOUT, f"{payout.pk}-returned", lines, currency=payout.currency)


def balances(account: GatewayAccount) -> dict[tuple[str, str], int]:
    """Return the balance of each (book, currency) of a gateway account, in the currency's smallest unit."""
    lines = LedgerLine.objects.filter(entry__gateway_account=account).order_by()
    sums = lines.values_list("account", "currency").annotate(total=Sum("amount"))
    return {(book, currency): total for book, currency, total in sums}


@transaction.atomic
def post(
    account: GatewayAccount,
    kind: str,
    source_id: str,
    lines: Mapping[LedgerLine.Account, int],
    *,
    currency: str,
    payment: Payment | None = None,
    moment: datetime | None = None,
) -> bool:
    """Write one entry whose ``lines`` map books to amounts; lines of nothing are left out.

    Returns False when the entry is there already. Raises UnbalancedEntryError unless the lines sum to zero.
    """
    if sum(lines.values()):
        raise UnbalancedEntryError(f"{kind} {source_id} does not sum to zero.")
    entry, is_new = LedgerEntry.objects.get_or_create(
        kind=kind,
        source_id=source_id,
        defaults={"gateway_account": account, "payment": payment, "occurred_at": moment or now()},
    )
    if is_new:
        LedgerLine.objects.bulk_create(
            LedgerLine(entry=entry, account=book, amount=amount, currency=currency)
            for book, amount in lines.items()
            if amount
        )
    return is_new


def _post(
    kind: str,
    source_id: str,
    lines: Mapping[LedgerLine.Account, int],
    *,
    payment: Payment,
    moment: datetime | None = None,
) -> bool:
    return post(
        payment.gateway_account, kind, source_id, lines, currency=payment.currency, payment=payment, moment=moment
    )
