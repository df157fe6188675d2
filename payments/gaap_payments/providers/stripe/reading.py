"""Reading Stripe's objects."""

from datetime import UTC, datetime
from typing import Any

from gaap_payments.providers.base import (
    CardFacts,
    ChargeStatus,
    DisputeStatus,
    Outcome,
    RefundStatus,
)
from gaap_payments.providers.stripe.words import BRANDS, DISPUTES, HOPELESS, INTENTS, REASONS, REFUNDS, WALLETS


def charge_status(intent: Any) -> ChargeStatus:
    """Return where a PaymentIntent (its latest charge and that one's balance transaction expanded) stands."""
    charge, fault = intent.latest_charge, intent.last_payment_error
    outcome = INTENTS.get(intent.status, Outcome.OPEN)
    if fault and (intent.status in ("requires_payment_method", "canceled")):
        return _declined(intent, fault)
    is_taken = outcome is Outcome.CAPTURED and charge and charge.balance_transaction
    movement = charge.balance_transaction if is_taken else None
    return ChargeStatus(
        outcome,
        provider_id=intent.id if outcome in (Outcome.AUTHORISED, Outcome.CAPTURED) else "",
        card=_card(charge),
        captured_at=moment(movement.created) if movement else None,
        fee=movement.fee if movement else None,
        instrument_id=f"{intent.customer}/{intent.payment_method}" if intent.setup_future_usage else "",
        is_challenged=_is_challenged(charge),
    )


def refund_status(refund: Any) -> RefundStatus:
    """Return where a Refund stands."""
    return RefundStatus(REFUNDS[refund.status], provider_id=refund.id, reason=refund.failure_reason or "")


def dispute_status(dispute: Any) -> DisputeStatus:
    """Return where a Dispute (its balance transactions included) stands."""
    due_by = dispute.evidence_details.due_by if dispute.evidence_details else None
    return DisputeStatus(
        provider_id=dispute.id,
        outcome=DISPUTES[dispute.status],
        amount=dispute.amount,
        reason=REASONS.get(dispute.reason, "other"),
        opened_at=moment(dispute.created),
        evidence_due_at=moment(due_by) if due_by else None,
        fee=sum(movement.fee for movement in dispute.balance_transactions or ()),
    )


def moment(seconds: int) -> datetime:
    """Return Stripe's seconds since 1970 as a time in UTC."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def _declined(intent: Any, fault: Any) -> ChargeStatus:
    reason = next((word for name in ("decline_code", "code", "type") if (word := getattr(fault, name, None))), "")
    return ChargeStatus(
        Outcome.DECLINED,
        provider_id=intent.id,
        card=_card(intent.latest_charge),
        reason=reason,
        can_retry=reason not in HOPELESS,
        is_challenged=_is_challenged(intent.latest_charge),
    )


def _details(charge: Any) -> Any:
    return getattr(charge.payment_method_details, "card", None) if charge and charge.payment_method_details else None


def _card(charge: Any) -> CardFacts | None:
    card = _details(charge)
    if card is None:
        return None
    wallet = card.wallet.type if card.wallet else ""
    return CardFacts(
        brand=BRANDS.get(card.brand, ""),
        type=card.funding if card.funding in ("debit", "credit") else "",
        first_digits="",
        last_digits=card.last4,
        expiry_date=f"{card.exp_month:02}/{card.exp_year % 100:02}",
        wallet_type=WALLETS.get(wallet, ""),
    )


def _is_challenged(charge: Any) -> bool | None:
    card = _details(charge)
    return None if card is None else bool(card.three_d_secure)
