"""Where buckets are kept: in this process, or in Redis for all processes together."""

import logging
import time
from functools import lru_cache
from threading import Lock
from typing import Protocol

import redis
from django.conf import settings

from gaap.limits.bucket import Policy, Quota, quota_for, take_token

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 0.25
MAX_LOCAL_BUCKETS = 10_000
REMEMBERED_SECONDS = 60

# The same arithmetic as take_token, run by Redis in one step and on its own clock.
TAKE = """
local capacity, refill = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(kept[1]) or capacity, tonumber(kept[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - at) * refill)
local allowed = 0
if tokens >= 1 then allowed = 1 tokens = tokens - 1 end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('EXPIRE', KEYS[1], math.ceil(capacity / refill) + 1)
return {allowed, tostring(tokens)}
"""


class Store(Protocol):
    """Takes tokens from buckets, and remembers for a while which requests were counted."""

    def take(self, key: str, policy: Policy) -> Quota:
        """Take a token from the bucket called ``key`` and return what the call found."""
        ...

    def remember(self, name: str) -> bool:
        """Remember ``name`` for a minute; returns False when it was remembered already."""
        ...

    def forget(self, name: str) -> None:
        """Forget ``name`` at once."""
        ...


class LocalStore:
    """Buckets in this process's memory: right for one process, and the fallback when Redis is gone."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}
        self._remembered: dict[str, float] = {}
        self._lock = Lock()

    def take(self, key: str, policy: Policy) -> Quota:
        """Take a token; the oldest buckets are forgotten when there are too many."""
        now = time.monotonic()
        with self._lock:
            tokens, counted_at = self._buckets.pop(key, (float(policy.capacity), now))
            is_allowed, left = take_token(policy, tokens=tokens, counted_at=counted_at, now=now)
            self._buckets[key] = (left, now)
            if len(self._buckets) > MAX_LOCAL_BUCKETS:
                del self._buckets[next(iter(self._buckets))]
        return quota_for(policy, tokens=left, is_allowed=is_allowed)

    def remember(self, name: str) -> bool:
        """Remember a name for a minute; the oldest are forgotten when there are too many."""
        now = time.monotonic()
        with self._lock:
            if self._remembered.get(name, now) > now:
                return False
            self._remembered.pop(name, None)
            self._remembered[name] = now + REMEMBERED_SECONDS
            if len(self._remembered) > MAX_LOCAL_BUCKETS:
                del self._remembered[next(iter(self._remembered))]
        return True

    def forget(self, name: str) -> None:
        """Forget a name."""
        with self._lock:
            self._remembered.pop(name, None)


class RedisStore:
    """Buckets in Redis, shared by every process. When Redis does not answer, calls pass and a line is logged."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS)
        self._script = self._client.register_script(TAKE)

    def take(self, key: str, policy: Policy) -> Quota:
        """Take a token in one atomic step."""
        try:
            allowed, tokens = self._script(keys=[f"gaap:limit:{key}"], args=[policy.capacity, policy.refill_per_second])
        except redis.RedisError as error:
            _say_off(error)
            return quota_for(policy, tokens=float(policy.capacity), is_allowed=True)
        return quota_for(policy, tokens=float(tokens), is_allowed=bool(allowed))

    def remember(self, name: str) -> bool:
        """Remember a name for a minute, if Redis answers."""
        try:
            return bool(self._client.set(f"gaap:counted:{name}", 1, nx=True, ex=REMEMBERED_SECONDS))
        except redis.RedisError as error:
            _say_off(error)
            return True

    def forget(self, name: str) -> None:
        """Forget a name, if Redis answers."""
        try:
            self._client.delete(f"gaap:counted:{name}")
        except redis.RedisError as error:
            _say_off(error)


def _say_off(error: redis.RedisError) -> None:
    logger.warning("Rate limits are off: the store does not answer (%s)", type(error).__name__)


def store() -> Store:
    """Return the store that the settings name: Redis where ``REDIS_URL`` is set, otherwise this process."""
    return _store(str(getattr(settings, "REDIS_URL", "")))


@lru_cache(maxsize=4)
def _store(url: str) -> Store:
    return RedisStore(url) if url else LocalStore()
