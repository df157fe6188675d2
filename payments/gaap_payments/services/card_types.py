"""Cards that an account does not take: refused before they are asked, or given up when the provider tells too late."""

from dataclasses import replace
from enum import StrEnum

from gaap_payments.card_types import CREDIT, DEBIT, is_taken
from gaap_payments.cards import CardNumber
from gaap_payments.models import GatewayAccount, Payment
from gaap_payments.providers.base import CardFormProvider, ChargeStatus, Outcome
from gaap_payments.services.operations import charge_of, provider_for

#: The card was asked; a charge that is cancelled may be one that was given up by a worker that died then.
_ASKED = frozenset({Outcome.AUTHORISED, Outcome.CANCELLED})


class CardRefusal(StrEnum):
    """Why a card is not taken."""

    UNKNOWN = "unknown"
    BRAND = "brand"
    DEBIT = DEBIT
    CREDIT = CREDIT


def card_refusal(account: GatewayAccount, number: CardNumber) -> CardRefusal | None:
    """Return why ``account`` does not take a card, or None when it does (contract C.3)."""
    provider, brand = provider_for(account), number.brand
    if brand is None:
        return CardRefusal.UNKNOWN
    if brand not in provider.card_brands or not is_taken(account.card_types, brand=brand, type=""):
        return CardRefusal.BRAND
    type = provider.describe(number).type if isinstance(provider, CardFormProvider) else ""
    return None if is_taken(account.card_types, brand=brand, type=type) else CardRefusal(type)


def give_up_card(payment: Payment, *, status: ChargeStatus) -> ChargeStatus:
    """Release what was reserved on a card that the account does not take; it is declined then.

    Wallets and fields of the provider's own say only afterwards which card it was. A card that an agreement keeps was
    taken when it was kept. Raises ProviderError when the provider does not answer now.
    """
    card, account = status.card, payment.gateway_account
    if card is None or status.outcome not in _ASKED or payment.authorisation_mode != Payment.Mode.WEB:
        return status
    if is_taken(account.card_types, brand=card.brand, type=card.type):
        return status
    if status.outcome is Outcome.AUTHORISED:
        key = f"{payment.pk}-not-taken-{payment.card_tries}"
        provider_for(account).cancel(charge_of(payment), idempotency_key=key)
    return replace(status, outcome=Outcome.DECLINED, reason="card_type_not_taken")
