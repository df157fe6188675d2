"""Identifiers that are hard to guess and easy to index."""

import secrets
import time
import uuid

BASE32_ALPHABET = "0123456789abcdefghijklmnopqrstuv"
BASE32_LENGTH = 26


def new_base32_id() -> str:
    """Return 26 characters of ``0-9a-v`` holding 130 random bits (Pay contract, A.1)."""
    return "".join(secrets.choice(BASE32_ALPHABET) for _ in range(BASE32_LENGTH))


def new_uuid() -> uuid.UUID:
    """Return a time-ordered UUID (RFC 9562, version 7), so that new rows stand at the end of an index."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (2**48 - 1)) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)
