"""Identifiers that are hard to guess and easy to index."""

import os
import secrets
import time
import uuid
from threading import local

BASE32_ALPHABET = "0123456789abcdefghijklmnopqrstuv"
BASE32_LENGTH = 26


POOL_BYTES = 4096


class _Pool(local):
    """The system's random bytes, fetched for many at once and given out once.

    Each fetch lets other threads go first, and a busy request would wait for its turn again with every id.
    """

    def __init__(self) -> None:
        self._bytes, self._used = b"", 0

    def take(self, count: int) -> bytes:
        """Return so many bytes that nobody had before."""
        if self._used + count > len(self._bytes):
            self._bytes, self._used = os.urandom(max(POOL_BYTES, count)), 0
        taken = self._bytes[self._used : self._used + count]
        self._used += count
        return taken


def _fetch_anew() -> None:
    """Give a forked process bytes of its own: it has a copy of its parent's."""
    global _pool
    _pool = _Pool()


_pool = _Pool()
os.register_at_fork(after_in_child=_fetch_anew)


def random_bytes(count: int) -> bytes:
    """Return so many random bytes of the system's, fit for keys and nonces; nobody gets the same ones again."""
    return _pool.take(count)


def new_base32_id() -> str:
    """Return 26 characters of ``0-9a-v`` holding 130 random bits (Pay contract, A.1)."""
    return "".join(secrets.choice(BASE32_ALPHABET) for _ in range(BASE32_LENGTH))


def new_uuid() -> uuid.UUID:
    """Return a time-ordered UUID (RFC 9562, version 7), so that new rows stand at the end of an index."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (2**48 - 1)) << 80 | int.from_bytes(_pool.take(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)
