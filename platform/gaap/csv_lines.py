"""Writing CSV line by line, so that no spreadsheet takes what somebody typed for a formula."""

import csv
from collections.abc import Iterable
from decimal import Decimal

Cell = str | int | Decimal | None

#: What begins a formula in common spreadsheets, in its wide forms too (OWASP, "CSV Injection").
FORMULA_SIGNS = tuple("=+-@|%＝＋－＠")
FORMULA_BLANKS = ("\t", "\r", "\n")


class _Echo:
    """Gives back what is written to it."""

    def write(self, text: str) -> str:
        """Return ``text``."""
        return text


def csv_line(cells: Iterable[Cell]) -> str:
    """Return one line of CSV (RFC 4180, with its line break).

    Texts that a spreadsheet would take for a formula get an apostrophe in front; numbers stay numbers, None is empty.
    """
    return str(csv.writer(_Echo()).writerow([_safe(cell) for cell in cells]))


def _safe(cell: Cell) -> str:
    if not isinstance(cell, str):
        return "" if cell is None else str(cell)
    is_formula = cell.startswith(FORMULA_BLANKS) or cell.lstrip().startswith(FORMULA_SIGNS)
    return f"'{cell}" if is_formula else cell
