"""Refunds: money is given back, never more than was taken and never twice for one request."""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from gaap.actors import SYSTEM, Actor
from gaap.clock import now
from gaap.outbox.services import emit
from gaap.providers.errors import ProviderError
from gaap.states import move
from gaap.work import claim, held
from gaap_payments import states
from gaap_payments.errors import (
    AccountDisabledError,
    RefundAvailableMismatchError,
    RefundDisputedError,
    RefundUnavailableError,
)
from gaap_payments.models import Payment, Refund
from gaap_payments.providers.base import RefundOutcome, RefundStatus
from gaap_payments.services.ledger import book_refund
from gaap_payments.services.operations import charge_of, provider_for
from gaap_payments.services.waking import wake_by_name

logger = logging.getLogger(__name__)

#: How long to wait for the provider's event before asking how a refund went.
EVENT_WITHIN = timedelta(minutes=10)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
#: After so many tries without an answer the refund is given up, if the provider never heard of it.
MAXIMUM_TRIES = 26


def refund_status(payment: Payment) -> str:
    """Return what the contract says of the money that can be given back (A.7).

    ``pending`` before the capture is done, ``unavailable`` when there never is anything, else ``available`` or
    ``full``.
    """
    is_lost = payment.state.is_finished and payment.state.status != "success"
    if is_lost or payment.authorisation_mode == Payment.Mode.EXTERNAL:
        return "unavailable"
    if payment.status != states.CAPTURED:
        return "pending"
    return "available" if payment.refundable_amount > 0 else "full"


@transaction.atomic
def create_refund(payment: Payment, *, amount: int, by: Actor, amount_available: int | None = None) -> Refund:
    """Give ``amount`` (smallest unit, at least 1) of a captured payment back and return the refund.

    ``amount_available`` is what the caller believes to be left; another figure refuses the refund, so that of many
    parallel requests with the same figure one succeeds. Raises AccountDisabledError, RefundUnavailableError,
    RefundDisputedError and RefundAvailableMismatchError.
    """
    if not payment.gateway_account.is_enabled:
        raise AccountDisabledError("The gateway account is disabled.")
    _reserve(payment, amount=amount, amount_available=amount_available)
    refund = Refund.objects.create(
        payment=payment,
        service_id=payment.service_id,
        is_live=payment.is_live,
        amount=amount,
        created_by=f"{by.kind}:{by.id}",
        due_at=now(),
    )
    emit(
        "refund_created",
        service_id=refund.service_id,
        subject=f"refund/{refund.pk}",
        data={**_event_data(refund), "status": refund.status},
    )
    wake_by_name("gaap_payments.tasks.advance_refund", refund.pk)
    return refund


def check_refund(payment: Payment, *, amount: int, amount_available: int | None) -> None:
    """Raise what ``create_refund`` would raise of a payment as it is now; its account is not looked at."""
    status = refund_status(payment)
    if payment.is_disputed and status in ("available", "full"):
        raise RefundDisputedError(f"Payment {payment.pk} is disputed.")
    if status != "available":
        raise RefundUnavailableError(status)
    if amount_available is not None and amount_available != payment.refundable_amount:
        raise RefundAvailableMismatchError(f"Payment {payment.pk} has {payment.refundable_amount} left.")
    if amount > payment.refundable_amount:
        raise RefundUnavailableError("amount_not_available")


def advance_refund(refund_id: str) -> bool:
    """Do what is due on a refund; returns False when nothing is, or somebody else does it."""
    refund = Refund.objects.select_related("payment__gateway_account").get(pk=refund_id)
    if not claim(refund):
        return False
    try:
        if refund.status == states.WAITING:
            _ask(refund)
        else:
            follow_refund(refund)
    except ProviderError as error:
        logger.warning("Refund %s stays %s for now: %s", refund.pk, refund.status, error)
        _put_off(refund, failure=str(error))
    return True


def follow_refund(refund: Refund) -> None:
    """Ask the provider how a refund went and follow it; raises ProviderError when it does not answer."""
    apply_refund(refund, status=_query(refund))
    if refund.status == states.REFUND_SUBMITTED:
        _put_off(refund)


def follow_refunds(payment: Payment) -> None:
    """Follow every refund of ``payment`` that the provider has; raises ProviderError when it does not answer."""
    for refund in payment.refunds.filter(status=states.REFUND_SUBMITTED).select_related("payment__gateway_account"):
        apply_refund(refund, status=_query(refund))


@transaction.atomic
def apply_refund(refund: Refund, *, status: RefundStatus) -> None:
    """Store the provider's word on a refund; nothing happens while it has no new one."""
    learned = {"provider_id": status.provider_id or refund.provider_id, "attempts": 0}
    if status.outcome is RefundOutcome.SUCCESS:
        if _move(refund, states.REFUND_SUCCESS, **learned, due_at=None, failure=""):
            book_refund(refund)
    elif status.outcome is RefundOutcome.ERROR:
        _fail(refund, reason=status.reason)
    elif status.outcome is RefundOutcome.SUBMITTED and refund.status == states.WAITING:
        _move(refund, states.REFUND_SUBMITTED, **learned, due_at=now() + EVENT_WITHIN, failure="")


def _reserve(payment: Payment, *, amount: int, amount_available: int | None) -> None:
    """Take the amount off what is left, if nobody took some since it was read; else look again."""
    while True:
        check_refund(payment, amount=amount, amount_available=amount_available)
        unchanged = Payment.objects.filter(
            pk=payment.pk, status=states.CAPTURED, is_disputed=False, refunded_amount=payment.refunded_amount
        )
        if unchanged.update(refunded_amount=F("refunded_amount") + amount):
            payment.refunded_amount += amount
            return
        payment.refresh_from_db(fields=["status", "is_disputed", "refunded_amount"])


def _ask(refund: Refund) -> None:
    if refund.attempts > MAXIMUM_TRIES:
        _give_up(refund)
        return
    payment = refund.payment
    provider = provider_for(payment.gateway_account)
    try:
        status = provider.refund(charge_of(payment), amount=refund.amount, idempotency_key=refund.idempotency_key)
    except ProviderError as error:
        if not error.permanent:
            raise
        status = RefundStatus(RefundOutcome.ERROR, reason=str(error))
    apply_refund(refund, status=status)


def _give_up(refund: Refund) -> None:
    status = _query(refund)
    if status.outcome is RefundOutcome.UNKNOWN:
        status = RefundStatus(RefundOutcome.ERROR, reason="The provider never answered.")
    apply_refund(refund, status=status)


def _query(refund: Refund) -> RefundStatus:
    payment = refund.payment
    return provider_for(payment.gateway_account).query_refund(
        charge_of(payment), provider_id=refund.provider_id, idempotency_key=refund.idempotency_key
    )


def _fail(refund: Refund, *, reason: str) -> None:
    """The money stays: what was set aside for the refund can be given back by another one."""
    if _move(refund, states.REFUND_ERROR, due_at=None, failure=reason[:500]):
        Payment.objects.filter(pk=refund.payment_id).update(refunded_amount=F("refunded_amount") - refund.amount)


def _put_off(refund: Refund, *, failure: str = "") -> None:
    wait = min(FIRST_WAIT * 2 ** min(refund.attempts - 1, 10), LONGEST_WAIT)
    held(refund).update(due_at=now() + wait, failure=failure[:500])


def _move(refund: Refund, target: str, **changes: Any) -> bool:
    if not states.REFUND.can_move(refund.status, target):
        return False
    return move(refund, target, table=states.REFUND, by=SYSTEM, changes=changes, data=_event_data(refund))


def _event_data(refund: Refund) -> dict[str, Any]:
    return {
        "refund_id": refund.pk,
        "payment_id": refund.payment_id,
        "amount": refund.amount,
        "currency": refund.payment.currency,
    }
