"""No migration stops the version that still serves: expand, move, contract (docs/how-to/change-the-database.md)."""

from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

from tests.architecture.migration_rules import faults_of

#: The last migration of each app from before the first release.
BASELINE = {
    "gaap": "0002_audit_append_only",
    "gaap_console": "0001_initial",
    "gaap_identity": "0001_initial",
    "gaap_notify": "0001_initial",
    "gaap_payments": "0001_initial",
}
LOADER = MigrationLoader(None)
RULED = sorted(key for key in LOADER.disk_migrations if key[0] in BASELINE and key[1] > BASELINE[key[0]])


def test_the_previous_version_can_go_on() -> None:
    found = {
        ".".join(key): [*faults_of(LOADER.get_migration(*key), before=LOADER.project_state(key, at_end=False))]
        for key in RULED
    }
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_every_app_of_ours_is_ruled() -> None:
    ours = {app for app, _ in LOADER.disk_migrations if app.startswith("gaap")}
    assert ours == set(BASELINE)
    assert [key for key in BASELINE.items() if key not in LOADER.disk_migrations] == []


def state() -> ProjectState:
    """A project with one table."""
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=40)),
        ("note", models.CharField(max_length=40, null=True)),
        ("kind", models.CharField(max_length=9, default="", db_default="")),
    ]
    project = ProjectState()
    project.add_model(ModelState("shop", "Order", fields))
    return project


def found(*operations: Any, **facts: Any) -> list[str]:
    """The faults of a migration with these operations."""
    made = type("Migration", (migrations.Migration,), {"operations": list(operations), **facts})
    return list(faults_of(made("0002_next", "shop"), before=state()))


TEXT: dict[str, Any] = {"max_length": 40}
REFUSED: dict[str, Any] = {
    "remove-field": migrations.RemoveField("order", "name"),
    "rename-field": migrations.RenameField("order", "name", "title"),
    "rename-model": migrations.RenameModel("Order", "Purchase"),
    "rename-table": migrations.AlterModelTable("order", "orders"),
    "delete-model": migrations.DeleteModel("Order"),
    "add-not-null": migrations.AddField("order", "city", models.CharField(**TEXT)),
    "add-with-default-of-python": migrations.AddField("order", "city", models.CharField(default="", **TEXT)),
    "to-not-null": migrations.AlterField("order", "note", models.CharField(**TEXT)),
    "to-another-type": migrations.AlterField("order", "name", models.IntegerField()),
    "to-shorter": migrations.AlterField("order", "name", models.CharField(max_length=10)),
    "default-gone": migrations.AlterField("order", "kind", models.CharField(max_length=9, default="")),
}
ALLOWED: dict[str, Any] = {
    "add-null": migrations.AddField("order", "city", models.CharField(null=True, **TEXT)),
    "add-with-default-of-database": migrations.AddField("order", "city", models.CharField(db_default="", **TEXT)),
    "add-many-to-many": migrations.AddField("order", "parts", models.ManyToManyField("shop.Order")),
    "to-null": migrations.AlterField("order", "name", models.CharField(null=True, **TEXT)),
    "to-longer": migrations.AlterField("order", "name", models.CharField(max_length=80)),
    "to-not-null-with-default": migrations.AlterField("order", "note", models.CharField(db_default="", **TEXT)),
    "run-python": migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop),
}


@pytest.mark.parametrize("operation", REFUSED.values(), ids=list(REFUSED))
def test_what_the_previous_version_would_stumble_over_is_refused(operation: Any) -> None:
    assert len(found(operation)) == 1
    assert len(found(migrations.SeparateDatabaseAndState(database_operations=[operation]))) == 1


@pytest.mark.parametrize("operation", REFUSED.values(), ids=list(REFUSED))
def test_a_contract_step_may_do_it_and_says_why(operation: Any) -> None:
    assert found(operation, contracts="order: nothing has read it since 0.2.0") == []
    assert len(found(operation, contracts=" ")) == 1


@pytest.mark.parametrize("operation", ALLOWED.values(), ids=list(ALLOWED))
def test_what_expands_is_allowed(operation: Any) -> None:
    assert found(operation) == []


def test_what_a_migration_makes_itself_it_may_shape() -> None:
    made = migrations.CreateModel("Parcel", [("id", models.BigAutoField(primary_key=True))])
    added = migrations.AddField("parcel", "weight", models.IntegerField())
    assert found(made, added) == []
    assert len(found(added_to_order := migrations.AddField("order", "weight", models.IntegerField()))) == 1
    assert len(found(made, added, added_to_order)) == 1
