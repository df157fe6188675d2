"""Lanes: classes of requests, and how many of each a process works on and lets wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from gaap.components import components

STAFF = ("/admin", "/console", "/docs")
API = ("/v1/", "/v2/")
#: What the machines around the suite ask; it never waits behind people.
PROBES = ("/health/", "/metrics")
FEED = "/v1/events"


@dataclass(frozen=True)
class Lane:
    """``running`` and ``waiting`` are numbers of requests in one process, ``patience`` the longest wait in seconds."""

    name: str
    running: int
    waiting: int
    patience: float
    goes_first: bool = False


@dataclass(frozen=True)
class Limits:
    """How much one process takes on: ``at_once`` requests in work, and so many waiting in each lane."""

    at_once: int
    waiting: int
    patience: float

    @property
    def ordinary(self) -> int:
        """How many requests may be in work that are not signing anybody in: a quarter of the places is kept free."""
        return max(1, self.at_once - max(1, self.at_once // 4))

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The lanes that share the places."""
        staff = max(1, self.ordinary // 2)
        return (
            Lane("sign_in", self.at_once, self.waiting, self.patience * 3, goes_first=True),
            Lane("pages", self.ordinary, self.waiting, self.patience),
            Lane("api", self.ordinary, self.waiting, self.patience),
            Lane("staff", staff, self.waiting, self.patience),
        )


def lane_of(path: str, query: str) -> str:
    """Return the lane's name: ``sign_in``, ``pages``, ``api``, ``staff``, or ``probe`` and ``feed``, which are apart.

    Readers of the event feed who wait are counted by the feed itself; they do nothing meanwhile.
    """
    if path.startswith(PROBES):
        return "probe"
    if path == FEED and parse_qs(query).get("wait", ["0"])[-1] not in ("", "0"):
        return "feed"
    if _is_under(path, [prefix for component in components() for prefix in component.priority_paths]):
        return "sign_in"
    if path.startswith(API):
        return "api"
    return "staff" if _is_under(path, STAFF) else "pages"


def _is_under(path: str, prefixes: Sequence[str]) -> bool:
    return any(path == prefix or path.startswith(f"{prefix.rstrip('/')}/") for prefix in prefixes)
