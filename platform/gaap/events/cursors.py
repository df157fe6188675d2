"""Cursors: where a reader of a stream stands, in a form that only we need to understand."""

import base64
import binascii
import re
import uuid

_CURSOR = re.compile(r"([0-9a-f]{8})\.([0-9]{1,18})", re.ASCII)


class CursorError(ValueError):
    """The text is no cursor of this service."""


def to_cursor(position: int, *, service_id: uuid.UUID) -> str:
    """Return the cursor of one who has read up to and including ``position``; 0 is the beginning."""
    return base64.urlsafe_b64encode(f"{_mark(service_id)}.{position}".encode()).decode("ascii").rstrip("=")


def from_cursor(text: str, *, service_id: uuid.UUID) -> int:
    """Return the position that a cursor stands for; raises CursorError, for another service's cursor too."""
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise CursorError("Not a cursor.") from error
    found = _CURSOR.fullmatch(plain)
    if found is None or found[1] != _mark(service_id):
        raise CursorError("Not a cursor.")
    return int(found[2])


def _mark(service_id: uuid.UUID) -> str:
    return service_id.hex[:8]
