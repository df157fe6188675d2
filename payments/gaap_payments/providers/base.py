"""What a payment service provider has to be able to do.

A provider is made for one gateway account. It takes and returns the frozen dataclasses of ``charges.py`` and
``money.py``, which can be imported from here too, raises ProviderError, and never sees a request, a model of ours or a
transaction. Every call that changes something carries an idempotency key: the same key again must change nothing and
give the same answer.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from gaap.providers.errors import ProviderError
from gaap_payments.cards import CardDetails, CardNumber
from gaap_payments.providers.charges import (
    CardFacts,
    CardKind,
    Challenge,
    ChargeReference,
    ChargeStatus,
    HostedFields,
    Outcome,
    PaymentOrder,
)
from gaap_payments.providers.money import (
    DISPUTE_REASONS,
    DisputeOutcome,
    DisputeStatus,
    Evidence,
    EvidenceFile,
    LineKind,
    PayoutLine,
    PayoutOutcome,
    PayoutStatus,
    RefundOutcome,
    RefundStatus,
)

__all__ = [
    "DISPUTE_REASONS",
    "Capability",
    "CardFacts",
    "CardFormProvider",
    "CardKind",
    "Challenge",
    "ChargeReference",
    "ChargeStatus",
    "ContractExamples",
    "DisputeEvidenceProvider",
    "DisputeOutcome",
    "DisputeStatus",
    "Evidence",
    "EvidenceFile",
    "HostedFields",
    "HostedFieldsProvider",
    "LineKind",
    "Outcome",
    "PaymentOrder",
    "PaymentProvider",
    "PayoutLine",
    "PayoutOutcome",
    "PayoutStatus",
    "ProviderAccount",
    "ProviderEvent",
    "RecurringProvider",
    "RefundOutcome",
    "RefundStatus",
    "SignatureError",
    "WalletProvider",
]


class Capability(StrEnum):
    """What not every provider can do."""

    DELAYED_CAPTURE = "delayed_capture"
    PARTIAL_REFUND = "partial_refund"
    MOTO = "moto"


class SignatureError(ProviderError):
    """An incoming event is not from the provider, or cannot be read."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


@dataclass(frozen=True)
class ProviderAccount:
    """The gateway account that a provider works for. ``id`` is a UUID as text."""

    id: str
    is_live: bool
    credentials: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class ProviderEvent:
    """A verified event: something about the charge, its refunds or its disputes changed.

    What it is now is asked of the provider, never believed. An event that does not say our ``payment_id`` may name the
    provider's own session or charge (``session_id``). With neither, it is about the account's payouts.
    """

    event_id: str
    payment_id: str = ""
    session_id: str = ""


@dataclass(frozen=True)
class ContractExamples:
    """What the contract suite needs to know of a provider to try it out."""

    approved_card: str = ""
    declined_card: str = ""
    challenged_card: str = ""
    currency: str = "GBP"
    credentials: Mapping[str, Any] = field(default_factory=dict, repr=False)
    #: Reached over the network, and so tried only where ``GAAP_PAYMENTS_PROVIDER_ADDRESSES`` names a peer.
    is_remote: bool = False


class PaymentProvider(ABC):
    """A payment service provider, made for one account. See ``docs/how-to/add-a-payment-provider.md``."""

    #: What this provider can do beyond the methods below.
    capabilities: ClassVar[frozenset[Capability]] = frozenset()
    #: JSON Schema of the account's credentials; shown to operators and checked before an account is stored.
    credentials_schema: ClassVar[Mapping[str, Any]] = {"type": "object", "additionalProperties": False}
    #: Labels of the card brands that are taken (``gaap_payments.cards.BRANDS``).
    card_brands: ClassVar[frozenset[str]] = frozenset()
    #: The smallest amount that is taken, in the currency's smallest unit; one unit where nothing is said.
    minimum_amounts: ClassVar[Mapping[str, int]] = {}
    #: True when no money moves; such a provider is refused for live accounts in production.
    is_sandbox: ClassVar[bool] = False
    #: Numbers with which the contract suite tries the provider.
    contract_examples: ClassVar[ContractExamples]

    def __init__(self, account: ProviderAccount) -> None:
        self.account = account

    def account_faults(self) -> Iterable[str]:
        """Yield, in words for operators, what is wrong with an account whose credentials follow the schema."""
        return ()

    @abstractmethod
    def create_session(self, order: PaymentOrder, *, idempotency_key: str) -> str:
        """Announce a payment and return the provider's session id (at most 255 characters)."""

    @abstractmethod
    def query(self, charge: ChargeReference) -> ChargeStatus:
        """Return where the charge stands now; ``UNKNOWN`` when the provider never heard of it."""

    def complete_challenge(
        self, charge: ChargeReference, answer: Mapping[str, str], *, idempotency_key: str
    ) -> ChargeStatus:
        """Follow what the bank sent back (``answer``, not to be believed); ``CHALLENGE`` while the bank still waits.

        A provider that hears from the bank itself needs no method of its own.
        """
        return self.query(charge)

    @abstractmethod
    def capture(self, charge: ChargeReference, *, idempotency_key: str) -> ChargeStatus:
        """Take the authorised money; returns ``CAPTURE_SUBMITTED`` or ``CAPTURED``."""

    @abstractmethod
    def cancel(self, charge: ChargeReference, *, idempotency_key: str) -> ChargeStatus:
        """Release an authorisation, or close a session without one; returns ``CANCELLED``."""

    @abstractmethod
    def refund(self, charge: ChargeReference, *, amount: int, idempotency_key: str) -> RefundStatus:
        """Give ``amount`` (smallest unit) of the captured money back; raises ProviderError above what is left."""

    @abstractmethod
    def query_refund(self, charge: ChargeReference, *, provider_id: str, idempotency_key: str) -> RefundStatus:
        """Return where a refund stands now; ``UNKNOWN`` when the provider never heard of it.

        ``provider_id`` is empty when the answer to ``refund`` was lost; the provider finds the refund by the key then.
        """

    def disputes(self, charge: ChargeReference) -> Sequence[DisputeStatus]:
        """Return every dispute about the charge; a provider that tells of none needs no method of its own."""
        return ()

    def payouts(self, *, since: datetime) -> Sequence[PayoutStatus]:
        """Return the account's payouts made or changed since then; none where payouts are the bank's business."""
        return ()

    @abstractmethod
    def parse_event(self, headers: Mapping[str, str], body: bytes) -> ProviderEvent:
        """Verify and read an incoming event; ``headers`` have lower-case names. Raises SignatureError."""


class CardFormProvider(PaymentProvider):
    """A provider whose card details are typed into our own page. Only sandboxes should be one (PCI DSS scope)."""

    def describe(self, number: CardNumber) -> CardKind:
        """Return what the number says of its card, for surcharges; nothing when the provider cannot tell."""
        return CardKind()

    @abstractmethod
    def authorise(self, charge: ChargeReference, card: CardDetails, *, idempotency_key: str) -> ChargeStatus:
        """Reserve the session's amount on the card; returns ``AUTHORISED``, ``CHALLENGE``, ``DECLINED`` or ``ERROR``.

        A session that was declined is closed for good: another try gets another session.
        """


class HostedFieldsProvider(PaymentProvider):
    """A provider that draws its own card fields into our page, so that no card number ever reaches us.

    The citizen's browser authorises the session with the provider; then ``query`` says what came of it.
    """

    @abstractmethod
    def hosted_fields(self, charge: ChargeReference, *, return_url: str, language: str) -> HostedFields:
        """Return what the page needs; ``return_url`` is absolute. Raises ProviderError."""


class RecurringProvider(PaymentProvider):
    """A provider that keeps a card for later payments that the citizen is not there for."""

    @abstractmethod
    def authorise_stored(self, charge: ChargeReference, instrument_id: str, *, idempotency_key: str) -> ChargeStatus:
        """Reserve the session's amount on a card that was kept; a declined one says whether it ``can_retry``."""


class WalletProvider(PaymentProvider):
    """A provider whose wallets get a button on our page; no card is typed and nothing is left to confirm."""

    #: The wallets, as the contract names them (``Apple Pay``, ``Google Pay``), in the order of the buttons.
    wallets: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def authorise_wallet(self, charge: ChargeReference, wallet: str, *, idempotency_key: str) -> ChargeStatus:
        """Reserve the session's amount on the card in the citizen's ``wallet``; returns as ``authorise`` does."""


class DisputeEvidenceProvider(PaymentProvider):
    """A provider that passes a service's evidence on to the payer's bank."""

    @abstractmethod
    def send_evidence(
        self, charge: ChargeReference, dispute_id: str, evidence: Evidence, *, idempotency_key: str
    ) -> DisputeStatus:
        """Send everything there is about the dispute ``dispute_id``, for good, and return where it stands then.

        Raises ProviderError, permanent when the bank takes no more evidence.
        """
