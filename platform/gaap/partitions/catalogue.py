"""What stands in the database: the months of each table."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from gaap.components import components
from gaap.partitions.declarations import Partitioned
from gaap.partitions.months import ROOM, Month

#: For so long whoever changes a table's months waits for those who use it, and keeps others waiting behind.
LOCK_TIMEOUT = "1s"
#: What must look at rows while the table is locked gives up after this.
STATEMENT_TIMEOUT = "5s"
#: The first of two numbers of a lock; the second is the table's.
LOCK_KIND = 0x67617070

_IS_PARTITIONED = "SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(%s)"
_PARTS = """
SELECT part.relname, pg_get_expr(part.relpartbound, part.oid), part.reltuples, pg_total_relation_size(part.oid)
FROM pg_inherits JOIN pg_class AS part ON part.oid = inhrelid WHERE inhparent = to_regclass(%s)
"""
_BOUND = re.compile(r"FROM \((MINVALUE|'?-?\d+'?)\) TO \('?(\d+)'?\)")


@dataclass(frozen=True)
class Part:
    """One month of a table: its rows' numbers are from ``first`` (None: from the beginning) up to but not ``end``.

    ``rows`` is what PostgreSQL last estimated, -1 when it never looked; ``size`` is in bytes, with its indexes.
    """

    name: str
    first: int | None
    end: int
    rows: int
    size: int

    @property
    def month_after(self) -> Month:
        """The month that begins where this part ends."""
        return Month.at(self.end // ROOM)


def partitioned_tables() -> Iterator[Partitioned]:
    """Yield the declared tables of the kernel and the installed components that the database holds month by month."""
    if connection.vendor == "postgresql":
        declared = (table for component in components() for table in component.partitioned)
        yield from (table for table in declared if is_partitioned(table.table))


def is_partitioned(table: str) -> bool:
    """Tell whether the table stands in months."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_PARTITIONED, [quoted(table)])
        found = cursor.fetchone()
    return bool(found and found[0])


def parts_of(table: str) -> list[Part]:
    """Return the months of a table in their order."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, [quoted(table)])
        return sorted((_part(*row) for row in cursor.fetchall()), key=lambda part: part.end)


def quoted(name: str) -> str:
    """Return a name as it stands in a statement."""
    return str(connection.ops.quote_name(name))


@contextmanager
def changing(table: str) -> Iterator[Any]:
    """Give a cursor in a transaction in which nobody else changes the months of ``table``.

    Everything in it belongs to the transaction (locks, time limits), so it may go through a pool of connections.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        cursor.execute(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK_KIND, table])
        yield cursor


def _part(name: str, bound: str, rows: float, size: int) -> Part:
    found = _BOUND.search(bound)
    if found is None:
        raise ValueError(f"{name} is bound otherwise than by numbers: {bound}")
    first, end = (text.strip("'") for text in found.groups())
    return Part(name, None if first == "MINVALUE" else int(first), int(end), int(rows), size)
