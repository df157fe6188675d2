"""Direct Debits: payments collected under a mandate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from gaap.actors import SYSTEM, Actor
from gaap.clock import now
from gaap.outbox.services import emit
from gaap.providers.errors import ProviderError
from gaap.states import move
from gaap_payments import direct_debit_states as states
from gaap_payments.errors import PaymentStateError
from gaap_payments.models import DirectDebit, Mandate
from gaap_payments.providers.direct_debit import CollectionOrder, CollectionOutcome, CollectionStatus
from gaap_payments.services.mandates import direct_debit_provider, reference_of
from gaap_payments.services.waking import wake_by_name

ANSWER_WITHIN = timedelta(seconds=60)
RETRY_AFTER = timedelta(hours=1)
LOOK_AGAIN_AFTER = timedelta(hours=6)
#: How long after its creation a payment can still come back; claims have no time limit, and then an event tells.
WATCHED_FOR = timedelta(days=60)

TARGETS: Mapping[CollectionOutcome, str] = {
    CollectionOutcome.PENDING: states.PENDING,
    CollectionOutcome.SUCCESS: states.SUCCESS,
    CollectionOutcome.FAILED: states.FAILED,
    CollectionOutcome.CANCELLED: states.CANCELLED,
    CollectionOutcome.PAID_OUT: states.PAID_OUT,
    CollectionOutcome.INDEMNITY_CLAIM: states.INDEMNITY_CLAIM,
}
#: Ways from one status to another that a provider may have gone unseen.
DETOURS = ((), (states.PENDING,), (states.SUCCESS,), (states.PENDING, states.SUCCESS), (states.PAID_OUT,))


@dataclass(frozen=True)
class NewDirectDebit:
    """What a service asks for, already validated. ``amount`` in the smallest unit of the account's currency."""

    amount: int
    reference: str
    description: str


@transaction.atomic
def create_direct_debit(mandate: Mandate, *, order: NewDirectDebit, by: Actor) -> DirectDebit:
    """Create a payment under ``mandate``; a worker asks for the money at once.

    Raises PaymentStateError when nothing can be collected under the mandate.
    """
    if mandate.status not in states.COLLECTABLE:
        raise PaymentStateError(f"Mandate {mandate.pk} is {mandate.status}.")
    payment = DirectDebit.objects.create(
        mandate=mandate,
        service_id=mandate.service_id,
        is_live=mandate.is_live,
        currency=mandate.gateway_account.currency,
        created_by=by.id,
        due_at=now(),
        **vars(order),
    )
    emit(
        "direct_debit_created",
        service_id=payment.service_id,
        subject=f"direct_debit/{payment.pk}",
        data={**_data(payment), "status": payment.status},
    )
    wake_by_name("gaap_payments.tasks.advance_direct_debit", payment.pk)
    return payment


def collect(payment: DirectDebit) -> None:
    """Ask for the money; does nothing when another worker asks already."""
    if payment.mandate.status not in states.COLLECTABLE:
        _move(payment, states.CANCELLED)
        return
    if not _move(payment, states.SUBMITTING):
        return
    try:
        status = _ask(payment)
    except ProviderError as error:
        target = states.ERROR if error.permanent else states.CREATED
        _move(payment, target, failure=str(error)[:500])
    else:
        apply_collection(payment, status=status)


def recover_collection(payment: DirectDebit) -> None:
    """Find out what became of a request whose answer never arrived; it is sent again when it never did."""
    status = _query(payment)
    if status.outcome is CollectionOutcome.UNKNOWN:
        _move(payment, states.CREATED)
    else:
        apply_collection(payment, status=status)


def follow_collection(payment: DirectDebit) -> None:
    """Ask the provider where the payment stands and follow it; raises ProviderError when it does not answer."""
    apply_collection(payment, status=_query(payment))


def apply_collection(payment: DirectDebit, *, status: CollectionStatus) -> None:
    """Store the provider's word on a payment, step by step where it skipped one."""
    target = TARGETS.get(status.outcome)
    if target is None or target == payment.status:
        return
    detour = next((one for one in DETOURS if _is_path(payment.status, (*one, target))), None)
    for step in (*(detour or ()), target) if detour is not None else ():
        changes = {"provider_id": status.provider_id or payment.provider_id, "failure": status.reason[:500]}
        if not _move(payment, step, **changes):
            return


def _is_path(source: str, path: tuple[str, ...]) -> bool:
    edges = zip((source, *path), path, strict=False)
    return all(states.COLLECTION.can_move(start, end) for start, end in edges)


def _ask(payment: DirectDebit) -> CollectionStatus:
    provider = direct_debit_provider(payment.mandate.gateway_account)
    if provider is None:
        raise ProviderError("The provider collects no Direct Debits.", permanent=True)
    return provider.collect(_order(payment), idempotency_key=f"{payment.pk}-collect-1")


def _query(payment: DirectDebit) -> CollectionStatus:
    provider = direct_debit_provider(payment.mandate.gateway_account)
    if provider is None:
        raise ProviderError("The provider collects no Direct Debits.", permanent=True)
    return provider.query_collection(_order(payment), provider_id=payment.provider_id)


def _order(payment: DirectDebit) -> CollectionOrder:
    return CollectionOrder(
        payment_id=payment.pk,
        mandate=reference_of(payment.mandate),
        amount=payment.amount,
        currency=payment.currency,
        reference=payment.reference,
        description=payment.description,
    )


def _move(payment: DirectDebit, target: str, **changes: Any) -> bool:
    values = {"due_at": _next_due_at(payment, target), "attempts": 0, **changes}
    return move(payment, target, table=states.COLLECTION, by=SYSTEM, changes=values, data=_data(payment))


def _next_due_at(payment: DirectDebit, status: str) -> datetime | None:
    waits = {states.CREATED: RETRY_AFTER, states.SUBMITTING: ANSWER_WITHIN}
    if status in states.COLLECTION.final or now() > payment.created_at + WATCHED_FOR:
        return None
    return now() + waits.get(status, LOOK_AGAIN_AFTER)


def _data(payment: DirectDebit) -> dict[str, Any]:
    return {
        "payment_id": payment.pk,
        "mandate_id": payment.mandate_id,
        "amount": payment.amount,
        "currency": payment.currency,
    }
