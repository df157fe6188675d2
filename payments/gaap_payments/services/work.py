"""What is due on a payment, and doing it."""

import logging
from collections.abc import Callable

from gaap.actors import SYSTEM
from gaap.providers.errors import ProviderError
from gaap.work import claim
from gaap_payments import states
from gaap_payments.errors import PaymentsError
from gaap_payments.models import Payment
from gaap_payments.services.authorisations import apply_authorisation, recover_authorisation
from gaap_payments.services.captures import apply_capture, capture_payment, recover_capture
from gaap_payments.services.card_types import give_up_card
from gaap_payments.services.challenges import follow_challenge
from gaap_payments.services.disputes import follow_disputes
from gaap_payments.services.hosted_fields import follow_fields_event
from gaap_payments.services.operations import charge_of, provider_for
from gaap_payments.services.payments import expire_payment, release_payment
from gaap_payments.services.recurring import continue_payment
from gaap_payments.services.refunds import follow_refunds

logger = logging.getLogger(__name__)

DUTIES: dict[str, Callable[[Payment], None]] = {
    states.CREATED: continue_payment,
    states.STARTED: continue_payment,
    states.AUTHENTICATION_REQUIRED: expire_payment,
    states.SUBMITTED: expire_payment,
    states.CAPTURABLE: expire_payment,
    states.AUTHORISATION_READY: recover_authorisation,
    states.AUTHENTICATION_READY: recover_authorisation,
    states.CAPTURE_APPROVED: capture_payment,
    states.CAPTURE_READY: recover_capture,
    states.CAPTURE_SUBMITTED: recover_capture,
    states.USER_CANCEL_READY: release_payment,
    states.SERVICE_CANCEL_READY: release_payment,
    states.EXPIRY_READY: release_payment,
}


def advance_payment(payment_id: str) -> bool:
    """Do what is due on a payment; returns False when nothing is, or somebody else does it.

    A provider that does not answer, or a payment that moved on meanwhile, is left for the next round.
    """
    if not claim(Payment.objects.get(pk=payment_id)):
        return False
    payment = Payment.objects.for_pages().get(pk=payment_id)
    try:
        DUTIES[payment.status](payment)
    except (ProviderError, PaymentsError) as error:
        logger.warning("Payment %s stays %s for now: %s", payment.pk, payment.status, error)
    return True


def reconcile_payment(payment: Payment) -> None:
    """Ask the provider where the charge stands and follow it; raises ProviderError when it does not answer."""
    if follow := FOLLOWERS.get(payment.status):
        follow(payment)
    follow_refunds(payment)
    follow_disputes(payment)


def follow_authorisation(payment: Payment) -> None:
    """Follow an authorisation that may be answered by now; raises ProviderError when the provider does not answer."""
    status = provider_for(payment.gateway_account).query(charge_of(payment))
    apply_authorisation(payment, status=give_up_card(payment, status=status), by=SYSTEM)


def follow_capture(payment: Payment) -> None:
    """Follow a capture that may be done by now; raises ProviderError when the provider does not answer."""
    apply_capture(payment, status=provider_for(payment.gateway_account).query(charge_of(payment)))


FOLLOWERS: dict[str, Callable[[Payment], None]] = {
    states.STARTED: follow_fields_event,
    states.AUTHORISATION_READY: follow_authorisation,
    states.AUTHENTICATION_READY: follow_authorisation,
    states.AUTHENTICATION_REQUIRED: follow_challenge,
    states.CAPTURE_READY: follow_capture,
    states.CAPTURE_SUBMITTED: follow_capture,
}
