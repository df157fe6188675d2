"""Authorisations: the citizen's card or wallet is asked for the money, once for each try."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from gaap.actors import SYSTEM, Actor
from gaap.providers.errors import ProviderError
from gaap_payments import states
from gaap_payments.cards import CardDetails
from gaap_payments.models import Payment, ProviderOperation
from gaap_payments.providers.base import (
    CardFacts,
    CardFormProvider,
    ChargeStatus,
    HostedFieldsProvider,
    Outcome,
    RecurringProvider,
    WalletProvider,
)
from gaap_payments.services.accounts import settings_of
from gaap_payments.services.agreements import note_recurring_decline
from gaap_payments.services.captures import confirm_payment
from gaap_payments.services.card_types import give_up_card
from gaap_payments.services.operations import charge_of, close_operation, open_operation, provider_for
from gaap_payments.services.retries import may_try_again, next_try
from gaap_payments.services.surcharges import surcharge_for
from gaap_payments.services.transitions import move_payment

AUTHORISE = ProviderOperation.Kind.AUTHORISE

TARGETS = {
    Outcome.CHALLENGE: states.AUTHENTICATION_REQUIRED,
    Outcome.AUTHORISED: states.SUBMITTED,
    Outcome.DECLINED: states.DECLINED,
    Outcome.ERROR: states.AUTHORISATION_ERROR,
    Outcome.CANCELLED: states.AUTHORISATION_ERROR,
}


@dataclass(frozen=True)
class PayerDetails:
    """What the citizen typed besides the card: kept with the payment."""

    cardholder_name: str = field(repr=False)
    email: str = field(default="", repr=False)
    billing_address: dict[str, str] | None = field(default=None, repr=False)


@sensitive_variables("card", "payer")
def authorise_payment(payment: Payment, *, card: CardDetails, payer: PayerDetails, by: Actor) -> bool:
    """Ask the provider to reserve the money on ``card``.

    Returns False when another request asks already. When the provider does not answer in time the payment stays where
    it is, and ``recover_authorisation`` finds out later what became of it.
    """
    provider = provider_for(payment.gateway_account)
    if not isinstance(provider, CardFormProvider):
        raise TypeError(f"Provider {payment.provider} takes no card details from our pages.")

    @sensitive_variables()
    def ask(key: str) -> ChargeStatus:
        return provider.authorise(charge_of(payment), card, idempotency_key=key)

    surcharge = surcharge_for(provider.describe(card.number), settings_of(payment.service))
    return _authorise(payment, ask, changes={**vars(payer), "corporate_surcharge": surcharge}, by=by)


def authorise_stored(payment: Payment, *, instrument_id: str, by: Actor) -> bool:
    """Ask the provider to reserve the money on the card that an agreement keeps; returns as ``authorise_payment``."""
    provider = provider_for(payment.gateway_account)
    if not isinstance(provider, RecurringProvider):
        return False
    return _authorise(
        payment,
        lambda key: provider.authorise_stored(charge_of(payment), instrument_id, idempotency_key=key),
        changes={},
        by=by,
    )


def wallets_of(payment: Payment) -> tuple[str, ...]:
    """Return the wallets that the provider offers for ``payment``; nobody else's wallet pays by telephone."""
    provider = provider_for(payment.gateway_account)
    return provider.wallets if isinstance(provider, WalletProvider) and not payment.is_moto else ()


def authorise_wallet(payment: Payment, *, wallet: str, by: Actor) -> bool:
    """Ask the provider to reserve the money on the card in the citizen's ``wallet``; returns as ``authorise_payment``.

    What a wallet pays is confirmed in the wallet, so that nothing is left to confirm here (contract C.1).
    """
    if wallet not in wallets_of(payment):
        return False
    provider = provider_for(payment.gateway_account)
    if not isinstance(provider, WalletProvider):
        return False
    return _authorise(
        payment,
        lambda key: provider.authorise_wallet(charge_of(payment), wallet, idempotency_key=key),
        changes={},
        by=by,
    )


@transaction.atomic
def apply_authorisation(payment: Payment, *, status: ChargeStatus, by: Actor) -> None:
    """Store the provider's word on an authorisation; nothing happens while the provider has none.

    What nobody is there to confirm is confirmed in the same transaction: a process that died between the two would
    leave the money reserved until the payment expires.
    """
    target = TARGETS.get(status.outcome)
    if target is None:
        return
    close_operation(payment, AUTHORISE)
    if target == states.DECLINED and may_try_again(payment):
        move_payment(payment, states.STARTED, by=by, changes=next_try(payment))
    elif move_payment(payment, target, by=by, changes=_learned(status)):
        _confirm_without_citizen(payment, by=by)
        note_recurring_decline(payment)


def recover_authorisation(payment: Payment) -> None:
    """Find out what became of an authorisation whose answer never arrived.

    When the request never reached the provider the session is closed there first, so that it cannot arrive later.
    Raises ProviderError when the provider does not answer now.
    """
    provider = provider_for(payment.gateway_account)
    status = close_declined(payment, status=provider.query(charge_of(payment)))
    status = give_up_card(payment, status=status)
    if status.outcome is Outcome.OPEN:
        status = provider.cancel(charge_of(payment), idempotency_key=f"{payment.pk}-recover-{payment.card_tries}")
    if status.outcome is Outcome.UNKNOWN:
        status = ChargeStatus(Outcome.ERROR)
    apply_authorisation(payment, status=status, by=SYSTEM)


def close_declined(payment: Payment, *, status: ChargeStatus) -> ChargeStatus:
    """Close a declined session whose card fields are the provider's: the citizen's browser could pay there still."""
    provider = provider_for(payment.gateway_account)
    if status.outcome is Outcome.DECLINED and isinstance(provider, HostedFieldsProvider):
        provider.cancel(charge_of(payment), idempotency_key=f"{payment.pk}-close-{payment.card_tries}")
    return status


@sensitive_variables("changes")
@transaction.atomic
def begin_authorisation(payment: Payment, *, changes: dict[str, Any], by: Actor) -> ProviderOperation | None:
    """Take the lock of an authorisation; returns None when another request has it, or there is nothing to authorise."""
    if payment.status != states.STARTED or not payment.session_id:
        return None
    if not move_payment(payment, states.AUTHORISATION_READY, by=by, changes=changes):
        return None
    return open_operation(payment, AUTHORISE)


@sensitive_variables("changes")
def _authorise(payment: Payment, ask: Callable[[str], ChargeStatus], *, changes: dict[str, Any], by: Actor) -> bool:
    operation = begin_authorisation(payment, changes=changes, by=by)
    if operation is None:
        return False
    try:
        status = give_up_card(payment, status=ask(operation.idempotency_key))
    except ProviderError as error:
        close_operation(payment, AUTHORISE, error=error)
        if error.permanent:
            move_payment(payment, states.AUTHORISATION_ERROR, by=by)
    else:
        apply_authorisation(payment, status=status, by=by)
    return True


def _confirm_without_citizen(payment: Payment, *, by: Actor) -> None:
    """What a wallet pays was confirmed there; with other modes than our pages nobody is there to confirm."""
    is_confirmed = bool(payment.wallet_type) or payment.authorisation_mode != Payment.Mode.WEB
    if payment.status == states.SUBMITTED and is_confirmed:
        confirm_payment(payment, by=by)


def _learned(status: ChargeStatus) -> dict[str, Any]:
    learned: dict[str, Any] = {"challenge": asdict(status.challenge) if status.challenge else None}
    if status.provider_id:
        learned["provider_id"] = status.provider_id
    if status.instrument_id:
        learned["instrument_id"] = status.instrument_id
    if status.can_retry is not None:
        learned["can_retry"] = status.can_retry
    if status.is_challenged is not None:
        learned["is_challenged"] = status.is_challenged
    return {**learned, **(_card_columns(status.card) if status.card else {})}


def _card_columns(card: CardFacts) -> dict[str, str]:
    return {
        "card_brand": card.brand,
        "card_type": card.type,
        "first_digits": card.first_digits,
        "last_digits": card.last_digits,
        "expiry_date": card.expiry_date,
        "wallet_type": card.wallet_type,
    }
