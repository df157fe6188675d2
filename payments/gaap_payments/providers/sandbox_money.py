"""What the sandbox does with money after an authorisation: captures, refunds, disputes and payouts.

Words in a payment's description decide what goes wrong; ``WORDS`` is their documentation. What happens later happens by
itself when the suite's clock has come so far, and a signed event says so.
"""

import uuid
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.db.models import F

from gaap.clock import now
from gaap.providers.errors import ProviderError
from gaap_payments.models.sandbox import SandboxCharge, SandboxEvent, SandboxRefund
from gaap_payments.models.sandbox_money import SandboxDispute, SandboxMovement, SandboxPayout
from gaap_payments.providers.base import (
    ChargeReference,
    ChargeStatus,
    DisputeEvidenceProvider,
    DisputeOutcome,
    DisputeStatus,
    Evidence,
    LineKind,
    Outcome,
    PayoutLine,
    PayoutOutcome,
    PayoutStatus,
    RefundOutcome,
    RefundStatus,
)

#: Words in a payment's description, and what the sandbox does then.
WORDS = {
    "CAPTURE_LATE": "the capture is confirmed an hour after it was asked for",
    "CAPTURE_FAILS": "the capture is accepted and then fails",
    "CAPTURE_DOWN": "the first try to capture gets no answer",
    "REFUND_LATE": "a refund is accepted and made an hour later",
    "REFUND_FAILS": "a refund is accepted and fails a minute later",
    "DISPUTE_OPEN": "the payer's bank wants the payment back as soon as it is captured, and never decides",
    "DISPUTE_WON": "the same, and an hour later the payment stays with the service",
    "DISPUTE_LOST": "the same, and an hour later the payment goes back to the payer",
}
#: Words in the evidence about a dispute that is open, and how the bank decides an hour later.
EVIDENCE_WORDS = {"winning_evidence": True, "losing_evidence": False}
LATE, SOON = timedelta(hours=1), timedelta(minutes=1)
EVIDENCE_WITHIN = timedelta(days=7)
#: What the sandbox asks for a dispute that is lost, in the smallest unit.
DISPUTE_FEE = 1500
#: What it keeps of a charge when the account's credentials say ``takes_fees``: a fixed part and so many per mille.
FEE_FIXED, FEE_PER_MILLE = 20, 15

_Status = SandboxCharge.Status


class SandboxMoney(DisputeEvidenceProvider):
    """The part of the sandbox that moves money."""

    credentials_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {"takes_fees": {"type": "boolean"}},
        "additionalProperties": False,
    }

    @abstractmethod
    def _entry(self, charge: ChargeReference) -> SandboxCharge:
        """Return the sandbox's record of a charge; raises ProviderError when there is none."""

    def capture(self, charge: ChargeReference, *, idempotency_key: str) -> ChargeStatus:
        """Note the capture; an event says when it is done."""
        entry = self._entry(charge)
        tries = SandboxCharge.objects.filter(pk=entry.pk)
        if says(entry, "CAPTURE_DOWN") and tries.filter(capture_tries=0).update(capture_tries=1):
            raise ProviderError("The sandbox does not answer.", permanent=False)
        is_taken = self._take(entry)
        entry.refresh_from_db()
        if entry.status != _Status.CAPTURED and not (is_taken and says(entry, "CAPTURE_FAILS")):
            raise ProviderError(f"The charge is {entry.status}.", permanent=True)
        return ChargeStatus(Outcome.CAPTURE_SUBMITTED, provider_id=str(entry.pk))

    def refund(self, charge: ChargeReference, *, amount: int, idempotency_key: str) -> RefundStatus:
        """Give money back, never more than was taken."""
        entry = self._entry(charge)
        try:
            refund = _book_refund(entry, amount, idempotency_key)
        except IntegrityError:
            refund = SandboxRefund.objects.get(charge=entry, idempotency_key=idempotency_key)
        return _refund_status(refund)

    def query_refund(self, charge: ChargeReference, *, provider_id: str, idempotency_key: str) -> RefundStatus:
        """Read the books."""
        refunds = SandboxRefund.objects.filter(charge__account_id=self.account.id, idempotency_key=idempotency_key)
        refund = refunds.filter(charge__payment_id=charge.payment_id).first()
        return _refund_status(refund) if refund else RefundStatus(RefundOutcome.UNKNOWN)

    def disputes(self, charge: ChargeReference) -> Sequence[DisputeStatus]:
        """Read the books."""
        disputes = SandboxDispute.objects.filter(charge__account_id=self.account.id, opened_at__lte=now())
        return [_dispute_status(dispute) for dispute in disputes.filter(charge__payment_id=charge.payment_id)]

    def send_evidence(
        self, charge: ChargeReference, dispute_id: str, evidence: Evidence, *, idempotency_key: str
    ) -> DisputeStatus:
        """Note that evidence came, once and in time; its words may decide the dispute."""
        disputes = SandboxDispute.objects.filter(charge__account_id=self.account.id, pk=dispute_id)
        dispute = disputes.select_related("charge").get()
        if dispute.evidence_at is None:
            _receive_evidence(dispute, evidence)
        return _dispute_status(dispute)

    def payouts(self, *, since: datetime) -> Sequence[PayoutStatus]:
        """Pay out what has moved since the last time, and return what was paid out since then."""
        _pay_out(self.account.id)
        payouts = SandboxPayout.objects.filter(account_id=self.account.id, created_at__gte=since).order_by("created_at")
        return [_payout_status(payout) for payout in payouts]

    @transaction.atomic
    def _take(self, entry: SandboxCharge) -> bool:
        moment = now() + LATE if says(entry, "CAPTURE_LATE") else now()
        fails = says(entry, "CAPTURE_FAILS")
        values: dict[str, Any] = (
            {"status": _Status.ERROR} if fails else {"status": _Status.CAPTURED, "captured_at": moment}
        )
        values |= {"fee": None if fails else self._fee(entry.amount)}
        if not SandboxCharge.objects.filter(pk=entry.pk, status=_Status.AUTHORISED).update(**values):
            return False
        SandboxEvent.objects.create(charge=entry, type="charge.captured", due_at=moment)
        if not fails:
            fee = self._fee(entry.amount) or 0
            _move(entry, LineKind.CHARGE, str(entry.pk), amount=entry.amount, fee=fee, at=moment)
            _dispute_by_word(entry, moment)
        return True

    def _fee(self, amount: int) -> int | None:
        return FEE_FIXED + amount * FEE_PER_MILLE // 1000 if self.account.credentials.get("takes_fees") else None


def says(entry: SandboxCharge, word: str) -> bool:
    """Tell whether the payment's description holds one of ``WORDS``."""
    return word in entry.description.upper()


@transaction.atomic
def open_dispute(entry: SandboxCharge, *, at: datetime, is_won: bool | None = None) -> SandboxDispute:
    """Have the payer's bank want a captured charge back; with ``is_won`` it decides an hour later."""
    decided_at = None if is_won is None else at + LATE
    left = entry.amount - entry.refunded_amount
    dispute = SandboxDispute.objects.create(
        charge=entry, amount=left, reason="fraudulent", opened_at=at, decided_at=decided_at, is_won=bool(is_won)
    )
    _move(entry, LineKind.DISPUTE, f"{dispute.pk}-opened", amount=-left, at=at)
    SandboxEvent.objects.create(charge=entry, type="dispute.opened", due_at=at)
    if decided_at is not None:
        _book_decision(dispute, at=decided_at)
    return dispute


def _book_decision(dispute: SandboxDispute, *, at: datetime) -> None:
    amount, fee = (dispute.amount, 0) if dispute.is_won else (0, DISPUTE_FEE)
    SandboxDispute.objects.filter(pk=dispute.pk).update(fee=fee)
    dispute.fee = fee
    _move(dispute.charge, LineKind.DISPUTE, f"{dispute.pk}-decided", amount=amount, fee=fee, at=at)
    SandboxEvent.objects.create(charge=dispute.charge, type="dispute.closed", due_at=at)


@transaction.atomic
def _receive_evidence(dispute: SandboxDispute, evidence: Evidence) -> None:
    is_over = dispute.decided_at is not None and dispute.decided_at <= now()
    if is_over or dispute.opened_at + EVIDENCE_WITHIN <= now():
        raise ProviderError("The bank takes no more evidence.", permanent=True)
    word = next((word for word in EVIDENCE_WORDS if word in evidence.explanation), "")
    values: dict[str, Any] = {"evidence_at": now()}
    if word and dispute.decided_at is None:
        values |= {"decided_at": now() + LATE, "is_won": EVIDENCE_WORDS[word]}
    if SandboxDispute.objects.filter(pk=dispute.pk, evidence_at__isnull=True).update(**values):
        is_decided_now = "decided_at" in values
        for name, value in values.items():
            setattr(dispute, name, value)
        if is_decided_now:
            _book_decision(dispute, at=values["decided_at"])


def _dispute_by_word(entry: SandboxCharge, moment: datetime) -> None:
    for word, is_won in (("DISPUTE_WON", True), ("DISPUTE_LOST", False), ("DISPUTE_OPEN", None)):
        if says(entry, word):
            open_dispute(entry, at=moment, is_won=is_won)
            return


@transaction.atomic
def _book_refund(entry: SandboxCharge, amount: int, idempotency_key: str) -> SandboxRefund:
    fails = says(entry, "REFUND_FAILS")
    wait = LATE if says(entry, "REFUND_LATE") else SOON if fails else timedelta()
    refund = SandboxRefund.objects.create(
        charge=entry, amount=amount, idempotency_key=idempotency_key, done_at=now() + wait, fails=fails
    )
    taken = SandboxCharge.objects.filter(
        pk=entry.pk, status=_Status.CAPTURED, refunded_amount__lte=F("amount") - amount
    ).update(refunded_amount=F("refunded_amount") + (0 if fails else amount))
    if not taken:
        raise ProviderError("More than is left of the charge.", permanent=True)
    if not fails:
        _move(entry, LineKind.REFUND, str(refund.pk), amount=-amount, at=refund.done_at)
    if wait:
        SandboxEvent.objects.create(charge=entry, type="refund.updated", due_at=refund.done_at)
    return refund


def _move(entry: SandboxCharge, kind: LineKind, source_id: str, *, amount: int, at: datetime, fee: int = 0) -> None:
    SandboxMovement.objects.create(
        charge=entry, kind=kind.value, source_id=source_id, amount=amount, fee=fee, moved_at=at
    )


@transaction.atomic
def _pay_out(account_id: str) -> None:
    waiting = SandboxMovement.objects.filter(
        charge__account_id=account_id, payout__isnull=True, moved_at__lte=now()
    ).select_for_update(of=("self",))
    ids_by_currency: dict[str, list[int]] = {}
    for pk, currency in waiting.values_list("pk", "charge__currency"):
        ids_by_currency.setdefault(currency, []).append(pk)
    for currency, ids in ids_by_currency.items():
        payout = SandboxPayout.objects.create(account_id=uuid.UUID(account_id), currency=currency)
        SandboxMovement.objects.filter(pk__in=ids, payout__isnull=True).update(payout=payout)


def _payout_status(payout: SandboxPayout) -> PayoutStatus:
    movements = list(payout.movements.select_related("charge").order_by("pk"))
    return PayoutStatus(
        provider_id=str(payout.pk),
        outcome=PayoutOutcome.PAID,
        amount=sum(movement.amount - movement.fee for movement in movements),
        currency=payout.currency,
        created_at=payout.created_at,
        paid_on=payout.created_at.date(),
        lines=[_line(movement) for movement in movements],
    )


def _line(movement: SandboxMovement) -> PayoutLine:
    provider_id = movement.source_id.removesuffix("-opened").removesuffix("-decided")
    return PayoutLine(
        LineKind(movement.kind), movement.amount, movement.fee, movement.charge.payment_id, provider_id=provider_id
    )


def _refund_status(refund: SandboxRefund) -> RefundStatus:
    provider_id = str(refund.pk)
    if refund.done_at > now():
        return RefundStatus(RefundOutcome.SUBMITTED, provider_id=provider_id)
    if refund.fails:
        return RefundStatus(RefundOutcome.ERROR, provider_id=provider_id, reason="The payer's account is closed.")
    return RefundStatus(RefundOutcome.SUCCESS, provider_id=provider_id)


def _dispute_status(dispute: SandboxDispute) -> DisputeStatus:
    is_decided = dispute.decided_at is not None and dispute.decided_at <= now()
    decision = DisputeOutcome.WON if dispute.is_won else DisputeOutcome.LOST
    waiting = DisputeOutcome.UNDER_REVIEW if dispute.evidence_at else DisputeOutcome.NEEDS_RESPONSE
    return DisputeStatus(
        provider_id=str(dispute.pk),
        outcome=decision if is_decided else waiting,
        amount=dispute.amount,
        reason=dispute.reason,
        opened_at=dispute.opened_at,
        evidence_due_at=dispute.opened_at + EVIDENCE_WITHIN,
        fee=dispute.fee if is_decided else 0,
    )
