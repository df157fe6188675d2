"""Reading Stripe's objects about Bacs Direct Debit."""

from collections.abc import Sequence
from typing import Any

from gaap_payments.providers.direct_debit import (
    CollectionOutcome,
    CollectionStatus,
    MandateOutcome,
    MandateStatus,
)
from gaap_payments.providers.stripe.words import COLLECTIONS, LATE_FAILURES, MANDATE_ENDS, NETWORK


def mandate_status(session: Any) -> MandateStatus:
    """Return where the mandate of a Checkout Session (setup intent, mandate and method expanded) stands."""
    agreed = session.setup_intent
    mandate = agreed.mandate if agreed else None
    if mandate is None:
        return MandateStatus(MandateOutcome.OPEN)
    bacs, method = mandate.payment_method_details.bacs_debit, agreed.payment_method
    payer = method.billing_details
    return MandateStatus(
        _outcome(mandate.status, bacs.network_status),
        provider_id=str(mandate.id),
        bank_statement_reference=str(bacs.reference or ""),
        payer_name=str(payer.name or ""),
        payer_email=str(payer.email or ""),
        account_ending=str(method.bacs_debit.last4 or "")[-2:],
    )


def collection_status(intent: Any, disputes: Sequence[Any]) -> CollectionStatus:
    """Return where a PaymentIntent (charge and balance transaction expanded) with its ``disputes`` stands."""
    outcome = COLLECTIONS.get(intent.status, CollectionOutcome.PENDING)
    if outcome is CollectionOutcome.FAILED and intent.last_payment_error is None:
        outcome = CollectionOutcome.PENDING
    reason = _fault(intent.last_payment_error)
    if outcome is CollectionOutcome.SUCCESS:
        outcome, reason = _after_success(intent.latest_charge, disputes)
    return CollectionStatus(outcome, provider_id=str(intent.id), reason=reason)


def _outcome(status: str, network_status: str) -> MandateOutcome:
    """What the bank says counts before what Stripe makes of it: a refused mandate is inactive too."""
    if network_status in MANDATE_ENDS:
        return MANDATE_ENDS[network_status]
    return MandateOutcome.INACTIVE if status == "inactive" else NETWORK.get(network_status, MandateOutcome.PENDING)


def _after_success(charge: Any, disputes: Sequence[Any]) -> tuple[CollectionOutcome, str]:
    """A payment that comes back late does so as a dispute, whose reason says whether bank or payer wants it back."""
    standing = [dispute for dispute in disputes if dispute.status != "won"]
    if standing:
        reason = str(standing[0].reason)
        is_late = any(dispute.reason in LATE_FAILURES for dispute in standing)
        return (CollectionOutcome.FAILED if is_late else CollectionOutcome.INDEMNITY_CLAIM), reason
    movement = charge.balance_transaction if charge else None
    is_on_its_way = bool(disputes) or (movement is not None and movement.status == "available")
    return (CollectionOutcome.PAID_OUT if is_on_its_way else CollectionOutcome.SUCCESS), ""


def _fault(error: Any) -> str:
    return next((word for name in ("decline_code", "code", "type") if (word := getattr(error, name, None))), "")
