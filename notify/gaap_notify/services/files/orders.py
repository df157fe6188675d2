"""A file as a caller sends it in the personalisation of an email (spec A.5)."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from gaap_notify.errors import BadRequestError
from gaap_notify.services.files.types import extension_of, recognise

#: Two mebibytes, and the little more that the reference leaves for rounding.
MAX_FILE_BYTES = 2 * 1024 * 1024 + 1024
MAX_NAME_LENGTH = 100
DEFAULT_WEEKS = 26
MOST_WEEKS = 78

_PERIOD = re.compile(r"([0-9]{1,4}) weeks?")
#: What a name on somebody's disk may not hold: folders, control characters, and marks that turn its reading round.
_UNSAFE = re.compile('[\x00-\x1f\x7f-\x9f/\\\\:*?"<>|\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]')


class FileTooLargeError(BadRequestError):
    """The file is larger than may be sent."""

    status_code = 413


@dataclass(frozen=True)
class FileOrder:
    """A file to be sent: ``filename`` is empty when the caller gave none, ``extension`` has no dot."""

    data: bytes = field(repr=False)
    filename: str = field(repr=False)
    extension: str
    needs_email: bool
    kept_for: timedelta

    @property
    def weeks(self) -> int:
        """For how many weeks its link works."""
        return self.kept_for // timedelta(weeks=1)


def is_file(value: Any) -> bool:
    """Tell whether a value of the personalisation is a file to be sent as a link."""
    return not isinstance(value, str) and isinstance(value, Mapping) and "file" in value


def read_weeks(period: Any) -> int | None:
    """Return the weeks of a period such as ``26 weeks`` (1 to 78, in any case), or None for anything else."""
    found = _PERIOD.fullmatch(period.strip().lower()) if isinstance(period, str) else None
    weeks = int(found[1]) if found else 0
    return weeks if 1 <= weeks <= MOST_WEEKS else None


def read_file_order(value: Mapping[str, Any]) -> FileOrder:
    """Return what ``value``, whose shape was checked, asks for; raises BadRequestError."""
    data, filename = _decode(value["file"]), _clean_name(value.get("filename") or "")
    extension = extension_of(filename) if filename else recognise(data, is_csv=bool(value.get("is_csv")))
    weeks = read_weeks(value.get("retention_period")) or DEFAULT_WEEKS
    needs_email = value.get("confirm_email_before_download") is not False
    return FileOrder(data, filename, extension, needs_email, timedelta(weeks=weeks))


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequestError("Document is not base64 encoded") from error
    if not data:
        raise BadRequestError("Document must not be empty")
    if len(data) > MAX_FILE_BYTES:
        raise FileTooLargeError("Uploaded file exceeds file size limit")
    return data


def _clean_name(filename: str) -> str:
    if len(filename) > MAX_NAME_LENGTH:
        raise BadRequestError("`filename` cannot be longer than 100 characters")
    return _UNSAFE.sub("_", filename)
