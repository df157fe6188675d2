"""What a provider has to be able to do to collect Direct Debits; see ``base.py`` for the rules of every provider."""

from abc import abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from gaap_payments.providers.base import PaymentProvider


class MandateOutcome(StrEnum):
    """Where a mandate stands at the provider. ``OPEN``: the payer has not agreed yet."""

    UNKNOWN = "unknown"
    OPEN = "open"
    PENDING = "pending"
    ACTIVE = "active"
    INACTIVE = "inactive"
    CANCELLED = "cancelled"
    FAILED = "failed"


class CollectionOutcome(StrEnum):
    """Where a payment under a mandate stands at the provider."""

    UNKNOWN = "unknown"
    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PAID_OUT = "paidout"
    INDEMNITY_CLAIM = "indemnityclaim"


class BankDetailsError(Exception):
    """The bank knows no such account; the payer can correct it."""


@dataclass(frozen=True)
class BankAccount:
    """A payer's account: sort code of six digits, account number of eight. Lives until the mandate is submitted."""

    holder: str = field(repr=False)
    sort_code: str = field(repr=False)
    account_number: str = field(repr=False)


@dataclass(frozen=True)
class MandateOrder:
    """A mandate as the service wants it. ``return_url`` is where a provider's own page sends the payer (absolute)."""

    mandate_id: str
    reference: str
    description: str
    language: str
    return_url: str


@dataclass(frozen=True)
class MandateSession:
    """An announced mandate. With ``url`` (absolute) the payer gives their bank details on the provider's own page."""

    session_id: str
    url: str = ""


@dataclass(frozen=True)
class MandateReference:
    """How the provider finds a mandate again."""

    mandate_id: str
    session_id: str
    provider_id: str = ""


@dataclass(frozen=True)
class MandateStatus:
    """The provider's word on a mandate: its id, and the reference that the payer's bank statement shows."""

    outcome: MandateOutcome
    provider_id: str = ""
    bank_statement_reference: str = ""
    payer_name: str = field(default="", repr=False)
    payer_email: str = field(default="", repr=False)
    account_ending: str = ""


@dataclass(frozen=True)
class CollectionOrder:
    """A payment to collect: ``amount`` in the smallest unit of ``currency``."""

    payment_id: str
    mandate: MandateReference
    amount: int
    currency: str
    reference: str
    description: str


@dataclass(frozen=True)
class CollectionStatus:
    """The provider's word on a payment under a mandate. ``reason`` is for operators."""

    outcome: CollectionOutcome
    provider_id: str = ""
    reason: str = ""


class DirectDebitProvider(PaymentProvider):
    """A provider that collects Direct Debits."""

    #: The currencies in which it does; empty where it knows no such limit.
    debit_currencies: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def open_mandate(self, order: MandateOrder, *, idempotency_key: str) -> MandateSession:
        """Announce a mandate. Raises ProviderError."""

    @abstractmethod
    def query_mandate(self, mandate: MandateReference) -> MandateStatus:
        """Return where the mandate stands now; ``UNKNOWN`` when the provider never heard of it."""

    @abstractmethod
    def collect(self, order: CollectionOrder, *, idempotency_key: str) -> CollectionStatus:
        """Ask the payer's bank for money; returns ``PENDING`` as a rule. Raises ProviderError."""

    @abstractmethod
    def query_collection(self, order: CollectionOrder, *, provider_id: str) -> CollectionStatus:
        """Return where a payment stands now; ``UNKNOWN`` when the provider never heard of it."""


class BankFormProvider(DirectDebitProvider):
    """A provider whose payers type their bank details into our own page."""

    @abstractmethod
    def submit_mandate(self, mandate: MandateReference, account: BankAccount, *, idempotency_key: str) -> MandateStatus:
        """Send the payer's bank details; raises BankDetailsError for ones that do not exist, and ProviderError."""
