"""Lines of CSV, in which nobody can plant a formula."""

import csv
from decimal import Decimal
from typing import Any

import pytest

from gaap.csv_lines import Cell, csv_line


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+44", "'+44"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("plain", "plain"),
        ("\u3000=1", "'\u3000=1"),
        ("|cmd", "'|cmd"),
        (-2, "-2"),
        (None, ""),
    ],
)
def test_no_cell_is_a_formula(cell: Any, written: str) -> None:
    assert next(csv.reader([csv_line(["before", cell])])) == ["before", written]


def test_a_line_keeps_commas_quotes_and_breaks_within_their_cell() -> None:
    cells: list[Cell] = ["a,b", 'say "yes"', "two\nlines", Decimal("1.50")]
    assert next(csv.reader(csv_line(cells).splitlines(keepends=True))) == ["a,b", 'say "yes"', "two\nlines", "1.50"]
