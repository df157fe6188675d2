"""Writing many rows at once: COPY and one UPDATE on PostgreSQL, what the ORM has for many rows elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import islice, repeat
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, Value, When

from gaap.crypto import EncryptedField

#: Rows of one statement.
AT_ONCE = 1000


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write ``rows`` into the model's table, in the caller's transaction, and return how many there were.

    ``columns`` are names of fields (``service_id`` for a key); every column without a default in the database must be
    among them. ``rows`` may be a generator, which may ask the database: a thousand rows are taken from it at a time,
    and only then written.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Rows are copied within a transaction.")
    write = _copy if connection.vendor == "postgresql" else _insert
    written, source = 0, iter(rows)
    while batch := list(islice(source, AT_ONCE)):
        write(model, columns, batch)
        written += len(batch)
    return written


def change_each(
    model: type[models.Model],
    keys: Sequence[Any],
    changes: Mapping[str, Any],
    each: Mapping[str, Mapping[Any, Any]],
    *,
    where: tuple[str, Any],
) -> set[Any]:
    """Set columns of the rows with these keys, in the caller's transaction, and return the keys of those it changed.

    ``changes`` are columns set alike on all of them, ``each`` maps a column to the value of every row by its key, and
    ``where`` is a column and the value that it must still have. The names are those of columns. The rows are locked in
    the order of their keys, so that two who change the same rows do not wait for each other in a circle.
    """
    if not keys:
        return set()
    change = _change_together if connection.vendor == "postgresql" else _change_case_by_case
    return change(model, keys, changes, each, where)


def _change_together(
    model: type[models.Model],
    keys: Sequence[Any],
    changes: Mapping[str, Any],
    each: Mapping[str, Mapping[Any, Any]],
    where: tuple[str, Any],
) -> set[Any]:
    """Lock and update in one statement; the values of each row come as one array for each column."""
    database = connections[DEFAULT_DB_ALIAS]
    fields = [_pk(model), *(_field(model, name) for name in each)]
    arrays = [
        [fields[0].get_db_prep_value(key, database) for key in keys],
        *([field.get_db_prep_save(each[field.attname][key], database) for key in keys] for field in fields[1:]),
    ]
    compared, value = _field(model, where[0]), where[1]
    set_alike = [(_field(model, name), one) for name, one in changes.items()]
    values = [
        *arrays,
        compared.get_db_prep_value(value, database),
        *(field.get_db_prep_save(one, database) for field, one in set_alike),
    ]
    sql = _each_statement(model, fields, [field for field, _ in set_alike], compared, database)
    with database.cursor() as cursor:
        cursor.execute(sql, values)
        return {fields[0].to_python(key) for (key,) in cursor.fetchall()}


def _each_statement(
    model: type[models.Model],
    given: Sequence["models.Field[Any, Any]"],
    alike: Sequence["models.Field[Any, Any]"],
    compared: "models.Field[Any, Any]",
    database: BaseDatabaseWrapper,
) -> str:
    quote = database.ops.quote_name
    table, key = quote(model._meta.db_table), quote(str(given[0].column))
    columns = [quote(str(field.column)) for field in given]
    arrays = ", ".join(f"%s::{field.rel_db_type(database)}[]" for field in given)
    assignments = [f"{quote(str(field.column))} = %s" for field in alike]
    assignments += [f"{column} = given.{column}" for column in columns[1:]]
    return (
        f"WITH given AS (SELECT * FROM unnest({arrays}) AS given ({', '.join(columns)})),"  # noqa: S608
        f" standing AS (SELECT {key} FROM {table} WHERE {key} IN (SELECT {key} FROM given)"
        f" AND {quote(str(compared.column))} = %s ORDER BY {key} FOR UPDATE)"
        f" UPDATE {table} SET {', '.join(assignments)} FROM given, standing"
        f" WHERE {table}.{key} = standing.{key} AND given.{key} = standing.{key} RETURNING {table}.{key}"
    )


def _change_case_by_case(
    model: type[models.Model],
    keys: Sequence[Any],
    changes: Mapping[str, Any],
    each: Mapping[str, Mapping[Any, Any]],
    where: tuple[str, Any],
) -> set[Any]:
    rows = model._default_manager.filter(pk__in=keys, **dict([where]))
    found = set(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
    by_row = {name: _case(_field(model, name), {key: values[key] for key in found}) for name, values in each.items()}
    if found:
        model._default_manager.filter(pk__in=found).update(**changes, **by_row)
    return found


def _case(field: "models.Field[Any, Any]", values: Mapping[Any, Any]) -> Case:
    return Case(*(When(pk=key, then=Value(value)) for key, value in values.items()), output_field=field)


def _copy(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write the rows; what takes long, such as sealing, is done on demand, while the server takes the rows before."""
    database = connections[DEFAULT_DB_ALIAS]
    fields = [_field(model, name) for name in columns]
    quote = database.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in fields)
    statement = f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN"
    with database.cursor() as cursor:
        by_column = zip(fields, zip(*rows, strict=True), strict=True)
        ready = [_prepare(field, values, database) for field, values in by_column]
        with cursor.cursor.copy(statement) as copy:
            for row in zip(*ready, strict=True):
                copy.write_row(row)


def _prepare(field: "models.Field[Any, Any]", values: Sequence[Any], database: BaseDatabaseWrapper) -> Iterable[Any]:
    """Return what is copied for each of a column's values; one value for all rows is prepared once.

    An encrypted value is sealed anew for each row: nobody can tell by looking at two rows that they hold the same.
    """
    if isinstance(field, EncryptedField):
        return field.prep_each(values)
    prepare = partial(field.get_db_prep_save, connection=database)
    first = values[0]
    if all(value is first for value in values):
        return repeat(_as_text(prepare(first), database), len(values))
    return map(prepare, values)


def _as_text(value: Any, database: BaseDatabaseWrapper) -> str | None:
    """Return a value as psycopg would write it into the stream of a COPY."""
    from psycopg.adapt import PyFormat, Transformer

    if value is None:
        return None
    text = Transformer.from_context(database.connection).get_dumper(value, PyFormat.TEXT).dump(value)
    return None if text is None else bytes(text).decode()


def _insert(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    model._default_manager.bulk_create(
        (model(**dict(zip(columns, row, strict=True))) for row in rows), batch_size=AT_ONCE // 4
    )


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    return next(field for field in model._meta.concrete_fields if name in (field.name, field.attname))


def _pk(model: type[models.Model]) -> "models.Field[Any, Any]":
    return _field(model, str(model._meta.pk.name))
