"""Challenges: the citizen proves to their bank that it is them, and comes back (3-D Secure)."""

from collections.abc import Mapping

from django.db import transaction

from gaap.actors import SYSTEM, Actor
from gaap.providers.errors import ProviderError
from gaap_payments import states
from gaap_payments.models import Payment, ProviderOperation
from gaap_payments.providers.base import Outcome
from gaap_payments.services.authorisations import apply_authorisation
from gaap_payments.services.card_types import give_up_card
from gaap_payments.services.operations import charge_of, close_operation, open_operation, provider_for
from gaap_payments.services.transitions import move_payment

AUTHENTICATE = ProviderOperation.Kind.AUTHENTICATE


def complete_challenge(payment: Payment, *, answer: Mapping[str, str], by: Actor) -> bool:
    """Have the provider follow what the bank sent back.

    ``answer`` holds the fields that came from the bank, which only the provider can judge. Returns False when another
    request does it already. When the provider does not answer in time, it is asked again later.
    """
    operation = _take(payment, by=by)
    if operation is None:
        return False
    provider = provider_for(payment.gateway_account)
    try:
        status = provider.complete_challenge(charge_of(payment), answer, idempotency_key=operation.idempotency_key)
        status = give_up_card(payment, status=status)
    except ProviderError as error:
        close_operation(payment, AUTHENTICATE, error=error)
        if error.permanent:
            move_payment(payment, states.AUTHORISATION_ERROR, by=by)
    else:
        close_operation(payment, AUTHENTICATE)
        apply_authorisation(payment, status=status, by=by)
    return True


def follow_challenge(payment: Payment) -> None:
    """Follow a challenge that ended without the citizen's browser coming back.

    Raises ProviderError when the provider does not answer now.
    """
    status = provider_for(payment.gateway_account).query(charge_of(payment))
    if status.outcome in (Outcome.CHALLENGE, Outcome.OPEN, Outcome.UNKNOWN):
        return
    status = give_up_card(payment, status=status)
    if move_payment(payment, states.AUTHENTICATION_READY, by=SYSTEM):
        apply_authorisation(payment, status=status, by=SYSTEM)


@transaction.atomic
def _take(payment: Payment, *, by: Actor) -> ProviderOperation | None:
    if payment.status != states.AUTHENTICATION_REQUIRED:
        return None
    if not move_payment(payment, states.AUTHENTICATION_READY, by=by):
        return None
    return open_operation(payment, AUTHENTICATE)
