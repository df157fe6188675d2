"""Payments that were made by telephone elsewhere, of which we are only told (contract A.9)."""

from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from gaap.actors import Actor
from gaap.clock import now
from gaap.outbox.services import emit
from gaap_payments import states
from gaap_payments.models import GatewayAccount, Payment
from gaap_payments.services.transitions import event_data, history_entry

#: The contract's outcome (its code, empty when it went well) and what we store.
STATUSES = {"": states.CAPTURED, "P0010": states.DECLINED, "P0050": states.AUTHORISATION_ERROR}


@dataclass(frozen=True)
class ToldPayment:
    """A payment that somebody else took. ``amount`` in the smallest unit of ``currency``; ``code`` as in STATUSES."""

    amount: int
    currency: str
    reference: str
    description: str
    provider_id: str
    code: str = ""
    card: dict[str, str] = field(default_factory=dict, repr=False)
    email: str = field(default="", repr=False)
    facts: dict[str, Any] = field(default_factory=dict, repr=False)


def note_payment(account: GatewayAccount, *, told: ToldPayment, language: str, by: Actor) -> tuple[Payment, bool]:
    """Store a payment made elsewhere; returns it, and whether it is new. ``provider_id`` is the key of repeats."""
    known = Payment.objects.filter(
        gateway_account=account, provider_id=told.provider_id, authorisation_mode=Payment.Mode.EXTERNAL
    ).select_related("gateway_account")
    if found := known.first():
        return found, False
    try:
        return _create(account, told=told, language=language, by=by), True
    except IntegrityError:
        return known.get(), False


@transaction.atomic
def _create(account: GatewayAccount, *, told: ToldPayment, language: str, by: Actor) -> Payment:
    facts: Any = told.facts
    payment = Payment.objects.create(
        service_id=account.service_id,
        gateway_account=account,
        is_live=account.is_live,
        status=STATUSES[told.code],
        amount=told.amount,
        currency=told.currency,
        reference=told.reference,
        description=told.description,
        language=language,
        email=told.email,
        provider_id=told.provider_id,
        authorisation_mode=Payment.Mode.EXTERNAL,
        is_moto=True,
        created_by=by.id,
        notification=facts,
        **told.card,
    )
    history_entry(payment, moment=now(), by=by).save(force_insert=True)
    data = {**event_data(payment, status=payment.status), "status": payment.status}
    emit("payment_created", service_id=payment.service_id, subject=f"payment/{payment.pk}", data=data)
    return payment
