"""Agreements: a citizen lets a service ask one card again and again (contract A.9)."""

from typing import Any

from django.db import transaction

from gaap.actors import SYSTEM, Actor
from gaap.clock import now
from gaap.outbox.services import emit
from gaap.states import move
from gaap_payments import states
from gaap_payments.errors import AgreementStateError
from gaap_payments.models import Agreement, GatewayAccount, Payment

_CARD_COLUMNS = ("cardholder_name", "card_brand", "card_type", "first_digits", "last_digits", "expiry_date")


@transaction.atomic
def create_agreement(
    account: GatewayAccount, *, reference: str, description: str, by: Actor, user_identifier: str = ""
) -> Agreement:
    """Create an agreement on ``account``; it becomes active with the first payment that sets it up.

    ``reference``, ``description`` and ``user_identifier`` have at most 255 characters.
    """
    agreement = Agreement.objects.create(
        service_id=account.service_id,
        gateway_account=account,
        is_live=account.is_live,
        reference=reference,
        description=description,
        user_identifier=user_identifier,
        created_by=f"{by.kind}:{by.id}",
    )
    emit(
        "agreement_created",
        service_id=agreement.service_id,
        subject=f"agreement/{agreement.pk}",
        data={"agreement_id": agreement.pk, "status": agreement.status},
    )
    return agreement


@transaction.atomic
def cancel_agreement(agreement: Agreement, *, by: Actor) -> None:
    """End an active agreement for good and forget its card; raises AgreementStateError in any other state."""
    changes = {"cancelled_at": now(), "cancelled_by": f"{by.kind}:{by.id}", "instrument_id": ""}
    if not _move(agreement, states.CANCELLED, by=by, changes=changes):
        raise AgreementStateError(f"Agreement {agreement.pk} is {agreement.status}.")


@transaction.atomic
def keep_instrument(payment: Payment) -> None:
    """Keep the card of a payment that sets up an agreement, and activate it; a cancelled agreement stays cancelled."""
    agreement = payment.agreement
    if agreement is None or not payment.instrument_id or payment.authorisation_mode != Payment.Mode.WEB:
        return
    card: dict[str, Any] = {column: getattr(payment, column) for column in _CARD_COLUMNS}
    card |= {"instrument_id": payment.instrument_id, "instrument_created_at": now()}
    if not _move(agreement, states.ACTIVE, by=SYSTEM, changes=card):
        Agreement.objects.filter(pk=agreement.pk, status=states.ACTIVE).update(**card)


@transaction.atomic
def note_recurring_decline(payment: Payment) -> None:
    """End an agreement whose card can never be asked again."""
    if payment.agreement is not None and payment.can_retry is False:
        _move(payment.agreement, states.INACTIVE, by=SYSTEM)


def _move(agreement: Agreement, target: str, *, by: Actor, changes: dict[str, Any] | None = None) -> bool:
    if not states.AGREEMENT.can_move(agreement.status, target):
        return False
    data = {"agreement_id": agreement.pk}
    return move(agreement, target, table=states.AGREEMENT, by=by, changes=changes, data=data)
