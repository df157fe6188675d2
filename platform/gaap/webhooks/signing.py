"""Signatures as the Standard Webhooks specification has them (version 1, symmetric)."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable

SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix of every secret, and none itself
SECRET_BYTES = 32
SHORTEST_SECRET = 24
LONGEST_SECRET = 64


class SecretError(ValueError):
    """The text is not a secret as the specification wants it."""


def new_secret() -> str:
    """Return a fresh secret: ``whsec_`` and the base64 of 32 random bytes."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def secret_key(secret: str) -> bytes:
    """Return the key in a secret; raises SecretError unless it is ``whsec_`` and the base64 of 24 to 64 bytes."""
    encoded = secret.removeprefix(SECRET_PREFIX)
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SecretError("A secret is whsec_ and base64.") from error
    if encoded == secret or not SHORTEST_SECRET <= len(key) <= LONGEST_SECRET:
        raise SecretError(f"A secret is whsec_ and the base64 of {SHORTEST_SECRET} to {LONGEST_SECRET} bytes.")
    return key


def sign(body: bytes, *, secrets: Iterable[str], id: str, timestamp: int) -> str:
    """Return the value of ``webhook-signature``: one signature per secret, separated by spaces.

    ``timestamp`` is in seconds since 1970.
    """
    signed = f"{id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{_signature(secret_key(secret), signed)}" for secret in secrets)


def _signature(key: bytes, signed: bytes) -> str:
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")
