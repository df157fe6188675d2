"""Settlement: what the provider transferred to the service's bank account, and what each transfer was made of."""

from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction

from gaap.actors import SYSTEM
from gaap.outbox.services import emit
from gaap.states import move
from gaap_payments import states
from gaap_payments.models import Dispute, GatewayAccount, Payment, Payout, PayoutItem, Refund
from gaap_payments.providers.base import LineKind, PayoutLine, PayoutStatus
from gaap_payments.services.captures import learn_fee
from gaap_payments.services.ledger import book_adjustment, book_payout, unbook_payout
from gaap_payments.services.operations import provider_for

#: How far back a payout may still change at the provider.
LOOKS_BACK = timedelta(days=14)


def settle_account(account: GatewayAccount) -> int:
    """Take over the account's payouts of the last two weeks before its newest; returns how many there were.

    Raises ProviderError when the provider does not answer.
    """
    newest = account.payouts.order_by("-created_at").values_list("created_at", flat=True).first()
    since = (newest or account.created_at) - LOOKS_BACK
    statuses = provider_for(account).payouts(since=since)
    for status in statuses:
        apply_payout(account, status=status)
    return len(statuses)


@transaction.atomic
def apply_payout(account: GatewayAccount, *, status: PayoutStatus) -> Payout:
    """Store the provider's word on a payout, whether it is new or known; nothing happens when nothing changed."""
    payout, is_new = Payout.objects.get_or_create(
        gateway_account=account,
        provider_id=status.provider_id,
        defaults={"amount": status.amount, "currency": status.currency, "created_at": status.created_at},
    )
    payout.gateway_account = account
    if is_new:
        PayoutItem.objects.bulk_create(_item(payout, line) for line in status.lines)
        data = {**_event_data(payout), "status": payout.status}
        emit("payout_created", service_id=account.service_id, subject=f"payout/{payout.pk}", data=data)
    target = status.outcome.value
    if states.PAYOUT.can_move(payout.status, target):
        _move(payout, target, paid_on=status.paid_on)
    return payout


def _move(payout: Payout, target: str, *, paid_on: date | None) -> None:
    was_paid = payout.status == states.PAID
    changes = {"paid_on": paid_on}
    if not move(payout, target, table=states.PAYOUT, by=SYSTEM, changes=changes, data=_event_data(payout)):
        return
    if target == states.PAID:
        book_payout(payout)
        _settle_items(payout, on=paid_on)
    elif was_paid:
        unbook_payout(payout)


def _settle_items(payout: Payout, *, on: date | None) -> None:
    for item in payout.items.select_related("payment__gateway_account"):
        item.payout = payout
        SETTLERS[item.kind](item, on)


def _settle_charge(item: PayoutItem, on: date | None) -> None:
    if item.payment is None:
        # A Direct Debit, or what somebody else takes on the same account: the ledger knows no capture of it.
        book_adjustment(item)
    else:
        Payment.objects.filter(pk=item.payment.pk).update(settled_on=on)
        if item.fee and item.payment.status == states.CAPTURED:
            learn_fee(item.payment, fee=item.fee)


def _settle_refund(item: PayoutItem, on: date | None) -> None:
    Refund.objects.filter(payment=item.payment, provider_id=item.provider_id).update(settled_on=on)


def _settle_dispute(item: PayoutItem, on: date | None) -> None:
    Dispute.objects.filter(payment=item.payment, provider_id=item.provider_id).update(settled_on=on)


def _settle_adjustment(item: PayoutItem, on: date | None) -> None:
    book_adjustment(item)


SETTLERS: dict[str, Callable[[PayoutItem, date | None], None]] = {
    LineKind.CHARGE: _settle_charge,
    LineKind.REFUND: _settle_refund,
    LineKind.DISPUTE: _settle_dispute,
    LineKind.ADJUSTMENT: _settle_adjustment,
}


def _item(payout: Payout, line: PayoutLine) -> PayoutItem:
    payments = Payment.objects.filter(gateway_account=payout.gateway_account_id, pk=line.payment_id)
    return PayoutItem(
        payout=payout,
        kind=line.kind.value,
        payment=payments.first() if line.payment_id else None,
        provider_id=line.provider_id,
        amount=line.amount,
        fee=line.fee,
    )


def _event_data(payout: Payout) -> dict[str, object]:
    return {"payout_id": payout.pk, "amount": payout.amount, "currency": payout.currency}
