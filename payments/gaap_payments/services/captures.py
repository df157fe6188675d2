"""Captures: the authorised money is taken, once."""

from datetime import datetime, timedelta

from django.db import transaction

from gaap.actors import SYSTEM, Actor
from gaap.clock import now
from gaap.providers.errors import ProviderError
from gaap_payments import states
from gaap_payments.errors import CaptureFailedError, PaymentStateError
from gaap_payments.models import Payment, ProviderOperation
from gaap_payments.providers.base import ChargeStatus, Outcome
from gaap_payments.services.agreements import keep_instrument
from gaap_payments.services.ledger import book_capture, book_fee
from gaap_payments.services.operations import charge_of, close_operation, open_operation, provider_for
from gaap_payments.services.transitions import move_payment, wake_advance

CAPTURE = ProviderOperation.Kind.CAPTURE
#: Contract A.10.
RETRY_AFTER = timedelta(seconds=3600)
MAXIMUM_TRIES = 26


@transaction.atomic
def confirm_payment(payment: Payment, *, by: Actor) -> bool:
    """Take the citizen's word that the payment is right; returns False when somebody else was first.

    The money is captured by a worker at once, or with delayed capture when the service asks for it. Raises
    PaymentStateError when there is nothing to confirm.
    """
    if payment.status != states.SUBMITTED:
        raise PaymentStateError(f"Payment {payment.pk} is {payment.status}.")
    if payment.is_capture_delayed:
        is_confirmed = move_payment(payment, states.CAPTURABLE, by=by)
    else:
        is_confirmed = _approve(payment, by=by)
    if is_confirmed:
        keep_instrument(payment)
    return is_confirmed


@transaction.atomic
def request_capture(payment: Payment, *, by: Actor) -> None:
    """Capture a payment that waits for the service's word; a repeat changes nothing (contract A.12).

    Raises CaptureFailedError when the provider refused the money for good, PaymentStateError when the payment cannot be
    captured for any other reason.
    """
    if payment.status == states.CAPTURABLE and _approve(payment, by=by):
        return
    payment.refresh_from_db()
    if payment.is_capture_delayed and payment.status == states.CAPTURE_ERROR:
        raise CaptureFailedError(f"The capture of payment {payment.pk} failed.")
    if not (payment.is_capture_delayed and payment.state.status == "success"):
        raise PaymentStateError(f"Payment {payment.pk} is {payment.status}.")


def capture_payment(payment: Payment) -> None:
    """Ask the provider for the money of an approved payment; does nothing when another worker asks already."""
    operation = _take(payment)
    if operation is None:
        return
    provider = provider_for(payment.gateway_account)
    try:
        status = provider.capture(charge_of(payment), idempotency_key=operation.idempotency_key)
    except ProviderError as error:
        close_operation(payment, CAPTURE, error=error)
        _give_up_or_retry(payment, operation=operation, error=error)
    else:
        apply_capture(payment, status=status)


@transaction.atomic
def apply_capture(payment: Payment, *, status: ChargeStatus) -> None:
    """Store the provider's word on a capture; nothing happens while the provider has no new one."""
    submitted_at = payment.capture_submitted_at or now()
    if status.outcome is Outcome.CAPTURED:
        _finish(payment, status=status, submitted_at=submitted_at)
    elif status.outcome is Outcome.CAPTURE_SUBMITTED and payment.status == states.CAPTURE_READY:
        move_payment(payment, states.CAPTURE_SUBMITTED, by=SYSTEM, changes={"capture_submitted_at": submitted_at})
    elif status.outcome in _LOST:
        close_operation(payment, CAPTURE)
        move_payment(payment, states.CAPTURE_ERROR, by=SYSTEM)


def learn_fee(payment: Payment, *, fee: int) -> None:
    """Note and book what the provider keeps of a captured payment; nothing happens when it is known."""
    if book_fee(payment, fee=fee):
        Payment.objects.filter(pk=payment.pk).update(fee=fee)
        payment.fee = fee


_LOST = frozenset({Outcome.DECLINED, Outcome.ERROR, Outcome.CANCELLED})


def recover_capture(payment: Payment) -> None:
    """Find out what became of a capture whose answer never arrived, and ask again when it never reached the provider.

    Raises ProviderError when the provider does not answer now.
    """
    status = provider_for(payment.gateway_account).query(charge_of(payment))
    if status.outcome is Outcome.AUTHORISED and payment.status == states.CAPTURE_READY:
        if move_payment(payment, states.CAPTURE_APPROVED, by=SYSTEM):
            wake_advance(payment)
        return
    apply_capture(payment, status=status)


def _finish(payment: Payment, *, status: ChargeStatus, submitted_at: datetime) -> None:
    changes = {"captured_at": status.captured_at or now(), "capture_submitted_at": submitted_at}
    close_operation(payment, CAPTURE)
    if move_payment(payment, states.CAPTURED, by=SYSTEM, changes=changes):
        book_capture(payment)
        if status.fee is not None:
            learn_fee(payment, fee=status.fee)


def _approve(payment: Payment, *, by: Actor) -> bool:
    moved = move_payment(payment, states.CAPTURE_APPROVED, by=by)
    if moved:
        wake_advance(payment)
    return moved


@transaction.atomic
def _take(payment: Payment) -> ProviderOperation | None:
    if not move_payment(payment, states.CAPTURE_READY, by=SYSTEM):
        return None
    return open_operation(payment, CAPTURE)


def _give_up_or_retry(payment: Payment, *, operation: ProviderOperation, error: ProviderError) -> None:
    if error.permanent or operation.tries >= MAXIMUM_TRIES:
        move_payment(payment, states.CAPTURE_ERROR, by=SYSTEM)
    else:
        move_payment(payment, states.CAPTURE_APPROVED, by=SYSTEM, changes={"due_at": now() + RETRY_AFTER})
