"""How one try of a delivery went."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

SLOW_MS = 1000
LONGEST_PAUSE = timedelta(days=1)
PAUSING = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


@dataclass(frozen=True)
class Outcome:
    """How one try went: the answer's status and body, or the error instead of an answer."""

    started_at: datetime
    latency_ms: int
    status: int | None = None
    body: str = ""
    error: str = ""
    pause: timedelta | None = None

    @property
    def is_slow(self) -> bool:
        """True when the receiver kept a worker waiting."""
        return self.latency_ms >= SLOW_MS

    @property
    def asked_pause(self) -> timedelta | None:
        """The pause that the receiver asked for with 429 or 503."""
        return self.pause if self.status in PAUSING else None

    @property
    def summary(self) -> str:
        """One line for people."""
        return self.error or f"HTTP {self.status}"


def retry_after(header: str, *, moment: datetime) -> timedelta | None:
    """Return the wait that a Retry-After header asks for (RFC 9110, 10.2.3), at most a day; None for nonsense."""
    if header.isdecimal():
        return min(timedelta(seconds=min(int(header), LONGEST_PAUSE.total_seconds())), LONGEST_PAUSE)
    try:
        wait = parsedate_to_datetime(header) - moment
    except (ValueError, TypeError):
        return None
    return max(timedelta(), min(wait, LONGEST_PAUSE))
