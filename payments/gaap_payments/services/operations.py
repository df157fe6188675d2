"""Asking providers: which one, about what, and under which idempotency key."""

import logging

from django.db.models import F
from django.urls import reverse

from gaap.clock import now
from gaap.conf import conf
from gaap.providers.errors import ProviderError
from gaap_payments.models import GatewayAccount, Payment, ProviderOperation
from gaap_payments.providers import registry
from gaap_payments.providers.base import ChargeReference, PaymentOrder, PaymentProvider, ProviderAccount

logger = logging.getLogger(__name__)

#: What is asked anew with each card that the citizen tries.
_PER_TRY = frozenset(
    {ProviderOperation.Kind.SESSION, ProviderOperation.Kind.AUTHORISE, ProviderOperation.Kind.AUTHENTICATE}
)


def provider_for(account: GatewayAccount) -> PaymentProvider:
    """Return the provider of ``account``, ready to be asked; raises UnknownProviderError when it was uninstalled."""
    identity = ProviderAccount(id=str(account.pk), is_live=account.is_live, credentials=account.credentials)
    return registry.get(account.provider)(identity)


def order_of(payment: Payment) -> PaymentOrder:
    """Return what a provider is told when a session opens."""
    return PaymentOrder(
        payment_id=payment.pk,
        amount=payment.amount,
        currency=payment.currency,
        reference=payment.reference,
        description=payment.description,
        language=payment.language,
        is_moto=payment.is_moto,
        saves_instrument=payment.agreement_id is not None and payment.authorisation_mode == Payment.Mode.WEB,
        authentication_url=conf.base_url.rstrip("/") + reverse("payments-3ds-in", args=[payment.pk]),
    )


def charge_of(payment: Payment) -> ChargeReference:
    """Return how a provider finds the payment again."""
    return ChargeReference(
        payment.pk, session_id=payment.session_id, provider_id=payment.provider_id, amount=payment.total_amount
    )


def open_operation(payment: Payment, kind: ProviderOperation.Kind) -> ProviderOperation:
    """Note that a provider is about to be asked; a repeat of the same request finds the same row and key."""
    operation, _ = ProviderOperation.objects.get_or_create(payment=payment, kind=kind, number=_number(payment, kind))
    ProviderOperation.objects.filter(pk=operation.pk).update(tries=F("tries") + 1)
    operation.tries += 1
    return operation


def close_operation(payment: Payment, kind: ProviderOperation.Kind, *, error: ProviderError | None = None) -> None:
    """Note what came of the request: an answer, a refusal for good, or (a temporary error) nothing yet."""
    if error is not None:
        logger.warning("Provider %s failed to %s payment %s: %s", payment.provider, kind, payment.pk, error)
    outcome = _outcome(error)
    ProviderOperation.objects.filter(payment=payment, kind=kind, number=_number(payment, kind)).update(
        outcome=outcome,
        failure=str(error or "")[:500],
        finished_at=None if outcome == ProviderOperation.Outcome.WAITING else now(),
    )


def _number(payment: Payment, kind: str) -> int:
    return payment.card_tries if kind in _PER_TRY else 1


def _outcome(error: ProviderError | None) -> ProviderOperation.Outcome:
    if error is None:
        return ProviderOperation.Outcome.DONE
    return ProviderOperation.Outcome.REFUSED if error.permanent else ProviderOperation.Outcome.WAITING
