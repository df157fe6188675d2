"""Operations of migrations that leave a table open to those who write to it: CONCURRENTLY on PostgreSQL.

A migration with one of them is ``atomic = False``. Each may be done again after it died halfway: an index that was left
unfinished is taken away first.
"""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddIndex
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

INVALID = """
    SELECT NOT indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relname = %s AND pg_table_is_visible(pg_class.oid)
"""


class AddIndexWhileServing(AddIndex):
    """Django's ``AddIndex``, without keeping writers out on PostgreSQL."""

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Build the index."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        elif is_wanted(schema_editor, self.index.name):
            schema_editor.add_index(model, self.index, concurrently=True)  # type: ignore[call-arg]

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Take it away."""
        if schema_editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            remove(schema_editor, self.index.name)


class AddTextIndex(Operation):
    """Let PostgreSQL find parts of texts by the three letters at each place (``pg_trgm``); nothing elsewhere.

    Args:
        name: of the index.
        table: of the database.
        expression: SQL whose parts are looked for, as the queries write it.
        condition: SQL that tells which rows have a text at all; the queries have to say it too.

    The extension is made where it is missing, which the owner of a database may do since PostgreSQL 13.
    """

    reduces_to_sql = False
    reversible = True
    atomic = False

    def __init__(self, name: str, *, table: str, expression: str, condition: str) -> None:
        self.name, self.table, self.expression, self.condition = name, table, expression, condition

    def deconstruct(self) -> Any:
        """Say how to make it again."""
        facts = {"table": self.table, "expression": self.expression, "condition": self.condition}
        return type(self).__name__, [self.name], facts

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """No model knows it: SQLite has no such index."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Build the index."""
        if schema_editor.connection.vendor != "postgresql" or not is_wanted(schema_editor, self.name):
            return
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(
            f"CREATE INDEX CONCURRENTLY {self.name} ON {self.table}"
            f" USING gin (({self.expression}) gin_trgm_ops) WHERE {self.condition}"
        )

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Take it away."""
        if schema_editor.connection.vendor == "postgresql":
            remove(schema_editor, self.name)

    def describe(self) -> str:
        """Say what it does."""
        return f"Find parts of texts in {self.table} by {self.name}"

    @property
    def migration_name_fragment(self) -> str:
        """How a migration with it may be called."""
        return self.name


def is_wanted(schema_editor: BaseDatabaseSchemaEditor, name: str) -> bool:
    """Tell whether the index has still to be built; one that somebody left unfinished is taken away first."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(INVALID, [name])
        found = cursor.fetchone()
    if found and found[0]:
        remove(schema_editor, name)
    return not found or found[0]


def remove(schema_editor: BaseDatabaseSchemaEditor, name: str) -> None:
    """Take an index of PostgreSQL away, without keeping anybody out."""
    schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(name)}")
