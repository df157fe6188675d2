"""Copying a month to a file: CSV as PostgreSQL writes it, compressed, with its SHA-256 beside it.

What is encrypted in the database is encrypted in the file. ``sha256sum --check`` reads the file beside it.
"""

import gzip
import hashlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from gaap.partitions.catalogue import quoted


@dataclass(frozen=True)
class Archive:
    """A month that was copied: the file's name, its SHA-256 in hexadecimal, and how many rows it holds."""

    file: str
    sha256: str
    rows: int

    @property
    def facts(self) -> dict[str, Any]:
        """The same for the audit."""
        return asdict(self)


def archive(name: str, folder: Path) -> Archive:
    """Copy one month's rows into ``folder`` as ``NAME.csv.gz`` and return what was written.

    The file is only its owner's to read, and stands under its name when it is whole and on the disk; an older copy of
    the same month is replaced. Raises OSError.
    """
    file = folder / f"{name}.csv.gz"
    unfinished = file.with_suffix(".unfinished")
    descriptor = os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as packed:
                rows = _copy(name, packed)
            raw.flush()
            os.fsync(raw.fileno())
        digest = _digest(unfinished)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    file.with_name(f"{file.name}.sha256").write_text(f"{digest}  {file.name}\n", encoding="ascii")
    return Archive(file.name, digest, rows)


def _copy(name: str, file: Any) -> int:
    statement = f"COPY {quoted(name)} TO STDOUT WITH (FORMAT csv, HEADER)"
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copied:
            for block in copied:
                file.write(block)
        return int(cursor.rowcount)


def _digest(file: Path) -> str:
    with file.open("rb") as read:
        return hashlib.file_digest(read, "sha256").hexdigest()
