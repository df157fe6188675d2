"""Keeping months ahead, and going over to the next one when it begins."""

from datetime import datetime
from typing import Any

from gaap.partitions.catalogue import changing, parts_of, quoted
from gaap.partitions.months import Month

#: How many months stand ready beyond the present one.
AHEAD = 3

_ALONE = """
SELECT pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = to_regclass(%s) AND indisunique AND NOT indisprimary AND indisvalid
AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = indexrelid) ORDER BY indexrelid
"""
_PART_OF = "SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass(%s)"


def make_months(table: str, *, moment: datetime, ahead: int = AHEAD) -> list[str]:
    """Make what is missing of the month of ``moment`` and those after it, and return the names of what was made."""
    present = Month.of(moment)
    ends = max(part.end for part in parts_of(table))
    wanted = [month for month in (present.plus(count) for count in range(ahead + 1)) if month.first >= ends]
    return [name for month in wanted if (name := make_month(table, month))]


def make_month(table: str, month: Month) -> str:
    """Make one month and return its name, or nothing when it stands already.

    It is made as a table of its own and then attached, which keeps nobody from reading or writing the others.
    """
    name = f"{table}_{month}"
    with changing(table) as cursor:
        cursor.execute(_PART_OF, [quoted(name)])
        if cursor.fetchone():
            return ""
        cursor.execute(f"CREATE TABLE {quoted(name)} (LIKE {quoted(table)} INCLUDING ALL EXCLUDING IDENTITY)")
        _make_unique(cursor, table, name)
        bounds = f"FROM ({month.first}) TO ({month.plus(1).first})"
        cursor.execute(f"ALTER TABLE {quoted(table)} ATTACH PARTITION {quoted(name)} FOR VALUES {bounds}")
    return name


def begin_month(table: str, key: str, *, moment: datetime) -> bool:
    """Let the numbers of new rows be the present month's; returns False when they are, or the month is not there."""
    first = Month.of(moment).first
    if first not in {part.first for part in parts_of(table)}:
        return False
    with changing(table) as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [quoted(table), key])
        (sequence,) = cursor.fetchone()
        cursor.execute(f"SELECT last_value FROM {sequence}")  # noqa: S608
        if cursor.fetchone()[0] >= first:
            return False
        cursor.execute("SELECT setval(%s, %s, false)", [sequence, first])
    return True


def _make_unique(cursor: Any, table: str, name: str) -> None:
    """Give a month what is unique within each month alone, as the newest one has it."""
    newest = parts_of(table)[-1].name
    cursor.execute(_ALONE, [quoted(newest)])
    for place, (definition,) in enumerate(cursor.fetchall()):
        columns = definition[definition.index(" USING ") :]
        cursor.execute(f"CREATE UNIQUE INDEX {quoted(f'{name}_alone_{place}')} ON {quoted(name)}{columns}")
