"""Another try after a declined card, without going back to the service."""

from typing import Any

from gaap_payments.models import Payment
from gaap_payments.services.accounts import settings_of

#: How many cards a citizen may try in one payment; more would help those who try out stolen numbers.
MAXIMUM_CARD_TRIES = 5


def may_try_again(payment: Payment) -> bool:
    """Tell whether the service lets its citizens try again, and this one has tries left."""
    is_there = payment.authorisation_mode == Payment.Mode.WEB
    return is_there and settings_of(payment.service).allows_retry and payment.card_tries < MAXIMUM_CARD_TRIES


def next_try(payment: Payment) -> dict[str, Any]:
    """Return the columns with which the next try begins: a new session, and nothing of the declined card."""
    return {"card_tries": payment.card_tries + 1, "session_id": "", "provider_id": "", "challenge": None}
