"""What a payment service provider has to be able to do.

A provider is made for one gateway account. It takes and returns the frozen dataclasses below, raises ProviderError,
and never sees a request, a model of ours or a transaction. Every call that changes something carries an idempotency
key: the same key again must change nothing and give the same answer.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from gaap.providers.errors import ProviderError
from gaap_payments.cards import CardDetails, CardNumber


class Capability(StrEnum):
    """What not every provider can do."""

    DELAYED_CAPTURE = "delayed_capture"
    PARTIAL_REFUND = "partial_refund"
    MOTO = "moto"


class Outcome(StrEnum):
    """Where a charge stands at the provider."""

    UNKNOWN = "unknown"
    OPEN = "open"
    CHALLENGE = "challenge"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    ERROR = "error"
    CAPTURE_SUBMITTED = "capture_submitted"
    CAPTURED = "captured"
    CANCELLED = "cancelled"


class RefundOutcome(StrEnum):
    """Where a refund stands at the provider."""

    UNKNOWN = "unknown"
    SUBMITTED = "submitted"
    SUCCESS = "success"
    ERROR = "error"


class DisputeOutcome(StrEnum):
    """Where a dispute stands at the provider, in the contract's words (A.8)."""

    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


class PayoutOutcome(StrEnum):
    """Where a transfer to the service's bank account stands."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"


class LineKind(StrEnum):
    """What a line of a payout is about."""

    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"
    ADJUSTMENT = "adjustment"


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
class PaymentOrder:
    """What the citizen is to pay: ``amount`` in the smallest unit of ``currency``."""

    payment_id: str
    amount: int
    currency: str
    reference: str
    description: str
    language: str
    #: The card was read out by telephone or written in a letter.
    is_moto: bool = False
    #: The card is to be kept for later payments of an agreement; the answer to the authorisation names it.
    saves_instrument: bool = False
    #: Where the citizen's bank sends their browser after a challenge (absolute).
    authentication_url: str = ""


@dataclass(frozen=True)
class ChargeReference:
    """How the provider finds a charge again; ``provider_id`` is empty until the provider has named one.

    ``amount`` is what the payer pays in all, in the smallest unit: a surcharge may have been added since the session
    was opened. None stands for the session's own amount.
    """

    payment_id: str
    session_id: str
    provider_id: str = ""
    amount: int | None = None


@dataclass(frozen=True)
class CardFacts:
    """What may be kept of a card. ``type`` is ``debit``, ``credit`` or empty; ``expiry_date`` is ``MM/YY``."""

    brand: str
    type: str
    first_digits: str
    last_digits: str
    expiry_date: str
    #: ``Apple Pay`` or ``Google Pay`` when the card was in a wallet.
    wallet_type: str = ""


@dataclass(frozen=True)
class Challenge:
    """Where the citizen proves to their bank that it is them (3-D Secure).

    ``url`` is absolute; the browser goes there with ``method`` (``GET`` or ``POST``) and ``fields``. The bank sends it
    back to the order's ``authentication_url``, with fields of its own.
    """

    url: str
    method: str = "POST"
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class ChargeStatus:
    """The provider's word on a charge. ``reason`` is for operators, in the provider's own words.

    ``fee`` is what the provider keeps of a captured charge, in the charge's smallest unit; None while nobody knows.
    ``instrument_id`` names the card that was kept for an agreement. ``can_retry`` says of a declined recurring payment
    whether the same card may be asked again.
    ``is_challenged`` says whether the bank wanted to be sure that it is the citizen; None when nobody knows.
    """

    outcome: Outcome
    provider_id: str = ""
    card: CardFacts | None = None
    captured_at: datetime | None = None
    reason: str = ""
    fee: int | None = None
    instrument_id: str = ""
    can_retry: bool | None = None
    challenge: Challenge | None = None
    is_challenged: bool | None = None


@dataclass(frozen=True)
class RefundStatus:
    """The provider's word on a refund. ``reason`` is for operators, in the provider's own words."""

    outcome: RefundOutcome
    provider_id: str = ""
    reason: str = ""


@dataclass(frozen=True)
class DisputeStatus:
    """The provider's word on a dispute: the payer's bank wants ``amount`` back, in the charge's smallest unit.

    ``reason`` is one of ``DISPUTE_REASONS``. ``fee`` is what the provider asks for a lost one.
    """

    provider_id: str
    outcome: DisputeOutcome
    amount: int
    reason: str
    opened_at: datetime
    evidence_due_at: datetime | None = None
    fee: int = 0


@dataclass(frozen=True)
class PayoutLine:
    """One movement in a payout, in the payout's smallest unit.

    ``amount`` is positive for what came in (a charge, a dispute that was won) and negative for what went back;
    ``fee`` is positive for what the provider keeps. ``provider_id`` names the charge, refund or dispute.
    """

    kind: LineKind
    amount: int
    fee: int = 0
    payment_id: str = ""
    provider_id: str = ""


@dataclass(frozen=True)
class PayoutStatus:
    """The provider's word on a payout: ``amount`` is the sum of its lines' amounts less their fees."""

    provider_id: str
    outcome: PayoutOutcome
    amount: int
    currency: str
    created_at: datetime
    paid_on: date | None = None
    lines: Sequence[PayoutLine] = ()


#: Why payers' banks open disputes (contract A.8).
DISPUTE_REASONS = (
    "credit_not_processed",
    "duplicate",
    "fraudulent",
    "general",
    "product_not_received",
    "product_unacceptable",
    "unrecognised",
    "subscription_cancelled",
    "other",
)


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
class HostedFields:
    """What a page of ours needs to show the provider's own card fields.

    ``script`` is the path of a static file of ours that draws them into ``#provider-fields`` and goes to ``return_url``
    when the citizen is done; ``foreign_scripts`` are absolute addresses that it builds on. ``sources`` widens the
    page's content security policy, directive by directive. ``data`` is what the script reads from the page; nothing in
    it is secret from the citizen whose payment it is.
    """

    script: str
    foreign_scripts: tuple[str, ...] = ()
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class CardKind:
    """What a card's number says of it before it is asked. ``type`` is ``debit``, ``credit`` or empty."""

    type: str = ""
    is_corporate: bool = False
    is_prepaid: bool = False


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
