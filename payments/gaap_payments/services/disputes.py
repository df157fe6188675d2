"""Disputes: following what providers tell of them, with the money that moves."""

from django.db import transaction

from gaap.actors import SYSTEM
from gaap.outbox.services import emit
from gaap.states import move
from gaap_payments import states
from gaap_payments.models import Dispute, Payment
from gaap_payments.providers.base import DisputeStatus
from gaap_payments.services.ledger import book_dispute, book_dispute_lost, book_dispute_won
from gaap_payments.services.operations import charge_of, provider_for

#: While one of these stands, the payment is not refunded: the payer has the money, or may get it.
HOLDING = (states.NEEDS_RESPONSE, states.UNDER_REVIEW, states.LOST)


def follow_disputes(payment: Payment) -> None:
    """Take over every dispute that the provider tells of; raises ProviderError when it does not answer."""
    if payment.status != states.CAPTURED or payment.authorisation_mode == Payment.Mode.EXTERNAL:
        return
    for status in provider_for(payment.gateway_account).disputes(charge_of(payment)):
        apply_dispute(payment, status=status)


@transaction.atomic
def apply_dispute(payment: Payment, *, status: DisputeStatus) -> Dispute:
    """Store the provider's word on a dispute, whether it is new or known; nothing happens when nothing changed."""
    dispute = _known_or_new(payment, status=status)
    if dispute.status != status.outcome.value and states.DISPUTE.can_move(dispute.status, status.outcome.value):
        _move(dispute, status=status)
    holds = payment.disputes.filter(status__in=HOLDING).exists()
    Payment.objects.filter(pk=payment.pk).update(is_disputed=holds)
    payment.is_disputed = holds
    return dispute


def _known_or_new(payment: Payment, *, status: DisputeStatus) -> Dispute:
    dispute, is_new = Dispute.objects.get_or_create(
        payment=payment,
        provider_id=status.provider_id,
        defaults={
            "service_id": payment.service_id,
            "is_live": payment.is_live,
            "amount": status.amount,
            "reason": status.reason,
            "created_at": status.opened_at,
            "evidence_due_at": status.evidence_due_at,
        },
    )
    dispute.payment = payment
    if is_new:
        book_dispute(dispute)
        data = {**_event_data(dispute), "status": dispute.status}
        emit("dispute_opened", service_id=dispute.service_id, subject=f"dispute/{dispute.pk}", data=data)
    return dispute


def _move(dispute: Dispute, *, status: DisputeStatus) -> None:
    changes = {"fee": status.fee, "evidence_due_at": status.evidence_due_at}
    target = status.outcome.value
    if not move(dispute, target, table=states.DISPUTE, by=SYSTEM, changes=changes, data=_event_data(dispute)):
        return
    if target == states.WON:
        book_dispute_won(dispute)
    if target == states.LOST:
        book_dispute_lost(dispute)


def _event_data(dispute: Dispute) -> dict[str, object]:
    return {
        "dispute_id": dispute.pk,
        "payment_id": dispute.payment_id,
        "amount": dispute.amount,
        "currency": dispute.payment.currency,
    }
