"""What every evidence provider offers, and the words it speaks in."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Literal

from gaap.providers.errors import ProviderError
from gaap.providers.registry import Registry
from gaap_identity.gpg45.doubts import DOUBTS
from gaap_identity.return_codes import RETURN_CODES

MAX_SCORE = 4
MAX_FRAUD_SCORE = 3

NamePartType = Literal["GivenName", "FamilyName"]


@dataclass(frozen=True)
class CheckRequest:
    """What a provider is asked: to check one citizen, and to send the browser to ``return_url`` afterwards.

    ``state`` must come back unchanged. ``levels`` are the levels of identity that would help, weakest first;
    ``language`` is the citizen's (BCP 47).
    """

    return_url: str
    state: str
    levels: tuple[str, ...]
    language: str


@dataclass(frozen=True)
class NamePart:
    """One part of a name, in the order in which the name is written."""

    type: NamePartType
    value: str


@dataclass(frozen=True)
class Name:
    """A name, and from and until when it was used (ISO 8601 dates, or empty)."""

    parts: tuple[NamePart, ...]
    valid_from: str = ""
    valid_until: str = ""


@dataclass(frozen=True)
class Facts:
    """Who the citizen is. Addresses and documents are objects in the words of contract A.6.

    One name at least is in use today, with no ``valid_until``. Raises ProviderError.
    """

    names: tuple[Name, ...]
    birth_dates: tuple[str, ...]
    addresses: tuple[Mapping[str, Any], ...] = ()
    passports: tuple[Mapping[str, Any], ...] = ()
    driving_permits: tuple[Mapping[str, Any], ...] = ()

    def __post_init__(self) -> None:
        """Refuse facts that name nobody."""
        if not any(name.parts and not name.valid_until for name in self.names):
            raise ProviderError("The provider gave no present name.", permanent=True)


@dataclass(frozen=True)
class EvidenceItem:
    """A document or record, with its strength and validity (0 to 4 each, GPG 45).

    ``expires_on`` is the last day on which it counts (ISO 8601), or empty when it does not run out.

    Raises ProviderError.
    """

    kind: str
    strength: int
    validity: int
    expires_on: str = ""

    def __post_init__(self) -> None:
        """Refuse scores and days that do not exist."""
        check_score(self.strength)
        check_score(self.validity)
        try:
            self.last_day  # noqa: B018  reading it is the check
        except ValueError:
            raise ProviderError("The provider gave a day that does not exist.", permanent=True) from None

    @property
    def last_day(self) -> date | None:
        """The last day on which it counts."""
        return date.fromisoformat(self.expires_on) if self.expires_on else None


@dataclass(frozen=True)
class CheckResult:
    """What came of a check. ``facts`` is None, and ``return_codes`` says why, when nobody was identified.

    ``activity``, ``fraud`` and ``verification`` are GPG 45 scores (0 to 4; fraud 0 to 3). ``doubts`` are codes of
    ``gpg45.doubts.DOUBTS``; ``in_person`` says that staff met the citizen;
    ``is_pending`` that the result comes later. Raises ProviderError.
    """

    facts: Facts | None = None
    evidence: tuple[EvidenceItem, ...] = ()
    activity: int = 0
    fraud: int = 0
    verification: int = 0
    return_codes: tuple[str, ...] = ()
    is_pending: bool = False
    doubts: tuple[str, ...] = ()
    in_person: bool = False

    def __post_init__(self) -> None:
        """Refuse scores and codes that do not exist."""
        check_score(self.activity)
        check_score(self.fraud, most=MAX_FRAUD_SCORE)
        check_score(self.verification)
        if not RETURN_CODES.keys() >= set(self.return_codes):
            raise ProviderError("The provider gave an unknown return code.", permanent=True)
        if not DOUBTS.keys() >= set(self.doubts):
            raise ProviderError("The provider gave an unknown doubt.", permanent=True)


def check_score(score: int, *, most: int = MAX_SCORE) -> None:
    """Raise ProviderError unless ``score`` is between 0 and ``most``."""
    if not 0 <= score <= most:
        raise ProviderError(f"The provider gave the score {score}, which does not exist.", permanent=True)


@dataclass(frozen=True)
class ProviderSetup:
    """How one source that uses a provider is set up: options, secret, and where it sends the browser back to."""

    identifier: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    secret: str = field(default="", repr=False)
    return_url: str = ""


@dataclass(frozen=True)
class Way:
    """One way to use a provider: what the citizen must have, what it can bring at best, and how long it takes.

    ``needs`` are names of ``HOLDINGS``; ``minutes`` counts the citizen's own time, ``days`` what they wait.
    """

    needs: frozenset[str]
    evidence: tuple[tuple[int, int], ...] = ()
    activity: int = 0
    fraud: int = 0
    verification: int = 0
    minutes: int = 5
    days: int = 0


#: What a citizen may have that helps to prove who they are.
HOLDINGS = ("passport", "driving_permit", "records", "account_elsewhere", "counter")


class EvidenceProvider(ABC):
    """A source of evidence. It sees no model, no request and no transaction."""

    #: True when the provider identifies nobody in truth; it is then refused to live services.
    is_sandbox: ClassVar[bool] = False
    #: Origins that the browser passes through on its way to the provider's first page, when they are not ours.
    origins: ClassVar[tuple[str, ...]] = ()
    #: Parameters that ``parse_result`` understands without reaching outside, for the contract suite.
    examples: ClassVar[tuple[Mapping[str, str], ...]] = ()
    #: The ways to use it; routing picks the shortest one for what the citizen has. None named: it suits everybody.
    ways: ClassVar[tuple[Way, ...]] = ()

    def __init__(self, setup: ProviderSetup | None = None) -> None:
        """Take the set-up of the source; without one, the provider is being looked at and calls nobody."""
        self.setup = setup or ProviderSetup()

    def page_origins(self) -> tuple[str, ...]:
        """Return the origins that the browser passes through on its way to the first page."""
        return self.origins

    @abstractmethod
    def begin(self, request: CheckRequest) -> str:
        """Return the address to send the citizen's browser to; raises ProviderError."""

    @abstractmethod
    def parse_result(self, parameters: Mapping[str, str]) -> CheckResult:
        """Return the result that the browser (or a call from here) brought back; raises ProviderError.

        ``parameters`` are those of the return address, already matched by ``state``.
        """


registry: Registry[EvidenceProvider] = Registry(
    "evidence", package="gaap_identity.providers", entry_point_group="gaap_identity.evidence_providers"
)
