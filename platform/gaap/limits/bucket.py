"""The token bucket: how many calls are left, and when the next one may come.

A bucket holds at most ``capacity`` tokens and gains ``refill_per_second`` of them; a call takes one. Only two numbers
are kept per bucket, the tokens left and the moment they were counted, so taking one is a single atomic step anywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from django.utils.functional import Promise


def all_at_once(calls: int) -> int:
    """Return the burst of a limit whose calls may all come at once: ``calls``."""
    return calls


@dataclass(frozen=True)
class Policy:
    """A limit: at most ``capacity`` calls at once, and ``refill_per_second`` in the long run.

    ``name`` appears in the headers; ``window`` is the time in seconds in which an empty bucket fills.
    """

    name: str
    capacity: int
    refill_per_second: float

    @property
    def window(self) -> int:
        """Seconds from empty to full, at least 1."""
        return max(1, ceil(self.capacity / self.refill_per_second))


@dataclass(frozen=True)
class RateLimit:
    """A limit that a component declares: so many ``calls`` in so many ``seconds``, by service and type of key.

    ``name`` is what headers, operators and views call it (letters and hyphens); ``burst`` gives the calls that may come
    at once, from the calls that the service is allowed. An operator may set other ``calls`` for a service.
    """

    name: str
    title: str | Promise
    calls: int
    seconds: int
    burst: Callable[[int], int] = all_at_once

    def policy(self, calls: int | None = None) -> Policy:
        """Return what a service is held to which may make ``calls`` (at least 1) per period, or as many as usual."""
        allowed = calls or self.calls
        return Policy(self.name, self.burst(allowed), allowed / self.seconds)


@dataclass(frozen=True)
class Quota:
    """What one call found: whether it may pass, the calls left, and seconds until there is one more."""

    policy: Policy
    is_allowed: bool
    remaining: int
    retry_after: int

    def headers(self) -> dict[str, str]:
        """Return the quota as headers (draft-ietf-httpapi-ratelimit-headers), with Retry-After on a refusal."""
        name = f'"{self.policy.name}"'
        found = {
            "RateLimit-Policy": f"{name};q={self.policy.capacity};w={self.policy.window}",
            "RateLimit": f"{name};r={self.remaining};t={self.retry_after}",
        }
        return found if self.is_allowed else {**found, "Retry-After": str(self.retry_after)}


def quota_for(policy: Policy, *, tokens: float, is_allowed: bool) -> Quota:
    """Return the quota of a bucket in which ``tokens`` are left after the call."""
    missing = max(0.0, 1.0 - tokens)
    return Quota(policy, is_allowed, max(0, int(tokens)), ceil(missing / policy.refill_per_second))


def take_token(policy: Policy, *, tokens: float, counted_at: float, now: float) -> tuple[bool, float]:
    """Return whether a call may pass, and the tokens left after it; times are seconds on one clock."""
    elapsed = max(0.0, now - counted_at)
    filled = min(float(policy.capacity), tokens + elapsed * policy.refill_per_second)
    return (True, filled - 1.0) if filled >= 1.0 else (False, filled)
