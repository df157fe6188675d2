"""Single rows in and out of the database without working out the SQL anew each time.

Where one row is a request's whole work, the ORM's compiler takes longer than the database. What is written and read
here is what ``save(force_insert=True)`` and ``filter(...).first()`` would write and read.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from types import NoneType
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

Model = TypeVar("Model", bound=models.Model)
Field = models.Field[Any, Any]

#: A column, and how it is compared: for being empty, for being equal, or for being one of so many values.
Shape = tuple[str, int]
NOTHING, EQUAL = 0, -1
#: What PostgreSQL's driver takes as it is, in columns of kinds that leave it as it is.
PLAIN_VALUES = frozenset({str, int, bool, UUID, NoneType})
PLAIN_FIELDS = frozenset(
    {
        *(models.CharField, models.TextField, models.BooleanField, models.UUIDField, models.ForeignKey),
        *(models.PositiveSmallIntegerField, models.PositiveIntegerField, models.IntegerField, models.BigIntegerField),
    }
)


class Column(NamedTuple):
    """A column that is written, and the types of the values that PostgreSQL's driver takes for it as they are."""

    field: Field
    name: str
    taken: frozenset[type]


def insert_rows(*rows: models.Model) -> None:
    """Write new rows, of one model or of several, all or none; on PostgreSQL in one statement.

    One that refers to another may come before or after it, as long as the other has its key already, and after it when
    the database gives that key. Such a key is not read back, and no signals are sent.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "postgresql":
        _insert_together(rows, connection)
        return
    with transaction.atomic():
        for row in rows:
            row.save(force_insert=True)


def insert_once(row: models.Model) -> bool:
    """Write a new row and return True, or False when one that must be unlike it stands already; no signals are sent."""
    connection = connections[DEFAULT_DB_ALIAS]
    sql, columns = _insert_one(type(row))
    is_new = bool(_run(f"{sql} ON CONFLICT DO NOTHING", _saved_values(row, columns, connection), connection))
    _note_written([row] if is_new else (), connection)
    return is_new


def read_row(model: type[Model], *along: str, **equal: Any) -> Model | None:
    """Return the row whose columns have these values, or None when there is none.

    The names are those of columns (``service_id`` for a key); together they must tell one row from all others. A value
    of None is no value, a tuple (not an empty one) is any of its values. ``along`` are foreign keys of which the rows
    are read in the same statement.
    """
    found = _read(model, along, equal, " LIMIT 1")
    return found[0] if found else None


def read_rows(model: type[Model], *along: str, **equal: Any) -> list[Model]:
    """Return every row whose columns have these values, in no order; for the arguments see ``read_row``."""
    return _read(model, along, equal, "")


def change_rows(
    model: type[models.Model], changes: Mapping[str, Any], *, inserting: Sequence[models.Model] = (), **equal: Any
) -> bool:
    """Set columns of the rows whose columns have these values; return False when there are none.

    When there are, ``inserting`` are new rows that are written with it, all or none: on PostgreSQL in one statement.
    For ``equal`` see ``read_row``, for new rows ``insert_rows``; the names in ``changes`` are those of columns.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "postgresql":
        return _change_together(model, changes, inserting, equal, connection)
    with transaction.atomic():
        is_changed = bool(_run(*_update_statement(model, changes, equal, connection), connection))
        if is_changed and inserting:
            insert_rows(*inserting)
    return is_changed


def _change_together(
    model: type[models.Model],
    changes: Mapping[str, Any],
    inserting: Sequence[models.Model],
    equal: Mapping[str, Any],
    connection: BaseDatabaseWrapper,
) -> bool:
    """Write every new row where what the UPDATE in the WITH of the last INSERT returns is something."""
    sql, values = _update_statement(model, changes, equal, connection)
    if not inserting:
        return bool(_run(sql, values, connection))
    inserts = []
    for row in inserting:
        insert, columns = _insert_if_changed(type(row))
        inserts.append(insert)
        values += _saved_values(row, columns, connection)
    steps = [f"changed AS ({sql} RETURNING 1)", *_steps(inserting, inserts)]
    is_changed = bool(_run(_with(steps, inserts[-1]), values, connection))
    _note_written(inserting if is_changed else (), connection)
    return is_changed


def _run(sql: str, values: Sequence[Any], connection: BaseDatabaseWrapper) -> int:
    # The suite's own connections have the server keep what is written ready (``gaap_site.postgresql``).
    with getattr(connection, "preparing_cursor", connection.cursor)() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def _update_statement(
    model: type[models.Model], changes: Mapping[str, Any], equal: Mapping[str, Any], connection: BaseDatabaseWrapper
) -> tuple[str, list[Any]]:
    sql, changed, compared = _update(model, tuple(changes), _shapes(equal), connection.vendor)
    values = [field.get_db_prep_save(value, connection) for field, value in zip(changed, changes.values(), strict=True)]
    return sql, values + _compared_values(compared, equal, connection)


def _read(model: type[Model], along: tuple[str, ...], equal: Mapping[str, Any], end: str) -> list[Model]:
    connection = connections[DEFAULT_DB_ALIAS]
    sql, fields = _select(model, along, _shapes(equal), connection.vendor)
    found = _fetch(sql + end, _compared_values(fields, equal, connection), connection)
    return [_as_row_with(model, along, values, connection) for values in found]


def _fetch(sql: str, values: Sequence[Any], connection: BaseDatabaseWrapper) -> Sequence[Sequence[Any]]:
    # See ``_run``.
    if read := getattr(connection, "read_prepared", None):
        found: Sequence[Sequence[Any]] = read(sql, values)
        return found
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _as_row_with(
    model: type[Model], along: tuple[str, ...], found: Sequence[Any], connection: BaseDatabaseWrapper
) -> Model:
    end = len(model._meta.concrete_fields)
    row = _as_row(model, found[:end], connection)
    for name in along:
        key = _foreign_key(model, name)
        begin, end = end, end + len(key.related_model._meta.concrete_fields)
        is_there = getattr(row, key.attname) is not None
        key.set_cached_value(row, _as_row(key.related_model, found[begin:end], connection) if is_there else None)
    return row


def _shapes(equal: Mapping[str, Any]) -> tuple[Shape, ...]:
    return tuple((name, _shape(value)) for name, value in equal.items())


def _shape(value: Any) -> int:
    if value is None:
        return NOTHING
    return len(value) if isinstance(value, tuple) else EQUAL


def _compared_values(fields: Sequence[Field], equal: Mapping[str, Any], connection: BaseDatabaseWrapper) -> list[Any]:
    values: list[Any] = []
    for field, value in zip(fields, equal.values(), strict=True):
        several = value if isinstance(value, tuple) else () if value is None else (value,)
        values += [field.get_db_prep_value(one, connection) for one in several]
    return values


def _saved_values(row: models.Model, columns: Sequence[Column], connection: BaseDatabaseWrapper) -> list[Any]:
    is_postgresql, facts, values = connection.vendor == "postgresql", vars(row), []
    for field, name, taken in columns:
        value: Any = facts.get(name)
        kind = type(value)
        if not (is_postgresql and kind in taken) or (kind is datetime and value.tzinfo is None):
            value = field.get_db_prep_save(field.pre_save(row, add=True), connection)
        values.append(value)
    return values


def _column(field: Field) -> Column:
    return Column(field, field.attname, _taken(field))


def _taken(field: Field) -> frozenset[type]:
    kind = type(field)
    if kind is models.DateTimeField:
        is_set_here = not (field.auto_now or field.auto_now_add)  # type: ignore[attr-defined]
        return frozenset({datetime, NoneType}) if is_set_here else frozenset()
    return PLAIN_VALUES if kind in PLAIN_FIELDS else frozenset()


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
    inserts: list[str] = []
    values: list[Any] = []
    for row in rows:
        sql, columns = _insert_one(type(row), _keys_to_come(row, rows))
        inserts.append(sql)
        values += _saved_values(row, columns, connection)
    _run(_with(_steps(rows, inserts), inserts[-1]), values, connection)
    _note_written(rows, connection)


def _steps(rows: Sequence[models.Model], inserts: Sequence[str]) -> list[str]:
    """Return all INSERTs but the last as steps of a WITH, ``row_0`` and so on, each with the key that it was given."""
    steps = zip(rows[:-1], inserts[:-1], strict=True)
    return [
        f"row_{place} AS ({sql} RETURNING {_quote(str(row._meta.pk.column))})" for place, (row, sql) in enumerate(steps)
    ]


def _with(steps: Sequence[str], sql: str) -> str:
    return f"WITH {', '.join(steps)} {sql}" if steps else sql


def _note_written(rows: Sequence[models.Model], connection: BaseDatabaseWrapper) -> None:
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _keys_to_come(row: models.Model, rows: Sequence[models.Model]) -> tuple[tuple[str, int], ...]:
    """Return the columns of ``row`` that hold a key which the database has yet to give, and the places of its rows."""
    found = []
    for key in _foreign_keys(type(row)):
        if getattr(row, key.attname) is None and (other := key.get_cached_value(row, None)) is not None:
            found.append((key.attname, [id(one) for one in rows].index(id(other))))
    return tuple(found)


@lru_cache(maxsize=64)
def _foreign_keys(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.local_concrete_fields if isinstance(field, models.ForeignKey)]


def _foreign_key(model: type[models.Model], name: str) -> Any:
    return next(key for key in _foreign_keys(model) if key.name == name)


@lru_cache(maxsize=64)
def _insert_one(model: type[models.Model], to_come: tuple[tuple[str, int], ...] = ()) -> tuple[str, list[Column]]:
    fields, places = _written(model), dict(to_come)
    marks = [f"(TABLE row_{places[field.attname]})" if field.attname in places else "%s" for field in fields]
    sql = f"INSERT INTO {_quote(model._meta.db_table)} ({_quoted(fields)}) VALUES ({', '.join(marks)})"  # noqa: S608
    return sql, [_column(field) for field in fields if field.attname not in places]


@lru_cache(maxsize=64)
def _insert_if_changed(model: type[models.Model]) -> tuple[str, list[Column]]:
    fields = _written(model)
    table, marks = _quote(model._meta.db_table), ", ".join(["%s"] * len(fields))
    condition = "WHERE EXISTS (SELECT 1 FROM changed)"
    return f"INSERT INTO {table} ({_quoted(fields)}) SELECT {marks} {condition}", [_column(field) for field in fields]


def _written(model: type[models.Model]) -> list[Field]:
    return [field for field in model._meta.local_concrete_fields if not isinstance(field, models.AutoField)]


@lru_cache(maxsize=256)
def _select(
    model: type[models.Model], along: tuple[str, ...], shapes: tuple[Shape, ...], vendor: str
) -> tuple[str, list[Field]]:
    """Return the statement, and the fields that are compared; how names are quoted depends on ``vendor``."""
    table = _quote(model._meta.db_table)
    columns, joins = [_quoted(model._meta.concrete_fields, table)], ""
    for place, name in enumerate(along):
        key, alias = _foreign_key(model, name), f"along_{place}"
        other = key.related_model._meta
        columns.append(_quoted(other.concrete_fields, alias))
        joins += f" LEFT JOIN {_quote(other.db_table)} {alias}"
        joins += f" ON {alias}.{_quote(key.target_field.column)} = {table}.{_quote(key.column)}"
    where, fields = _where(model, shapes, table)
    return f"SELECT {', '.join(columns)} FROM {table}{joins} WHERE {where}", fields  # noqa: S608


@lru_cache(maxsize=256)
def _update(
    model: type[models.Model], names: tuple[str, ...], shapes: tuple[Shape, ...], vendor: str
) -> tuple[str, list[Field], list[Field]]:
    """Return the statement, the fields that are set and those that are compared; for ``vendor`` see ``_select``."""
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    table, changed = _quote(model._meta.db_table), [by_name[name] for name in names]
    marks = ", ".join(f"{_quote(str(field.column))} = %s" for field in changed)
    where, fields = _where(model, shapes, table)
    return f"UPDATE {table} SET {marks} WHERE {where}", changed, fields  # noqa: S608


def _where(model: type[models.Model], shapes: tuple[Shape, ...], table: str) -> tuple[str, list[Field]]:
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name, _ in shapes]
    columns = [f"{table}.{_quote(str(field.column))}" for field in fields]
    parts = (f"{column} {_comparison(shape)}" for column, (_, shape) in zip(columns, shapes, strict=True))
    return " AND ".join(parts), fields


def _comparison(shape: int) -> str:
    if shape == NOTHING:
        return "IS NULL"
    return "= %s" if shape == EQUAL else f"IN ({', '.join(['%s'] * shape)})"


def _quoted(fields: Sequence[Field], table: str = "") -> str:
    return ", ".join(f"{table}{'.' if table else ''}{_quote(str(field.column))}" for field in fields)


def _quote(name: str) -> str:
    return str(connections[DEFAULT_DB_ALIAS].ops.quote_name(name))
