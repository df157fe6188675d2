"""Payments: creating, starting and ending them."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from gaap.actors import SYSTEM, Actor
from gaap.clock import now
from gaap.identifiers import new_base32_id
from gaap.outbox.services import NewEvent, insert_with_event
from gaap.providers.errors import ProviderError
from gaap_payments import states
from gaap_payments.errors import PaymentBusyError, PaymentStateError
from gaap_payments.models import Agreement, GatewayAccount, Payment, ProviderOperation
from gaap_payments.services.operations import (
    charge_of,
    close_operation,
    open_operation,
    order_of,
    provider_for,
)
from gaap_payments.services.transitions import (
    EXPIRES_AFTER,
    event_data,
    history_entry,
    move_payment,
    wake_advance,
)

SESSION, CANCEL = ProviderOperation.Kind.SESSION, ProviderOperation.Kind.CANCEL


@dataclass(frozen=True)
class NewPayment:
    """What a service asks for, already validated (contract A.6). ``amount`` in the smallest unit of ``currency``."""

    amount: int
    currency: str
    reference: str
    description: str
    return_url: str
    language: str = "en"
    email: str = ""
    is_capture_delayed: bool = False
    is_moto: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)
    cardholder_name: str = ""
    billing_address: dict[str, str] | None = None
    authorisation_mode: str = Payment.Mode.WEB
    agreement: Agreement | None = None
    agreement_payment_type: str = ""


def create_payment(account: GatewayAccount, *, order: NewPayment, by: Actor, id: str = "") -> Payment:
    """Create a payment on ``account`` and return it.

    ``id`` is one that ``new_base32_id`` made before, so that the same payment is never created twice: a repeat raises
    IntegrityError.
    """
    moment = now()
    is_due_at_once = order.authorisation_mode == Payment.Mode.AGREEMENT
    payment = Payment(
        id=id or new_base32_id(),
        service_id=account.service_id,
        gateway_account=account,
        is_live=account.is_live,
        created_at=moment,
        created_by=by.id,
        due_at=moment if is_due_at_once else moment + EXPIRES_AFTER,
        **vars(order),
    )
    created = NewEvent(
        "payment_created",
        service_id=payment.service_id,
        subject=f"payment/{payment.pk}",
        data={**event_data(payment, status=payment.status), "status": payment.status},
    )
    insert_with_event(payment, history_entry(payment, moment=moment, by=by), event=created)
    if is_due_at_once:
        wake_advance(payment)
    return payment


def start_payment(payment: Payment, *, by: Actor) -> None:
    """Open a session at the provider, so that the citizen can pay; nothing happens when one is open.

    After a declined card the citizen's next try gets a session of its own.

    Raises ProviderError when the provider does not answer now; a refusal for good ends the payment.
    """
    if payment.session_id or payment.status not in (states.CREATED, states.STARTED):
        return
    operation = open_operation(payment, SESSION)
    try:
        session_id = provider_for(payment.gateway_account).create_session(
            order_of(payment), idempotency_key=operation.idempotency_key
        )
    except ProviderError as error:
        close_operation(payment, SESSION, error=error)
        if not error.permanent:
            raise
        _move_or_refresh(payment, states.AUTHORISATION_ERROR, by=by)
        return
    close_operation(payment, SESSION)
    if payment.status == states.CREATED:
        _move_or_refresh(payment, states.STARTED, by=by, session_id=session_id)
    else:
        _keep_session(payment, session_id)


def cancel_payment(payment: Payment, *, by: Actor) -> None:
    """Cancel a payment for the service; raises PaymentStateError or PaymentBusyError when that cannot be."""
    _end(payment, states.CANCELLED_BY_SERVICE, ready=states.SERVICE_CANCEL_READY, by=by)


def cancel_payment_as_citizen(payment: Payment, *, by: Actor) -> None:
    """Cancel a payment for the citizen; raises PaymentStateError or PaymentBusyError when that cannot be."""
    _end(payment, states.CANCELLED_BY_USER, ready=states.USER_CANCEL_READY, by=by)


def expire_payment(payment: Payment) -> None:
    """End a payment whose time is over (contract A.10)."""
    _end(payment, states.EXPIRED, ready=states.EXPIRY_READY, by=SYSTEM)


def release_payment(payment: Payment) -> None:
    """Have the provider release what it holds for an ended payment, then finish it.

    A refusal for good is kept on the operation for operators: an authorisation that is never captured lapses.
    Raises ProviderError when the provider does not answer now.
    """
    operation = open_operation(payment, CANCEL)
    try:
        if payment.session_id:
            provider_for(payment.gateway_account).cancel(charge_of(payment), idempotency_key=operation.idempotency_key)
    except ProviderError as error:
        close_operation(payment, CANCEL, error=error)
        if not error.permanent:
            raise
    else:
        close_operation(payment, CANCEL)
    move_payment(payment, RELEASED[payment.status], by=SYSTEM)


RELEASED = {
    states.USER_CANCEL_READY: states.CANCELLED_BY_USER,
    states.SERVICE_CANCEL_READY: states.CANCELLED_BY_SERVICE,
    states.EXPIRY_READY: states.EXPIRED,
}


@transaction.atomic
def _end(payment: Payment, done: str, *, ready: str, by: Actor) -> None:
    """Each failed move means that the payment went one step on, so the loop is as short as the table is."""
    while True:
        target = states.cancel_target(payment.status, done=done, ready=ready)
        if target is None:
            raise _refusal(payment)
        if move_payment(payment, target, by=by):
            break
        payment.refresh_from_db()
    if target == ready:
        wake_advance(payment)


def _refusal(payment: Payment) -> PaymentStateError | PaymentBusyError:
    if payment.status in states.IS_BEING_AUTHORISED:
        return PaymentBusyError(f"Payment {payment.pk} is being authorised.")
    return PaymentStateError(f"Payment {payment.pk} is {payment.status}.")


def _keep_session(payment: Payment, session_id: str) -> None:
    waiting = Payment.objects.filter(pk=payment.pk, status=states.STARTED, card_tries=payment.card_tries)
    waiting.filter(session_id="").update(session_id=session_id)
    payment.refresh_from_db()


def _move_or_refresh(payment: Payment, target: str, *, by: Actor, **changes: Any) -> None:
    if not move_payment(payment, target, by=by, changes=changes):
        payment.refresh_from_db()
