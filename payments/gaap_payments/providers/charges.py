"""What goes to a payment service provider about a charge, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


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
