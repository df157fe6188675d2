"""Which files may be sent (spec A.5), told by the name's ending or, without a name, by how the content begins."""

import codecs
import io
import json
import mimetypes
import zipfile
from collections.abc import Mapping

from gaap_notify.errors import BadRequestError

#: Ending -> content type.
TYPES: Mapping[str, str] = {
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "application/json",
    "odt": "application/vnd.oasis.opendocument.text",
    "pdf": "application/pdf",
    "png": "image/png",
    "rtf": "application/rtf",
    "txt": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
UNKNOWN = "application/octet-stream"
_ARCHIVE = "application/zip"
_BEGINNINGS: Mapping[bytes, str] = {
    b"%PDF-": "pdf",
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpg",
    b"{\\rtf": "rtf",
}
#: The compound file of old office programs ([MS-CFB] 2.2), and the name that Word gives to its text in UTF-16.
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORD_STREAM = "WordDocument".encode("utf-16-le")
_CONTROLS = bytes(byte for byte in range(0x20) if byte not in b"\t\n\f\r\x1b")
#: Python's own list: what this machine's files say besides would make another answer on each machine.
_KINDS: Mapping[str, str] = mimetypes.MimeTypes().types_map[True]
_MEMBERS: Mapping[str, str] = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}


def extension_of(filename: str) -> str:
    """Return the ending of a name in lower case, without its dot; raises BadRequestError when it may not be sent."""
    extension = filename.rpartition(".")[2].lower()
    if extension not in TYPES:
        raise unsupported(_KINDS.get(f".{extension}", UNKNOWN))
    return extension


def recognise(data: bytes, *, is_csv: bool) -> str:
    """Return the ending that fits ``data``; text counts as CSV with ``is_csv``.

    Raises BadRequestError when it is nothing that may be sent.
    """
    found = next((ending for start, ending in _BEGINNINGS.items() if data.startswith(start)), "")
    found = found or _office(data) or _text(data)
    if not found:
        raise unsupported(_ARCHIVE if data.startswith(b"PK\x03\x04") else UNKNOWN)
    return "csv" if is_csv and found == "txt" else found


def unsupported(content_type: str) -> BadRequestError:
    """Return the contract's error for a type that may not be sent."""
    allowed = ", ".join(f"'.{extension}'" for extension in sorted(TYPES))
    return BadRequestError(f"Unsupported file type '{content_type}'. Supported types are: {allowed}")


def _office(data: bytes) -> str:
    if data.startswith(_COMPOUND):
        return "doc" if _WORD_STREAM in data else ""
    if not data.startswith(b"PK\x03\x04"):
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return ""
    if data[30:38] == b"mimetype" and data[38:].startswith(TYPES["odt"].encode()):
        return "odt"
    return next((ending for member, ending in _MEMBERS.items() if member in names), "")


def _text(data: bytes) -> str:
    """Return ``json`` or ``txt`` for text, whatever its encoding; nothing for what holds control characters."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "txt" if len(data) % 2 == 0 else ""
    if len(data.translate(None, _CONTROLS)) < len(data):
        return ""
    return "json" if data.lstrip()[:1] in (b"{", b"[") and _is_json(data) else "txt"


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True
