"""Payments by agreement: the card that was kept is asked, with nobody there (contract A.9)."""

from gaap.actors import SYSTEM
from gaap.clock import now
from gaap_payments import states
from gaap_payments.models import Payment
from gaap_payments.providers.base import RecurringProvider
from gaap_payments.services.authorisations import authorise_stored
from gaap_payments.services.operations import provider_for
from gaap_payments.services.payments import expire_payment, start_payment
from gaap_payments.services.transitions import ANSWER_WITHIN, EXPIRES_AFTER, move_payment


def continue_payment(payment: Payment) -> None:
    """Do what is due on a payment that was begun: ask its agreement's card, or expire it when its time is over.

    A provider that does not answer is asked again every minute until then. Raises ProviderError.
    """
    is_over = now() >= payment.created_at + EXPIRES_AFTER
    if is_over or payment.authorisation_mode != Payment.Mode.AGREEMENT:
        expire_payment(payment)
    else:
        pay_by_agreement(payment)


def pay_by_agreement(payment: Payment) -> None:
    """Ask the card of the payment's agreement; an agreement that ended meanwhile declines the payment."""
    agreement = payment.agreement
    provider = provider_for(payment.gateway_account)
    start_payment(payment, by=SYSTEM)
    if payment.status != states.STARTED:
        return
    Payment.objects.filter(pk=payment.pk, status=states.STARTED).update(due_at=now() + ANSWER_WITHIN)
    if agreement is None or agreement.status != states.ACTIVE or not isinstance(provider, RecurringProvider):
        move_payment(payment, states.AUTHORISATION_ERROR, by=SYSTEM, changes={"can_retry": False})
        return
    authorise_stored(payment, instrument_id=agreement.instrument_id, by=SYSTEM)
