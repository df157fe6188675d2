"""What every provider of messages takes, returns and raises.

A provider knows its vendor and nothing of ours: no model, no request, no transaction.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Generic, Literal, TypeVar
from uuid import UUID

from gaap.providers.errors import ProviderError

Message = TypeVar("Message")


#: What a report says instead of a status when the recipient of an email complained about it.
COMPLAINT = "complaint"


@dataclass(frozen=True)
class Accepted:
    """The provider has taken a message and calls it ``provider_id`` (at most 255 characters)."""

    provider_id: str


@dataclass(frozen=True)
class DeliveryReport:
    """What a receipt says, in our words.

    ``event_id`` is the same when the provider repeats itself. ``status`` is one of ``sending``, ``pending``,
    ``delivered``, ``temporary-failure`` and ``permanent-failure``, or ``complaint``. ``notification_id`` is our own
    id, when the provider echoes it.
    """

    event_id: str
    provider_id: str
    status: str
    detail: str = ""
    notification_id: UUID | None = None


@dataclass(frozen=True)
class InboundText:
    """A text message that somebody sent to a number of ours. Numbers are E.164 without the plus, or short codes.

    ``event_id`` is the same when the provider repeats itself.
    """

    event_id: str
    sender: str = field(repr=False)
    recipient: str
    text: str = field(repr=False)


class RecipientRejectedError(ProviderError):
    """The provider says that this recipient can never be reached."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class ReceiptRefusedError(Exception):
    """The call is not from the provider, or cannot be understood. The message holds no personal data."""


class Provider(ABC, Generic[Message]):
    """Base of every provider. An instance belongs to one entry of the settings and lives for one piece of work."""

    #: True when receipts tell what became of a message; without them a taken message is a finished one.
    reports_delivery: ClassVar[bool] = True
    #: How it is found out whether the provider took a message when the call broke off. ``repeating``: a repeat with
    #: the same id is known as one. ``asking``: ``find_sent`` tells. ``nothing``: GAAP_NOTIFY["UNSETTLED"] decides.
    settled_by: ClassVar[Literal["repeating", "asking", "nothing"]] = "nothing"
    #: How many messages it takes at once; the option CONCURRENCY overrules it. With 1, no thread is started.
    concurrency: ClassVar[int] = 8
    #: Names of the HTTP headers that ``parse_receipt`` needs; the others are not kept.
    receipt_headers: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, alias: str, CONCURRENCY: int = 0, PER_SECOND: float = 0, **options: Any) -> None:
        self.alias = alias
        self.lanes = CONCURRENCY or self.concurrency
        #: How many messages may be handed over in a second; 0 for no limit.
        self.per_second = PER_SECOND
        self.options = options

    @abstractmethod
    def send(self, message: Message) -> Accepted:
        """Hand the message over, within 30 seconds. Several threads may be in here at once.

        It may come again with the same ``id`` when a worker died: give the vendor that id as its idempotency key
        where it knows one. Raises ProviderError, permanent when no further try can succeed.
        """

    def find_sent(self, message: Message, *, since: datetime) -> Sequence[Accepted]:
        """Return what the provider took at or after ``since`` that may be ``message``; raises ProviderError.

        Only asked of providers that are ``settled_by`` asking. What is known to be another message is left out by the
        caller.
        """
        raise ProviderError("This provider cannot be asked.", permanent=False, is_unknown=True)

    def parse_receipt(self, headers: Mapping[str, str], body: str) -> DeliveryReport:
        """Verify and read a receipt; header names are in lower case. Raises ReceiptRefusedError."""
        raise ReceiptRefusedError("This provider sends no receipts.")

    def parse_receipts(self, headers: Mapping[str, str], body: str) -> Sequence[DeliveryReport]:
        """Do the same with a call that tells of several messages, or of nothing that matters here.

        To be overridden where the provider reports in batches. Raises ReceiptRefusedError.
        """
        return [self.parse_receipt(headers, body)]

    def parse_inbound(self, headers: Mapping[str, str], body: str) -> InboundText:
        """Verify and read a text message from a member of the public. Raises ReceiptRefusedError."""
        raise ReceiptRefusedError("This provider takes no texts for us.")

    def check(self) -> Iterable[str]:
        """Yield what is wrong with the options, for the system checks."""
        return ()
