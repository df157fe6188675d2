"""Single rows in and out of the database without working out the SQL anew each time.

Where one row is a request's whole work, the ORM's compiler takes longer than the database. What is written and read
here is what ``save(force_insert=True)`` and ``filter(...).first()`` would write and read.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

Model = TypeVar("Model", bound=models.Model)
#: What PostgreSQL's driver takes as it is, in columns of kinds that leave it as it is.
PLAIN_VALUES = frozenset({str, int, bool, type(None), datetime, UUID})
PLAIN_FIELDS = frozenset(
    {
        *(models.CharField, models.TextField, models.BooleanField, models.UUIDField, models.ForeignKey),
        *(models.PositiveSmallIntegerField, models.PositiveIntegerField, models.IntegerField, models.BigIntegerField),
    }
)


def insert_rows(*rows: models.Model) -> None:
    """Write new rows, of one model or of several, all or none; on PostgreSQL in one statement.

    One that refers to another may come before or after it, as long as the other has its key already. A key that the
    database gives is not read back, and no signals are sent.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "postgresql":
        _insert_together(rows, connection)
        return
    with transaction.atomic():
        for row in rows:
            row.save(force_insert=True)


def read_row(model: type[Model], **equal: Any) -> Model | None:
    """Return the row whose columns have these values (None: no value), or None when there is none.

    The names are those of columns (``service_id`` for a key); together they must tell one row from all others.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    is_null = tuple(value is None for value in equal.values())
    sql, fields = _select_one(model, tuple(equal), is_null, connection.vendor)
    given = (value for value in equal.values() if value is not None)
    with connection.cursor() as cursor:
        cursor.execute(
            sql, [field.get_db_prep_value(value, connection) for field, value in zip(fields, given, strict=True)]
        )
        found = cursor.fetchone()
    return None if found is None else _as_row(model, found, connection)


def _as_row(model: type[Model], found: Sequence[Any], connection: BaseDatabaseWrapper) -> Model:
    names, converters = _conversions(model, connection.vendor)
    values = list(found)
    for place, functions, column in converters:
        for convert in functions:
            values[place] = convert(values[place], column, connection)
    return model.from_db(connection.alias, names, values)


@lru_cache(maxsize=64)
def _conversions(model: type[models.Model], vendor: str) -> tuple[list[str], list[tuple[int, list[Any], Any]]]:
    """Return the names of the model's columns, and what becomes of those that are not taken as ``vendor`` gives them.

    It is what the ORM does: converters of the database's kind of column first, then the field's own.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    fields = model._meta.concrete_fields
    columns = [field.get_col(model._meta.db_table) for field in fields]
    converters = [
        (place, [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)], column)
        for place, column in enumerate(columns)
    ]
    return [field.attname for field in fields], [row for row in converters if row[1]]


def _insert_together(rows: Sequence[models.Model], connection: BaseDatabaseWrapper) -> None:
    """Write every row but the last within the WITH of the last one's INSERT."""
    inserts, values = [], []
    for row in rows:
        sql, fields = _insert_one(type(row))
        inserts.append(sql)
        facts = vars(row)
        for name, field in fields:
            value = facts.get(name)
            if type(value) not in PLAIN_VALUES or type(field) not in PLAIN_FIELDS:
                value = field.get_db_prep_save(field.pre_save(row, add=True), connection)
            values.append(value)
    *first, last = inserts
    written = ", ".join(f"row_{number} AS ({sql})" for number, sql in enumerate(first))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {written} {last}" if written else last, values)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


@lru_cache(maxsize=64)
def _insert_one(model: type[models.Model]) -> "tuple[str, list[tuple[str, models.Field[Any, Any]]]]":
    """Return the statement, and what stands in it: the names of attributes with their fields."""
    fields = [field for field in model._meta.local_concrete_fields if not isinstance(field, models.AutoField)]
    names, marks = _quoted(fields), ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {_quote(model._meta.db_table)} ({names}) VALUES ({marks})", [  # noqa: S608
        (field.attname, field) for field in fields
    ]


@lru_cache(maxsize=64)
def _select_one(
    model: type[models.Model], names: tuple[str, ...], is_null: tuple[bool, ...], vendor: str
) -> "tuple[str, list[models.Field[Any, Any]]]":
    """Return the statement, and the fields of the values that it takes; how names are quoted depends on ``vendor``."""
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    where = " AND ".join(
        f"{_quote(str(by_name[name].column))} {'IS NULL' if null else '= %s'}"
        for name, null in zip(names, is_null, strict=True)
    )
    columns, table = _quoted(model._meta.concrete_fields), _quote(model._meta.db_table)
    fields = [by_name[name] for name, null in zip(names, is_null, strict=True) if not null]
    return f"SELECT {columns} FROM {table} WHERE {where} LIMIT 1", fields  # noqa: S608


def _quoted(fields: "Sequence[models.Field[Any, Any]]") -> str:
    return ", ".join(_quote(str(field.column)) for field in fields)


def _quote(name: str) -> str:
    return str(connections[DEFAULT_DB_ALIAS].ops.quote_name(name))
