"""Moving a payment: status, history, next due time and event in one transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from gaap.actors import Actor
from gaap.clock import now
from gaap.states import move
from gaap_payments import states
from gaap_payments.models import Payment, PaymentEvent
from gaap_payments.services.waking import wake_by_name

#: Times of contract A.10.
EXPIRES_AFTER = timedelta(minutes=90)
DELAYED_CAPTURE_EXPIRES_AFTER = timedelta(days=5)
LEFT_ALONE_AFTER_TOUCH = timedelta(minutes=5)
#: How long a provider may take to answer before it is asked what became of the request.
ANSWER_WITHIN = timedelta(seconds=60)
#: How long to wait for the provider's event before asking whether a capture is done.
EVENT_WITHIN = timedelta(minutes=10)

_CITIZENS_TURN = frozenset({states.CREATED, states.STARTED, states.AUTHENTICATION_REQUIRED, states.SUBMITTED})
_PROVIDERS_TURN = {
    states.AUTHORISATION_READY: ANSWER_WITHIN,
    states.AUTHENTICATION_READY: ANSWER_WITHIN,
    states.CAPTURE_READY: ANSWER_WITHIN,
    states.CAPTURE_SUBMITTED: EVENT_WITHIN,
}


def move_payment(
    payment: Payment, target: str, *, by: Actor, changes: Mapping[str, Any] | None = None, purpose: str = ""
) -> bool:
    """Move ``payment`` to ``target``; returns False when somebody else moved it first.

    ``changes`` are further columns set at once. Raises IllegalTransitionError when the table has no such edge.
    """
    moment = now()
    values = {"due_at": next_due_at(payment, target, moment=moment), "attempts": 0, **(changes or {})}
    with transaction.atomic():
        data = event_data(payment, status=target)
        if not move(payment, target, table=states.PAYMENT, by=by, changes=values, data=data, purpose=purpose):
            return False
        history_entry(payment, moment=moment, by=by).save(force_insert=True)
        return True


def history_entry(payment: Payment, *, moment: datetime, by: Actor) -> PaymentEvent:
    """Return the payment's present status as an entry of its history, to be written."""
    return PaymentEvent(payment=payment, status=payment.status, occurred_at=moment, actor=f"{by.kind}:{by.id}")


def next_due_at(payment: Payment, status: str, *, moment: datetime) -> datetime | None:
    """Return when the machine must look at a payment that is in ``status`` since ``moment``; None when never."""
    if status in states.PAYMENT.final:
        return None
    if status in _CITIZENS_TURN:
        return max(payment.created_at + EXPIRES_AFTER, moment + LEFT_ALONE_AFTER_TOUCH)
    if status == states.CAPTURABLE:
        return payment.created_at + DELAYED_CAPTURE_EXPIRES_AFTER
    return moment + _PROVIDERS_TURN.get(status, timedelta())


def event_data(payment: Payment, *, status: str) -> dict[str, Any]:
    """Return what an event says of a payment: no personal data, nothing of the card."""
    state = states.PUBLIC_STATES[status]
    return {
        "payment_id": payment.pk,
        "amount": payment.amount,
        "currency": payment.currency,
        "state": {"status": state.status, "finished": state.is_finished, "code": state.code},
    }


def wake_advance(payment: Payment) -> None:
    """Ask a worker to do what is due on ``payment``, once the transaction is committed."""
    wake_by_name("gaap_payments.tasks.advance_payment", payment.pk)
