"""Counting how much was used in a day, without counting rows: one number in the cache for each day and purpose."""

import logging

import redis
from django.core.cache import cache

logger = logging.getLogger(__name__)

#: A day's number is of no use when the day is over everywhere.
KEPT_SECONDS = 2 * 24 * 3600


def counted(key: str) -> int | None:
    """Return the number called ``key``, 0 when nothing was counted, None when the cache does not answer."""
    try:
        return int(cache.get(f"gaap:count:{key}", 0))
    except redis.RedisError as error:
        logger.warning("The day's numbers cannot be read: the cache does not answer (%s)", type(error).__name__)
        return None


def count_up(key: str, *, by: int = 1) -> int | None:
    """Add ``by``, which may be negative, to the number called ``key`` and return it.

    Returns None, and a line is logged, when the cache does not answer: then nothing is held to a limit.
    """
    name = f"gaap:count:{key}"
    try:
        return _add(name, by)
    except (redis.RedisError, ValueError) as error:
        # ValueError: the number was forgotten between two calls.
        logger.warning("Daily limits are off: the cache does not answer (%s)", type(error).__name__)
        return None


def _add(name: str, by: int) -> int:
    try:
        return int(cache.incr(name, by))
    except ValueError:
        # The first of the day.
        cache.add(name, 0, timeout=KEPT_SECONDS)
        return int(cache.incr(name, by))
