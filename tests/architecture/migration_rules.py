"""What a migration may do while the previous version still serves: expand, then move, then contract.

The previous version neither knows a new column nor stops asking for an old one. So a step may add what the database
fills in by itself; what takes something away is a *contract* step of a later release and says so in its class:

    contracts = "identity.account.phone: nothing has read it since 0.2.0"
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

REMOVALS = (migrations.RemoveField, migrations.DeleteModel)
RENAMES = (migrations.RenameField, migrations.RenameModel, migrations.AlterModelTable)


def faults_of(migration: migrations.Migration, *, before: ProjectState) -> Iterator[str]:
    """Name each step of ``migration`` that the previous version would stumble over.

    Args:
        migration: its operations are taken in their order; what it creates itself is nobody's yet.
        before: the state of the project without it; it is left as it is.
    """
    if str(getattr(migration, "contracts", "")).strip():
        return
    state, made = before.clone(), set()
    for operation in _flat(migration.operations):
        was = state.clone()
        operation.state_forwards(migration.app_label, state)
        if isinstance(operation, migrations.CreateModel):
            made.add(operation.name_lower)
        elif _model_of(operation) not in made:
            yield from _faults(operation, migration.app_label, was, state)


def _flat(operations: Sequence[Operation]) -> Iterator[Operation]:
    """Return the operations that reach the database, those within others too."""
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _model_of(operation: Operation) -> str:
    return str(getattr(operation, "model_name_lower", getattr(operation, "name_lower", "")))


def _faults(operation: Operation, app_label: str, was: ProjectState, now: ProjectState) -> Iterator[str]:
    described = operation.describe()
    if isinstance(operation, REMOVALS):
        yield f"{described}: the previous version still asks for it; take it away a release later"
    elif isinstance(operation, RENAMES):
        yield f"{described}: add the new name, fill it, use it, and take the old one away a release later"
    elif isinstance(operation, migrations.AddField) and _must_be_given(operation.field):
        yield f"{described}: the previous version writes rows without it; give it null=True or db_default"
    elif isinstance(operation, migrations.AlterField):
        key = (app_label, operation.model_name_lower)
        old, new = (state.models[key].fields[operation.name] for state in (was, now))
        yield from (f"{described}: {fault}" for fault in _narrowings(old, new))


def _must_be_given(field: "models.Field[Any, Any]") -> bool:
    """Tell whether a row cannot be written by somebody who does not know the column."""
    return not (field.many_to_many or field.null or field.has_db_default() or field.primary_key)


def _narrowings(old: "models.Field[Any, Any]", new: "models.Field[Any, Any]") -> Iterator[str]:
    if old.null and not new.null and not new.has_db_default():
        yield "the previous version still writes NULL; fill the column, and forbid NULL a release later"
    if old.get_internal_type() != new.get_internal_type():
        yield "the previous version reads the old type; add a column beside it"
    if old.max_length and new.max_length and new.max_length < old.max_length:
        yield "the previous version writes longer texts"
    if old.has_db_default() and not new.has_db_default() and not new.null:
        yield "the previous version relies on the default of the database"
