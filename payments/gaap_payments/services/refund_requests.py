"""Refunds by people: who may give money back alone, and the second person above the service's limit.

The limit holds for what is given back of one payment altogether, so that nobody stays below it in small parts. Programs
of the service refund with their key and without a second person, as the contract has it.
"""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.outbox.services import emit
from gaap.states import move
from gaap_payments import states
from gaap_payments.errors import (
    AccountDisabledError,
    OwnRefundRequestError,
    RefundAvailableMismatchError,
    RefundRequestClosedError,
)
from gaap_payments.models import Payment, Refund, RefundRequest
from gaap_payments.services.accounts import settings_of
from gaap_payments.services.refunds import check_refund, create_refund


def needs_second_person(payment: Payment, *, amount: int) -> bool:
    """Tell whether giving back ``amount`` more (smallest unit) takes two people."""
    limit = settings_of(payment.service).refund_limit
    return limit is not None and payment.refunded_amount + amount > limit


@transaction.atomic
def refund_by_person(payment: Payment, *, amount: int, amount_available: int, user: User) -> Refund | RefundRequest:
    """Give ``amount`` back, or ask for a second person where the service's limit wants one.

    Args:
        payment: one of the service's payments; the caller has checked the person's role in its team.
        amount: in the currency's smallest unit, at least 1.
        amount_available: what the person saw to be left; another figure refuses, so that a form sent twice gives
            money back once.
        user: who asks.

    Returns:
        The refund, or the request that waits for a colleague.

    Raises:
        AccountDisabledError, RefundUnavailableError, RefundDisputedError, RefundAvailableMismatchError: as in
            ``create_refund``; a request that waits for as much already refuses with the last one too.
    """
    actor = Actor.for_user(user)
    locked = Payment.objects.select_for_update(of=("self",)).select_related("gateway_account", "service")
    payment = locked.get(pk=payment.pk)
    if not needs_second_person(payment, amount=amount):
        refund = create_refund(payment, amount=amount, amount_available=amount_available, by=actor)
        record("refund_created", target=refund, by=actor, after=_audited(payment, amount))
        return refund
    return _request(payment, amount=amount, amount_available=amount_available, user=user)


@transaction.atomic
def agree_to_refund(request: RefundRequest, *, user: User) -> Refund:
    """Approve a colleague's request and give the money back; of many parallel approvals one does.

    Raises OwnRefundRequestError, RefundRequestClosedError when it is decided already, and what ``create_refund``
    raises; then the request waits as before.
    """
    actor = Actor.for_user(user)
    _decide(request, states.AGREED, user=user)
    refund = create_refund(request.payment, amount=request.amount, amount_available=request.amount_available, by=actor)
    record("refund_created", target=refund, by=actor, after=_audited(request.payment, request.amount))
    RefundRequest.objects.filter(pk=request.pk).update(refund=refund)
    request.refund = refund
    return refund


@transaction.atomic
def reject_refund(request: RefundRequest, *, user: User) -> None:
    """Decline a colleague's request; raises OwnRefundRequestError and RefundRequestClosedError."""
    _decide(request, states.REJECTED, user=user)


def _request(payment: Payment, *, amount: int, amount_available: int, user: User) -> RefundRequest:
    if not payment.gateway_account.is_enabled:
        raise AccountDisabledError("The gateway account is disabled.")
    check_refund(payment, amount=amount, amount_available=amount_available)
    if payment.refund_requests.filter(status=states.WAITING).exists():
        raise RefundAvailableMismatchError(f"A refund of payment {payment.pk} waits already.")
    request = RefundRequest.objects.create(
        payment=payment,
        service_id=payment.service_id,
        amount=amount,
        amount_available=amount_available,
        requested_by=user,
    )
    record("refund_requested", target=request, by=Actor.for_user(user), after=_audited(payment, amount))
    data = {**_event_data(request), "status": request.status}
    emit("refund_requested", service_id=payment.service_id, subject=f"refund_request/{request.pk}", data=data)
    return request


def _decide(request: RefundRequest, target: str, *, user: User) -> None:
    if request.requested_by_id == user.pk:
        raise OwnRefundRequestError("Somebody else has to decide on one's own request.")
    if not states.REFUND_REQUEST.can_move(request.status, target):
        raise RefundRequestClosedError(f"Refund request {request.pk} is {request.status}.")
    changes = {"decided_by": user, "decided_at": now()}
    table, actor = states.REFUND_REQUEST, Actor.for_user(user)
    if not move(request, target, table=table, by=actor, changes=changes, data=_event_data(request)):
        raise RefundRequestClosedError(f"Refund request {request.pk} is decided already.")


def _event_data(request: RefundRequest) -> dict[str, Any]:
    return {"payment_id": request.payment_id, "amount": request.amount, "currency": request.payment.currency}


def _audited(payment: Payment, amount: int) -> dict[str, Any]:
    return {"payment": payment.pk, "amount": amount, "currency": payment.currency}
