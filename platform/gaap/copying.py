"""Writing many rows at once: COPY on PostgreSQL, INSERT of many rows elsewhere."""

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice, repeat
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

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
