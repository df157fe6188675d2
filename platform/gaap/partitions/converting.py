"""Turning a table into one of months, in a migration, while the previous version serves.

1. Prove that all rows' numbers are below the next month's: a CHECK that is added unproved and then validated, which
   reads the table but keeps nobody waiting.
2. In one transaction of a moment: the table becomes its own first month (``…_before``), and a parent in its place gets
   its name, columns, indexes, keys, triggers, rights and the counting on of its sequence. No row is read or moved.
3. Validate the foreign keys that point to the table: they were pointed to the parent unproved.

Each step begins by looking what is there, so a migration that was stopped is run again.
"""

import time
from collections.abc import Callable
from typing import Any

from django.db import OperationalError, connection, migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from gaap.clock import now
from gaap.partitions.catalogue import is_partitioned, quoted
from gaap.partitions.creating import make_months
from gaap.partitions.months import Month

#: How long the one moment waits for transactions that are open, everybody else waiting behind it, and how often it is
#: tried.
PATIENCE, TRIES = "2s", 10

_INDEXES = """
SELECT index.relname, pg_get_indexdef(indexrelid), indisprimary, indisunique AND NOT indisprimary,
    pg_get_constraintdef(own.oid)
FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid
LEFT JOIN pg_constraint AS own ON own.conindid = indexrelid AND own.conrelid = indrelid AND own.contype IN ('p', 'u')
WHERE indrelid = to_regclass(%s)
"""
_KEYS_OUT = """
SELECT conname, pg_get_constraintdef(oid), confrelid::regclass::text, confrelid = conrelid FROM pg_constraint
WHERE conrelid = to_regclass(%s) AND contype = 'f' AND conparentid = 0
"""
_KEYS_IN = """
SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
WHERE confrelid = to_regclass(%s) AND contype = 'f' AND conparentid = 0
"""
_UNPROVED = """
SELECT conname, conrelid::regclass::text FROM pg_constraint
WHERE confrelid = to_regclass(%s) AND contype = 'f' AND conparentid = 0 AND NOT convalidated
"""
_TRIGGERS = """
SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND NOT tgisinternal
"""
_RIGHTS = """
SELECT privilege_type, coalesce(quote_ident(role.rolname), 'PUBLIC'), is_grantable FROM pg_class
CROSS JOIN aclexplode(relacl) LEFT JOIN pg_roles AS role ON role.oid = grantee
WHERE pg_class.oid = to_regclass(%s) AND grantee <> relowner
"""
_HIGHEST = "SELECT max(%s) FROM %s"


def partition_by_month(app_label: str, model: str) -> migrations.RunPython:
    """Return the operation that turns the model's table into months by its number; nothing on SQLite.

    It is the only one of a migration that is not ``atomic``. Undone, the table stays as it is: every version reads and
    writes it alike.
    """

    def convert(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        meta = apps.get_model(app_label, model)._meta
        if schema_editor.connection.vendor == "postgresql":
            convert_table(str(meta.db_table), str(meta.pk.column))

    return migrations.RunPython(convert, migrations.RunPython.noop)


def convert_table(table: str, key: str) -> None:
    """Turn a table into months, its present rows being the first; does what of this was not done yet.

    Raises ValueError when a row's number is beyond the next month's first or the table refers to itself, and
    OperationalError when somebody held the table all the time that it was tried: then nothing has changed, and the
    migration can be run again.
    """
    if not is_partitioned(table):
        _refuse_keys_to_itself(table)
        end = _end(table, key)
        _prove(table, key, end)
        _when_nobody_holds_it(lambda: _turn(table, key, end))
    _prove_keys(table)
    make_months(table, moment=now())


def _end(table: str, key: str) -> int:
    """Return the first number of the month after the present one."""
    end = Month.of(now()).plus(1).first
    with connection.cursor() as cursor:
        cursor.execute(_HIGHEST % (quoted(key), quoted(table)))
        (highest,) = cursor.fetchone()
    if highest is not None and highest >= end:
        raise ValueError(f"{table} has a row with the number {highest}, which belongs to a month to come.")
    return end


def _refuse_keys_to_itself(table: str) -> None:
    with connection.cursor() as cursor:
        for name, _, _, is_to_itself in _rows(cursor, _KEYS_OUT, quoted(table)):
            if is_to_itself:
                raise ValueError(f"{table} refers to itself ({name}), which would be proved with nobody writing.")


def _bound_name(table: str) -> str:
    return f"{table}_bound"


def _prove(table: str, key: str, end: int) -> None:
    name = _bound_name(table)
    in_a_moment = (
        f"ALTER TABLE {quoted(table)} DROP CONSTRAINT IF EXISTS {quoted(name)}",
        f"ALTER TABLE {quoted(table)} ADD CONSTRAINT {quoted(name)} CHECK ({quoted(key)} < {end}) NOT VALID",
    )
    _when_nobody_holds_it(lambda: _run(*in_a_moment))
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {quoted(table)} VALIDATE CONSTRAINT {quoted(name)}")


def _turn(table: str, key: str, end: int) -> None:
    before = f"{table}_before"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        for _, _, referred_to, _ in _rows(cursor, _KEYS_OUT, quoted(table)):
            # Before the table itself, as whoever writes a row and then one that refers to it.
            cursor.execute(f"LOCK TABLE {referred_to} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(f"LOCK TABLE {quoted(table)} IN ACCESS EXCLUSIVE MODE")
        found = _Found(cursor, table)
        reached = _take_sequence(cursor, table, key)
        cursor.execute(f"ALTER TABLE {quoted(table)} RENAME TO {quoted(before)}")
        found.make_way(cursor, before)
        _make_parent(cursor, table, before, key)
        found.put_on(cursor, table)
        cursor.execute(
            f"ALTER TABLE {quoted(table)} ATTACH PARTITION {quoted(before)} FOR VALUES FROM (MINVALUE) TO ({end})"
        )
        _count_on(cursor, table, key, reached)


class _Found:
    """What hangs on a table, as its own definitions say, and is to hang on the parent that takes its place."""

    def __init__(self, cursor: Any, table: str) -> None:
        self.indexes, self.keys_out, self.keys_in, self.triggers, self.rights = (
            _rows(cursor, sql, quoted(table)) for sql in (_INDEXES, _KEYS_OUT, _KEYS_IN, _TRIGGERS, _RIGHTS)
        )

    def make_way(self, cursor: Any, before: str) -> None:
        """Give the first month other names for its indexes, and take from it what only the parent may have."""
        for name, *_ in self.indexes:
            cursor.execute(f"ALTER INDEX {quoted(name)} RENAME TO {quoted(f'{name}_before'[:63])}")
        for name, _ in self.triggers:
            cursor.execute(f"DROP TRIGGER {quoted(name)} ON {quoted(before)}")
        for name, of, _ in self.keys_in:
            cursor.execute(f"ALTER TABLE {of} DROP CONSTRAINT {quoted(name)}")

    def put_on(self, cursor: Any, table: str) -> None:
        """Give the parent what the table had, save what is unique besides its key: each month is that for itself."""
        for name, definition, is_primary, is_unique, constraint in self.indexes:
            if is_primary:
                cursor.execute(f"ALTER TABLE {quoted(table)} ADD CONSTRAINT {quoted(name)} {constraint}")
            elif not is_unique:
                cursor.execute(definition)
        for name, definition, *_ in self.keys_out:
            cursor.execute(f"ALTER TABLE {quoted(table)} ADD CONSTRAINT {quoted(name)} {definition}")
        for _, definition in self.triggers:
            cursor.execute(definition)
        for name, of, definition in self.keys_in:
            cursor.execute(f"ALTER TABLE {of} ADD CONSTRAINT {quoted(name)} {definition} NOT VALID")
        for right, role, may_grant in self.rights:
            cursor.execute(f"GRANT {right} ON {quoted(table)} TO {role}{' WITH GRANT OPTION' if may_grant else ''}")


def _when_nobody_holds_it(turn: Callable[[], None]) -> None:
    for _ in range(TRIES - 1):
        try:
            turn()
        except OperationalError:
            time.sleep(1)
        else:
            return
    turn()


def _make_parent(cursor: Any, table: str, before: str, key: str) -> None:
    like = "LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMMENTS"
    columns = like.format(quoted(before))
    cursor.execute(f"CREATE TABLE {quoted(table)} ({columns}) PARTITION BY RANGE ({quoted(key)})")
    cursor.execute(f"ALTER TABLE {quoted(table)} DROP CONSTRAINT {quoted(_bound_name(table))}")


def _take_sequence(cursor: Any, table: str, key: str) -> tuple[int, bool]:
    """Take the table's sequence away and return how far it has counted, and whether that number is given out."""
    cursor.execute(f"SELECT last_value, is_called FROM {_sequence_of(cursor, table, key)}")  # noqa: S608
    reached: tuple[int, bool] = cursor.fetchone()
    cursor.execute(f"ALTER TABLE {quoted(table)} ALTER COLUMN {quoted(key)} DROP IDENTITY")
    return reached


def _count_on(cursor: Any, table: str, key: str, reached: tuple[int, bool]) -> None:
    cursor.execute(f"ALTER TABLE {quoted(table)} ALTER COLUMN {quoted(key)} ADD GENERATED BY DEFAULT AS IDENTITY")
    cursor.execute("SELECT setval(%s, %s, %s)", [_sequence_of(cursor, table, key), *reached])


def _sequence_of(cursor: Any, table: str, key: str) -> str:
    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [quoted(table), key])
    return str(cursor.fetchone()[0])


def _prove_keys(table: str) -> None:
    with connection.cursor() as cursor:
        for name, of in _rows(cursor, _UNPROVED, quoted(table)):
            cursor.execute(f"ALTER TABLE {of} VALIDATE CONSTRAINT {quoted(name)}")


def _run(*statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        for statement in statements:
            cursor.execute(statement)


def _rows(cursor: Any, sql: str, table: str) -> list[tuple[Any, ...]]:
    cursor.execute(sql, [table])
    return list(cursor.fetchall())
