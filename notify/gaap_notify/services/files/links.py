"""The addresses of shared files: ids and a key that nobody can guess."""

import base64
import binascii
import secrets
from uuid import UUID

from gaap.conf import conf as kernel_conf
from gaap.crypto import keyed_digest

KEY_BYTES = 32
#: Where a file would be that goes to one of the contract's simulated recipients.
SIMULATED_NAME = "test-document"


def new_key() -> str:
    """Return a fresh key of 256 random bits, as URL-safe text."""
    return secrets.token_urlsafe(KEY_BYTES)


def key_digest(key: str) -> str:
    """Return what is stored of a key."""
    return keyed_digest(key, purpose="notify.file")


def file_url(service_id: UUID, file_id: UUID, key: str) -> str:
    """Return the absolute address of a file (spec A.5)."""
    return f"{kernel_conf.base_url}d/{short_id(service_id)}/{short_id(file_id)}?key={key}"


def simulated_url(service_id: UUID) -> str:
    """Return an address at which there is nothing."""
    return f"{kernel_conf.base_url}d/{short_id(service_id)}/{SIMULATED_NAME}"


def short_id(id: UUID) -> str:
    """Return an id in the 22 characters that addresses have."""
    return base64.urlsafe_b64encode(id.bytes).rstrip(b"=").decode("ascii")


def long_id(text: str) -> UUID | None:
    """Return the id that ``short_id`` wrote, or None for any other text."""
    try:
        found = UUID(bytes=base64.urlsafe_b64decode(f"{text}=="))
    except (binascii.Error, ValueError):
        return None
    return found if short_id(found) == text else None
