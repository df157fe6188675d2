"""The text of an API key: how it is written and how it is read back.

``gaap_{type}_{checksum}_{name}-{service_id}-{secret}``: the two UUIDs at the end are what clients written for Notify
cut out; the rest lets a scanner find a leaked key, and lets us refuse a mistyped one without asking the database. The
checksum is no proof of anything and therefore needs no secret: anybody can check it.
"""

import base64
import hashlib
import re
import uuid
from dataclasses import dataclass, field

CHECKSUM_LENGTH = 8
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_KEY = re.compile(
    rf"gaap_(?P<type>live|team|test)_(?P<checksum>[0-9a-v]{{{CHECKSUM_LENGTH}}})_(?P<name>[a-z0-9_]+(?:-[a-z0-9_]+)*)"
    rf"-(?P<service_id>{_UUID})-(?P<secret>{_UUID})"
)


class KeyTextError(ValueError):
    """The text is not an API key, or was mistyped."""


@dataclass(frozen=True)
class KeyText:
    """The parts of a key's text."""

    type: str
    name: str
    service_id: uuid.UUID
    secret: str = field(repr=False)

    def __str__(self) -> str:
        body = f"{self.name}-{self.service_id}-{self.secret}"
        return f"gaap_{self.type}_{checksum(self.type, body)}_{body}"


def parse_key_text(text: str) -> KeyText:
    """Return the parts of ``text``; raises KeyTextError when the shape or the checksum is wrong."""
    found = _KEY.fullmatch(text)
    if found is None:
        raise KeyTextError("Not an API key.")
    parts = KeyText(found["type"], found["name"], uuid.UUID(found["service_id"]), found["secret"])
    if str(parts) != text:
        raise KeyTextError("The key's checksum is wrong.")
    return parts


def key_name_slug(name: str) -> str:
    """Return ``name`` in the letters that a key's text may hold, at most 40 of them."""
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40].strip("_")
    return slug or "key"


def checksum(type: str, body: str) -> str:
    """Return eight characters of base32hex over SHA-256 of the type and the rest of the key."""
    digest = hashlib.sha256(f"{type}_{body}".encode()).digest()
    return base64.b32hexencode(digest).decode("ascii").lower()[:CHECKSUM_LENGTH]
