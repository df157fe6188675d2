"""A database with a past: rows like real ones, made by the server from one that the suite itself wrote.

What differs from row to row is written as SQL of `n`, the row's number from 1 on, so that a measure can name any row
that was stored; everything else, sealed columns too, is as in the row that was copied.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models

#: Memory for building indexes again, in this session alone.
WORK_MEMORY = "512MB"


@dataclass(frozen=True)
class Past:
    """So many copies of `row`, with columns that differ; `when` is the SQL of the time of row `n`."""

    row: models.Model
    count: int
    columns: Mapping[str, str]
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def table(self) -> str:
        """The table's name."""
        return self.row._meta.db_table

    def names(self, column: str, numbers: Sequence[int]) -> list[Any]:
        """Return what `column` holds in the rows with these numbers."""
        statement = f"SELECT {self.columns[column]} FROM unnest(%(numbers)s::bigint[]) WITH ORDINALITY AS t (n, place)"
        with connection.cursor() as cursor:
            cursor.execute(f"{statement} ORDER BY place", {**self.values, "numbers": list(numbers)})
            return [value for (value,) in cursor.fetchall()]


def moment_of(count: int, *, first: float, last: float) -> str:
    """Return the SQL of when row `n` was written: evenly from so many days before `%(now)s` to so many."""
    days = f"({first} - ({first} - {last}) * n / {max(count, 1)})"
    return f"(%(now)s::timestamptz - interval '1 day' * {days})"


def uuid_of(moment: str, salt: str) -> str:
    """Return the SQL of a UUID of version 7 of that moment."""
    milliseconds = f"lpad(to_hex((extract(epoch FROM {moment}) * 1000)::bigint), 12, '0')"
    rest = f"md5('{salt}' || n)"
    return f"({milliseconds} || '7' || substr({rest}, 1, 3) || '8' || substr({rest}, 4, 15))::uuid"


def digest_of(salt: str) -> str:
    """Return the SQL of 64 hexadecimal digits."""
    return f"(md5('{salt}' || n) || md5('{salt}2' || n))"


def base32_of(salt: str) -> str:
    """Return the SQL of an identifier as the suite's own are: 26 characters, in no order."""
    return f"substr(md5('{salt}' || n), 1, 26)"


def fill(pasts: Iterable[Past]) -> None:
    """Write them all, and leave the tables as a server that has been running for long has them."""
    written = [past for past in pasts if past.count]
    with connection.cursor() as cursor, _without_checks(cursor), _without_indexes(cursor, {p.table for p in written}):
        for past in written:
            write(past)
    with connection.cursor() as cursor:
        for table in sorted({past.table for past in written}):
            cursor.execute(f"VACUUM (ANALYZE) {table}")
        cursor.execute("CHECKPOINT")


def write(past: Past) -> None:
    """Write the rows of one past, with all that the server checks."""
    columns = [str(column.column) for column in past.row._meta.concrete_fields]
    key = next(str(column.column) for column in past.row._meta.concrete_fields if column.primary_key)
    # What the database numbers by itself is left to it.
    own = [name for name in columns if name != key or key in past.columns]
    shown = ", ".join(past.columns.get(name, f'row."{name}"') for name in own)
    listed = ", ".join(f'"{name}"' for name in own)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {past.table} ({listed}) SELECT {shown}"
            f' FROM (SELECT * FROM {past.table} WHERE "{key}" = %(key)s) AS row, generate_series(1, {past.count}) AS n',
            {**past.values, "key": past.row.pk},
        )


@contextmanager
def _without_checks(cursor: Any) -> Iterator[None]:
    """Let nobody look up for each row what it refers to: all refer to what the first one does."""
    cursor.execute("SET session_replication_role = replica")
    cursor.execute(f"SET maintenance_work_mem = '{WORK_MEMORY}'")
    yield
    cursor.execute("RESET maintenance_work_mem")
    cursor.execute("RESET session_replication_role")


@contextmanager
def _without_indexes(cursor: Any, tables: set[str]) -> Iterator[None]:
    """Take the indexes away that hold no promise, and build them again afterwards."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND schemaname = current_schema()"
        " AND indexdef NOT LIKE 'CREATE UNIQUE%%'",
        [list(tables)],
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _, definition in found:
        # Of a table of months, the index of every month too.
        cursor.execute(definition.replace(" ON ONLY ", " ON "))
