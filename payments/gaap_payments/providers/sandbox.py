"""The sandbox: a provider without money. It is the reference for every other one, and its cards are its documentation.

It takes the numbers of the table below and nothing else, keeps books of its own (``models/sandbox.py``) and sends
signed events in through the same door as any provider.
"""

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from django.urls import reverse

from gaap.clock import now
from gaap.conf import conf
from gaap.crypto import keyed_digest
from gaap.providers.errors import ProviderError
from gaap_payments.cards import CardDetails, CardNumber
from gaap_payments.models.sandbox import SandboxCharge, SandboxEvent
from gaap_payments.providers import registry
from gaap_payments.providers.base import (
    Capability,
    CardFacts,
    CardFormProvider,
    CardKind,
    Challenge,
    ChargeReference,
    ChargeStatus,
    ContractExamples,
    Outcome,
    PaymentOrder,
    ProviderEvent,
    RecurringProvider,
    SignatureError,
    WalletProvider,
)
from gaap_payments.providers.sandbox_direct_debit import SandboxDirectDebit
from gaap_payments.providers.sandbox_money import SandboxMoney

SIGNATURE_HEADER = "sandbox-signature"


@dataclass(frozen=True)
class SandboxCard:
    """A number that the sandbox knows: what it does, and what kind of card it stands for."""

    number: str
    outcome: Outcome
    type: str
    note: str
    #: What follows when the citizen's bank says yes to a challenge.
    after_challenge: Outcome = Outcome.AUTHORISED

    @property
    def kind(self) -> CardKind:
        """What the number says of the card, in the words of the note."""
        return CardKind(self.type, is_corporate="corporate" in self.note, is_prepaid="prepaid" in self.note)


_OK, _NO, _BAD, _ASK = Outcome.AUTHORISED, Outcome.DECLINED, Outcome.ERROR, Outcome.CHALLENGE

#: Every number that the sandbox knows (contract C.5). Any other number is an error, and nothing of it is kept.
CARDS = {
    card.number: card
    for card in (
        SandboxCard("4242424242424242", _OK, "credit", "Visa"),
        SandboxCard("4444333322221111", _OK, "credit", "Visa"),
        SandboxCard("4917610000000000003", _OK, "debit", "Visa with 19 digits"),
        SandboxCard("4000056655665556", _OK, "debit", "Visa debit"),
        SandboxCard("371449635398431", _OK, "credit", "American Express"),
        SandboxCard("3566002020360505", _OK, "credit", "JCB"),
        SandboxCard("6011000990139424", _OK, "credit", "Discover"),
        SandboxCard("36148900647913", _OK, "credit", "Diners Club"),
        SandboxCard("222100000000000", _OK, "credit", "Mastercard credit"),
        SandboxCard("5105105105105100", _OK, "debit", "Mastercard debit"),
        SandboxCard("4000000000000010", _OK, "credit", "Visa"),
        SandboxCard("4000160000000004", _OK, "debit", "Visa prepaid"),
        SandboxCard("4000020000000000", _OK, "credit", "Visa"),
        SandboxCard("4988080000000000", _OK, "credit", "Visa corporate"),
        SandboxCard("4111111111111111", _OK, "credit", "Visa corporate"),
        SandboxCard("4293189100000008", _OK, "debit", "Visa corporate"),
        SandboxCard("5101180000000007", _OK, "credit", "Mastercard corporate"),
        SandboxCard("4131840000000003", _OK, "debit", "Visa corporate prepaid"),
        SandboxCard("4000180000000002", _OK, "debit", "Visa corporate prepaid"),
        SandboxCard("5200828282828210", _OK, "debit", "Mastercard corporate prepaid"),
        SandboxCard("4000000000000002", _NO, "credit", "card declined"),
        SandboxCard("4000000000000069", _NO, "credit", "card expired"),
        SandboxCard("4000000000000127", _NO, "credit", "wrong security code"),
        SandboxCard("4000000000000119", _BAD, "credit", "provider error"),
        SandboxCard("4000002500003155", _ASK, "credit", "Visa, the bank asks for proof"),
        SandboxCard("4000008400001629", _ASK, "credit", "the bank asks for proof, then declines", _NO),
        SandboxCard("4000008400001280", _ASK, "credit", "the bank asks for proof, then fails", _BAD),
    )
}


#: What a citizen can answer on the sandbox bank's page, and what follows; None: what the card's line says.
BANK_ANSWERS: Mapping[str, Outcome | None] = {"approved": None, "refused": _NO, "failed": _BAD}

#: Words in a payment's description that decide what a wallet does (contract C.5); without one it pays.
WALLET_WORDS = {"DECLINED": _NO, "REFUSED": _NO, "ERROR": _BAD}
#: The same for payments by agreement; a card that was refused, unlike one declined, is never asked again.
RECURRING_WORDS = WALLET_WORDS
#: First and last digits of the card that sets an agreement up and then declines (contract C.5).
ONCE_ONLY = ("510510", "5100")
INSTRUMENT_PREFIX = "sandbox-card-"
#: The card in everybody's sandbox wallet.
WALLET_CARD = {"brand": "Visa", "type": "debit", "first_digits": "", "last_digits": "4242", "expiry_date": "12/39"}


@registry.register("sandbox")
class SandboxProvider(SandboxMoney, SandboxDirectDebit, CardFormProvider, WalletProvider, RecurringProvider):
    """Authorises the cards of the table and refuses everything else."""

    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability)
    card_brands: ClassVar[frozenset[str]] = frozenset(
        {"Visa", "Mastercard", "American Express", "Jcb", "Discover", "Diners Club"}
    )
    is_sandbox: ClassVar[bool] = True
    wallets: ClassVar[tuple[str, ...]] = ("Apple Pay", "Google Pay")
    contract_examples: ClassVar[ContractExamples] = ContractExamples(
        "4242424242424242", "4000000000000002", "4000002500003155"
    )

    def create_session(self, order: PaymentOrder, *, idempotency_key: str) -> str:
        """Open a charge in the books."""
        charge, _ = SandboxCharge.objects.get_or_create(
            account_id=self.account.id,
            session_key=idempotency_key,
            defaults={
                "payment_id": order.payment_id,
                "amount": order.amount,
                "currency": order.currency,
                "description": order.description,
                "authentication_url": order.authentication_url,
                "saves_instrument": order.saves_instrument,
                "is_moto": order.is_moto,
            },
        )
        return str(charge.pk)

    def authorise(self, charge: ChargeReference, card: CardDetails, *, idempotency_key: str) -> ChargeStatus:
        """Answer as the table says; a number that is not in it is an error.

        Nobody can prove anything to their bank by telephone: what follows a challenge comes at once then.
        """
        known = CARDS.get(card.number.reveal())
        outcome = known.outcome if known else Outcome.ERROR
        facts = asdict(_facts(card, known)) if known else {}
        after = known.after_challenge if known else Outcome.ERROR
        if outcome is Outcome.CHALLENGE and self._entry(charge).is_moto:
            outcome = after
        return self._decide(charge, outcome, facts=facts, after=after, idempotency_key=idempotency_key)

    def authorise_wallet(self, charge: ChargeReference, wallet: str, *, idempotency_key: str) -> ChargeStatus:
        """Answer as the description's word says."""
        description = self._entry(charge).description.upper()
        outcome = next((outcome for word, outcome in WALLET_WORDS.items() if word in description), Outcome.AUTHORISED)
        facts = {**WALLET_CARD, "wallet_type": wallet}
        return self._decide(charge, outcome, facts=facts, after=outcome, idempotency_key=idempotency_key)

    def authorise_stored(self, charge: ChargeReference, instrument_id: str, *, idempotency_key: str) -> ChargeStatus:
        """Answer as the stored card or the description's word says."""
        stored = SandboxCharge.objects.filter(account_id=self.account.id, saves_instrument=True)
        kept = stored.filter(pk=instrument_id.removeprefix(INSTRUMENT_PREFIX)).first()
        if kept is None:
            raise ProviderError("No such card is kept.", permanent=True)
        words = [word for word in RECURRING_WORDS if word in self._entry(charge).description.upper()]
        is_spent = (kept.card["first_digits"], kept.card["last_digits"]) == ONCE_ONLY
        outcome = RECURRING_WORDS[words[0]] if words else _NO if is_spent else _OK
        facts = {**kept.card, "wallet_type": ""}
        return self._decide(charge, outcome, facts=facts, after=outcome, idempotency_key=idempotency_key)

    def describe(self, number: CardNumber) -> CardKind:
        """Say what the table says."""
        known = CARDS.get(number.reveal())
        return known.kind if known else CardKind()

    def complete_challenge(
        self, charge: ChargeReference, answer: Mapping[str, str], *, idempotency_key: str
    ) -> ChargeStatus:
        """Follow what the citizen answered on the bank's page; whatever the browser says besides is not looked at."""
        entry = self._entry(charge)
        if entry.bank_answer:
            outcome = BANK_ANSWERS[entry.bank_answer] or Outcome(entry.after_challenge)
            SandboxCharge.objects.filter(pk=entry.pk, status=SandboxCharge.Status.CHALLENGE).update(
                status=outcome.value
            )
            entry.refresh_from_db()
        return _status(entry)

    def query(self, charge: ChargeReference) -> ChargeStatus:
        """Read the books."""
        entry = self._find(charge)
        return _status(entry) if entry else ChargeStatus(Outcome.UNKNOWN)

    def cancel(self, charge: ChargeReference, *, idempotency_key: str) -> ChargeStatus:
        """Close a charge that was not captured."""
        entry = self._entry(charge)
        SandboxCharge.objects.filter(pk=entry.pk).exclude(status=SandboxCharge.Status.CAPTURED).update(
            status=SandboxCharge.Status.CANCELLED
        )
        entry.refresh_from_db()
        if entry.status != SandboxCharge.Status.CANCELLED:
            raise ProviderError("The charge is captured.", permanent=True)
        return _status(entry)

    def parse_event(self, headers: Mapping[str, str], body: bytes) -> ProviderEvent:
        """Verify the signature, then read the event."""
        signature = headers.get(SIGNATURE_HEADER, "").encode()
        if not hmac.compare_digest(signature, sign_event(self.account.id, body).encode()):
            raise SignatureError("The signature is wrong.")
        event = json.loads(body)
        return ProviderEvent(event_id=event["id"], payment_id=event["payment_id"])

    def _decide(
        self, charge: ChargeReference, outcome: Outcome, *, facts: dict[str, Any], after: Outcome, idempotency_key: str
    ) -> ChargeStatus:
        entry = self._entry(charge)
        taken = SandboxCharge.objects.filter(pk=entry.pk, status=SandboxCharge.Status.OPEN).update(
            status=outcome.value,
            authorisation_key=idempotency_key,
            card=facts,
            after_challenge=after.value,
            amount=entry.amount if charge.amount is None else charge.amount,
        )
        entry.refresh_from_db()
        if not taken and entry.authorisation_key != idempotency_key:
            raise ProviderError("The session is closed.", permanent=True)
        return _status(entry)

    def _find(self, charge: ChargeReference) -> SandboxCharge | None:
        entries = SandboxCharge.objects.filter(account_id=self.account.id, payment_id=charge.payment_id)
        return entries.filter(pk=charge.session_id).first() if charge.session_id else entries.first()

    def _entry(self, charge: ChargeReference) -> SandboxCharge:
        entry = self._find(charge)
        if entry is None:
            raise ProviderError("No such charge.", permanent=True)
        return entry


def answer_challenge(charge_id: uuid.UUID, answer: str) -> str | None:
    """Note what the citizen answered on the sandbox bank's page; the first answer counts.

    Args:
        charge_id: the sandbox's charge, as its challenge names it.
        answer: a key of ``BANK_ANSWERS``.

    Returns:
        The address to which the bank sends the browser back, or None when there is no such charge.
    """
    charges = SandboxCharge.objects.filter(pk=charge_id)
    charges.filter(status=SandboxCharge.Status.CHALLENGE, bank_answer="").update(bank_answer=answer)
    return charges.values_list("authentication_url", flat=True).first()


def sign_event(account_id: str, body: bytes) -> str:
    """Return the signature that the sandbox puts on an event for ``account_id``: HMAC-SHA-256 in hexadecimal."""
    key = keyed_digest(account_id, purpose="payments.sandbox.events").encode()
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def event_message(event: SandboxEvent) -> tuple[dict[str, str], bytes]:
    """Return headers and body of an event as the sandbox sends it."""
    content: dict[str, Any] = {"id": str(event.pk), "type": event.type, "payment_id": event.charge.payment_id}
    body = json.dumps(content, separators=(",", ":")).encode()
    return {SIGNATURE_HEADER: sign_event(str(event.charge.account_id), body)}, body


def _facts(card: CardDetails, known: SandboxCard) -> CardFacts:
    return CardFacts(
        brand=card.number.brand or "",
        type=known.type,
        first_digits=card.number.first_digits,
        last_digits=card.number.last_digits,
        expiry_date=card.expiry_date,
    )


def _status(entry: SandboxCharge) -> ChargeStatus:
    card = CardFacts(**entry.card) if entry.card else None
    is_named = entry.status not in (SandboxCharge.Status.OPEN, SandboxCharge.Status.ERROR)
    is_waiting = entry.status == SandboxCharge.Status.CHALLENGE
    is_late = entry.captured_at is not None and entry.captured_at > now()
    return ChargeStatus(
        outcome=Outcome.CAPTURE_SUBMITTED if is_late else Outcome(entry.status),
        provider_id=str(entry.pk) if is_named else "",
        card=card,
        captured_at=entry.captured_at,
        fee=entry.fee,
        challenge=_challenge(entry) if is_waiting else None,
        is_challenged=is_waiting or bool(entry.bank_answer),
        instrument_id=f"{INSTRUMENT_PREFIX}{entry.pk}" if entry.saves_instrument and is_named else "",
        can_retry=_can_retry(entry),
    )


def _can_retry(entry: SandboxCharge) -> bool | None:
    """A card that refuses for good is never asked again."""
    is_declined = entry.status == SandboxCharge.Status.DECLINED
    return "REFUSED" not in entry.description.upper() if is_declined else None


def _challenge(entry: SandboxCharge) -> Challenge:
    return Challenge(conf.base_url.rstrip("/") + reverse("payments-sandbox-bank", args=[entry.pk]), method="GET")
