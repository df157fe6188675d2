"""Reading the rows of spreadsheets: CSV and TSV line by line, workbooks (XLSX, XLSM, XLS, ODS) by their first sheet."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import PurePath
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from gaap_notify.services.scanning import ScanError, is_clean

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
TEXTS = {".csv": ",", ".tsv": "\t"}
#: A cell may hold an email's text, but not a book.
MOST_LETTERS_IN_A_CELL = 200_000

#: XLSX, XLSM and ODS are archives: what they may hold when unpacked, and in how many files (ASVS 5.0, 5.2.3).
MOST_UNPACKED_BYTES = 128 * 1024 * 1024
MOST_FILES = 5_000
_PIECE_BYTES = 1024 * 1024


class SpreadsheetError(ValueError):
    """The file cannot be read; the text says why, for whoever uploaded it."""


def check_for_viruses(file: BinaryIO) -> None:
    """Raise SpreadsheetError unless the scanner, where there is one, finds nothing in the file."""
    try:
        is_safe = is_clean(file.read())
    except ScanError as error:
        raise SpreadsheetError(
            _("Files cannot be checked for viruses at the moment. Try again in a few minutes.")
        ) from error
    if not is_safe:
        raise SpreadsheetError(_("The file did not pass the virus scan."))
    file.seek(0)


def read_rows(file: BinaryIO, *, filename: str) -> Iterator[list[str]]:
    """Yield the rows of a file as texts, empty rows left out; raises SpreadsheetError, also while it is read."""
    ending = PurePath(filename).suffix.lower()
    if ending in WORKBOOKS:
        found = _workbook_rows(file)
    elif ending in TEXTS:
        found = _text_rows(file, TEXTS[ending])
    else:
        raise SpreadsheetError(_("The file must be a spreadsheet: CSV, TSV, XLSX, XLSM, XLS or ODS."))
    return (row for row in found if any(row))


def _text_rows(file: BinaryIO, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(MOST_LETTERS_IN_A_CELL)
    text = _decoded(file)
    try:
        for row in csv.reader(text, delimiter=delimiter):
            yield [cell.strip() for cell in row]
    except (csv.Error, UnicodeError) as error:
        raise SpreadsheetError(_("The file cannot be read as a table of texts.")) from error
    finally:
        # The file stays its owner's, who may have closed it already.
        with suppress(ValueError):
            text.detach()


def _decoded(file: BinaryIO) -> io.TextIOWrapper:
    start = file.read(2)
    file.seek(0)
    encoding = "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return io.TextIOWrapper(file, encoding=encoding, newline="")


def _workbook_rows(file: BinaryIO) -> Iterator[list[str]]:
    _measure(file)
    try:
        sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
        for row in sheet.iter_rows():
            yield [_as_text(cell) for cell in row]
    except (CalamineError, IndexError, ValueError) as error:
        raise SpreadsheetError(_("The file cannot be read as a spreadsheet.")) from error


def _measure(file: BinaryIO) -> None:
    """Raise SpreadsheetError for an archive that is too large when unpacked, before anything else unpacks it.

    What its table of contents says is looked at first, and then what really comes out: the table may lie.
    """
    if not zipfile.is_zipfile(file):
        file.seek(0)
        return
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _refuse_if(len(members) > MOST_FILES or sum(one.file_size for one in members) > MOST_UNPACKED_BYTES)
            _unpack(archive, members)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        if isinstance(error, SpreadsheetError):
            raise
        raise SpreadsheetError(_("The file cannot be read as a spreadsheet.")) from error
    file.seek(0)


def _unpack(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    left = MOST_UNPACKED_BYTES
    for member in members:
        with archive.open(member) as content:
            while piece := content.read(_PIECE_BYTES):
                left -= len(piece)
                _refuse_if(left < 0)


def _refuse_if(is_too_large: bool) -> None:
    if is_too_large:
        raise SpreadsheetError(_("The spreadsheet is too large when it is unpacked; send fewer rows at a time."))


def _as_text(cell: Any) -> str:
    """Return a cell as a person sees it: whole numbers without a point, dates in ISO 8601."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date | datetime | time | timedelta):
        return str(cell)
    return str(cell).strip()
