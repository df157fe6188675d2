"""Mandates: asking for one, the payer's agreement, and what becomes of it at the provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from gaap.actors import SYSTEM, Actor
from gaap.clock import now
from gaap.conf import conf
from gaap.outbox.services import emit
from gaap.providers.errors import ProviderError
from gaap.states import move
from gaap_payments import direct_debit_states as states
from gaap_payments.errors import PaymentStateError
from gaap_payments.models import GatewayAccount, Mandate
from gaap_payments.providers.direct_debit import (
    BankAccount,
    BankDetailsError,
    BankFormProvider,
    DirectDebitProvider,
    MandateOrder,
    MandateOutcome,
    MandateReference,
    MandateStatus,
)
from gaap_payments.services.operations import provider_for

#: As a card payment's (contract A.10).
EXPIRES_AFTER = timedelta(minutes=90)
ANSWER_WITHIN = timedelta(seconds=60)
LOOK_AGAIN_AFTER = timedelta(hours=6)

TARGETS: Mapping[MandateOutcome, str] = {
    MandateOutcome.PENDING: states.PENDING,
    MandateOutcome.ACTIVE: states.ACTIVE,
    MandateOutcome.INACTIVE: states.INACTIVE,
    MandateOutcome.CANCELLED: states.CANCELLED,
    MandateOutcome.FAILED: states.FAILED,
}


@dataclass(frozen=True)
class NewMandate:
    """What a service asks for, already validated (contract D.2)."""

    reference: str
    return_url: str
    description: str = ""
    language: str = "en"


@dataclass(frozen=True)
class BankDetails:
    """What the payer typed: their email address, and the account from which is to be paid."""

    account: BankAccount = field(repr=False)
    email: str = field(repr=False)


def direct_debit_provider(account: GatewayAccount) -> DirectDebitProvider | None:
    """Return the provider of ``account`` when it collects Direct Debits in the account's currency, else None."""
    provider = provider_for(account)
    if not isinstance(provider, DirectDebitProvider):
        return None
    is_spoken = not provider.debit_currencies or account.currency in provider.debit_currencies
    return provider if is_spoken else None


@transaction.atomic
def create_mandate(account: GatewayAccount, *, order: NewMandate, by: Actor) -> Mandate:
    """Create a mandate on ``account`` and return it."""
    mandate = Mandate.objects.create(
        service_id=account.service_id,
        gateway_account=account,
        is_live=account.is_live,
        created_by=by.id,
        due_at=now() + EXPIRES_AFTER,
        **vars(order),
    )
    emit(
        "mandate_created",
        service_id=mandate.service_id,
        subject=f"mandate/{mandate.pk}",
        data={"mandate_id": mandate.pk, "status": mandate.status},
    )
    return mandate


def start_mandate(mandate: Mandate, *, by: Actor) -> None:
    """Announce the mandate to the provider, so that the payer can agree; nothing happens when that is done.

    Raises ProviderError when the provider does not answer now; a refusal for good ends the mandate.
    """
    if mandate.status != states.CREATED:
        return
    try:
        session = _provider(mandate).open_mandate(_order(mandate), idempotency_key=f"{mandate.pk}-session-1")
    except ProviderError as error:
        if not error.permanent:
            raise
        move_mandate(mandate, states.ERROR, by=by)
        return
    changes = {"session_id": session.session_id, "provider_page": session.url}
    if not move_mandate(mandate, states.STARTED, by=by, changes=changes):
        mandate.refresh_from_db()


@sensitive_variables("details", "kept")
def note_bank_details(mandate: Mandate, *, details: BankDetails) -> None:
    """Keep what the payer typed, encrypted, until they confirm it."""
    kept: Any = vars(details.account)
    Mandate.objects.filter(pk=mandate.pk, status=states.STARTED).update(
        bank_account=kept, payer_name=details.account.holder, payer_email=details.email
    )
    mandate.refresh_from_db()


def agree_mandate(mandate: Mandate, *, by: Actor) -> None:
    """Send the payer's bank details to the provider; of many parallel requests one does.

    Raises BankDetailsError when the bank knows no such account, which the payer can correct; PaymentStateError when
    there is nothing to agree to. When the provider does not answer it is asked again later.
    """
    provider = _provider(mandate)
    if not isinstance(provider, BankFormProvider) or mandate.status != states.STARTED or not mandate.bank_account:
        raise PaymentStateError(f"Mandate {mandate.pk} is {mandate.status}.")
    if not move_mandate(mandate, states.SUBMITTING, by=by):
        return
    try:
        _submit(mandate, provider, by=by)
    except BankDetailsError:
        move_mandate(mandate, states.STARTED, by=by, changes={"bank_account": None})
        raise
    except ProviderError as error:
        if error.permanent:
            move_mandate(mandate, states.ERROR, by=by, changes={"bank_account": None})


def abandon_mandate(mandate: Mandate, *, by: Actor) -> None:
    """End a mandate to which the payer did not agree; raises PaymentStateError when it is too late."""
    if not states.MANDATE.can_move(mandate.status, states.ABANDONED):
        raise PaymentStateError(f"Mandate {mandate.pk} is {mandate.status}.")
    move_mandate(mandate, states.ABANDONED, by=by, changes={"bank_account": None})


def follow_mandate(mandate: Mandate, *, by: Actor = SYSTEM) -> None:
    """Ask the provider where the mandate stands and follow it; raises ProviderError when it does not answer."""
    status = _provider(mandate).query_mandate(reference_of(mandate))
    if mandate.status == states.STARTED and status.outcome in TARGETS:
        move_mandate(mandate, states.SUBMITTING, by=by)
    apply_mandate(mandate, status=status, by=by)


def apply_mandate(mandate: Mandate, *, status: MandateStatus, by: Actor) -> None:
    """Store the provider's word on a mandate, step by step where it skipped one."""
    target = TARGETS.get(status.outcome)
    if target is None or target == mandate.status:
        return
    for step in _steps(mandate.status, target):
        if not move_mandate(mandate, step, by=by, changes=_learned(status)):
            return


def expire_mandate(mandate: Mandate) -> None:
    """End a mandate whose time is over, unless the provider knows more than we do."""
    if mandate.status == states.STARTED:
        follow_mandate(mandate)
    if states.MANDATE.can_move(mandate.status, states.ABANDONED):
        abandon_mandate(mandate, by=SYSTEM)


def recover_mandate(mandate: Mandate) -> None:
    """Find out what became of a mandate whose answer never arrived; the payer may try again when it never did."""
    status = _provider(mandate).query_mandate(reference_of(mandate))
    if status.outcome in TARGETS:
        apply_mandate(mandate, status=status, by=SYSTEM)
    else:
        move_mandate(mandate, states.STARTED, by=SYSTEM)


def reference_of(mandate: Mandate) -> MandateReference:
    """Return how a provider finds the mandate again."""
    return MandateReference(mandate.pk, session_id=mandate.session_id, provider_id=mandate.provider_id)


def move_mandate(mandate: Mandate, target: str, *, by: Actor, changes: Mapping[str, Any] | None = None) -> bool:
    """Move ``mandate`` to ``target``; returns False when somebody else moved it first."""
    values = {"due_at": _next_due_at(mandate, target), "attempts": 0, **(changes or {})}
    return move(mandate, target, table=states.MANDATE, by=by, changes=values, data={"mandate_id": mandate.pk})


def _next_due_at(mandate: Mandate, status: str) -> Any:
    if status in states.MANDATE.final:
        return None
    if status in (states.CREATED, states.STARTED):
        return max(mandate.created_at + EXPIRES_AFTER, now() + timedelta(minutes=5))
    return now() + (ANSWER_WITHIN if status == states.SUBMITTING else LOOK_AGAIN_AFTER)


def _steps(source: str, target: str) -> tuple[str, ...]:
    """Return the way from one status to another: the provider may have gone through ``pending`` unseen."""
    if states.MANDATE.can_move(source, target):
        return (target,)
    paths = [(states.PENDING, target), (states.PENDING, states.ACTIVE, target), (states.ACTIVE, target)]
    return next((path for path in paths if _is_path(source, path)), ())


def _is_path(source: str, path: tuple[str, ...]) -> bool:
    edges = zip((source, *path), path, strict=False)
    return all(states.MANDATE.can_move(start, end) for start, end in edges)


@sensitive_variables()
def _submit(mandate: Mandate, provider: BankFormProvider, *, by: Actor) -> None:
    account = BankAccount(**mandate.bank_account)
    key = f"{mandate.pk}-mandate-1"
    apply_mandate(mandate, status=provider.submit_mandate(reference_of(mandate), account, idempotency_key=key), by=by)


def _learned(status: MandateStatus) -> dict[str, Any]:
    known = {
        "provider_id": status.provider_id,
        "bank_statement_reference": status.bank_statement_reference,
        "payer_name": status.payer_name,
        "payer_email": status.payer_email,
        "account_ending": status.account_ending,
    }
    return {"bank_account": None, **{name: value for name, value in known.items() if value}}


def _order(mandate: Mandate) -> MandateOrder:
    return MandateOrder(
        mandate_id=mandate.pk,
        reference=mandate.reference,
        description=mandate.description,
        language=mandate.language,
        return_url=conf.base_url.rstrip("/") + reverse("payments-mandate-back", args=[mandate.pk]),
    )


def _provider(mandate: Mandate) -> DirectDebitProvider:
    provider = direct_debit_provider(mandate.gateway_account)
    if provider is None:
        raise ProviderError("The provider collects no Direct Debits.", permanent=True)
    return provider
