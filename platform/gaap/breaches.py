"""Passwords that stand in collections of breaches, looked up in a file on this machine; nothing is asked of anybody.

The file is sorted text with the SHA-1 of one password in capital hexadecimals at the start of each line, as Have I Been
Pwned publishes it (a colon and a count may follow). It is searched where it lies: forty gigabytes take as much memory
as four lines.
"""

import hashlib
from pathlib import Path
from typing import BinaryIO

DIGEST_LENGTH = 40


def is_breached(password: str, *, path: Path) -> bool:
    """Tell whether ``password`` stands in the file at ``path``; raises OSError when it cannot be read."""
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as lines:
        low, high = 0, path.stat().st_size
        while low < high:
            middle = (low + high) // 2
            start, line = _line_at(lines, middle)
            if line[:DIGEST_LENGTH] == digest:
                return True
            if line and line[:DIGEST_LENGTH] < digest:
                low = start + len(line)
            else:
                high = middle
    return False


def _line_at(lines: BinaryIO, place: int) -> tuple[int, bytes]:
    """Return where the first line that begins at ``place`` or later begins, and the line (empty at the end)."""
    lines.seek(max(place - 1, 0))
    if place:
        lines.readline()
    start = lines.tell()
    return start, lines.readline()
