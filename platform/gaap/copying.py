"""Writing many rows at once: COPY on PostgreSQL, INSERT of many rows elsewhere."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

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
    fields = [_field(model, name) for name in columns]
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in fields)
    ready = [
        [field.get_db_prep_save(value, connection) for field, value in zip(fields, row, strict=True)] for row in rows
    ]
    statement = f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN"
    with connection.cursor() as cursor, cursor.cursor.copy(statement) as copy:
        for row in ready:
            copy.write_row(row)


def _insert(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    model._default_manager.bulk_create(
        (model(**dict(zip(columns, row, strict=True))) for row in rows), batch_size=AT_ONCE // 4
    )


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    return next(field for field in model._meta.concrete_fields if name in (field.name, field.attname))
