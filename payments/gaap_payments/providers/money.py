"""What a payment service provider says of money after a charge: refunds, disputes and payouts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class RefundOutcome(StrEnum):
    """Where a refund stands at the provider."""

    UNKNOWN = "unknown"
    SUBMITTED = "submitted"
    SUCCESS = "success"
    ERROR = "error"


class DisputeOutcome(StrEnum):
    """Where a dispute stands at the provider, in the contract's words (A.8)."""

    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


class PayoutOutcome(StrEnum):
    """Where a transfer to the service's bank account stands."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"


class LineKind(StrEnum):
    """What a line of a payout is about."""

    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True)
class RefundStatus:
    """The provider's word on a refund. ``reason`` is for operators, in the provider's own words."""

    outcome: RefundOutcome
    provider_id: str = ""
    reason: str = ""


@dataclass(frozen=True)
class DisputeStatus:
    """The provider's word on a dispute: the payer's bank wants ``amount`` back, in the charge's smallest unit.

    ``reason`` is one of ``DISPUTE_REASONS``. ``fee`` is what the provider asks for a lost one.
    """

    provider_id: str
    outcome: DisputeOutcome
    amount: int
    reason: str
    opened_at: datetime
    evidence_due_at: datetime | None = None
    fee: int = 0


@dataclass(frozen=True)
class PayoutLine:
    """One movement in a payout, in the payout's smallest unit.

    ``amount`` is positive for what came in (a charge, a dispute that was won) and negative for what went back;
    ``fee`` is positive for what the provider keeps. ``provider_id`` names the charge, refund or dispute.
    """

    kind: LineKind
    amount: int
    fee: int = 0
    payment_id: str = ""
    provider_id: str = ""


@dataclass(frozen=True)
class PayoutStatus:
    """The provider's word on a payout: ``amount`` is the sum of its lines' amounts less their fees."""

    provider_id: str
    outcome: PayoutOutcome
    amount: int
    currency: str
    created_at: datetime
    paid_on: date | None = None
    lines: Sequence[PayoutLine] = ()


#: Why payers' banks open disputes (contract A.8).
DISPUTE_REASONS = (
    "credit_not_processed",
    "duplicate",
    "fraudulent",
    "general",
    "product_not_received",
    "product_unacceptable",
    "unrecognised",
    "subscription_cancelled",
    "other",
)


@dataclass(frozen=True)
class EvidenceFile:
    """A document of the service's: its name, its media type, and what is in it."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Evidence:
    """Why the payment is right, in the service's own words, with a document where there is one."""

    explanation: str = field(repr=False)
    file: EvidenceFile | None = None
