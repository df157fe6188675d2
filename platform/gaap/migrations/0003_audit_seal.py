"""Seal the audit, and refuse changes of it in PostgreSQL itself."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import gaap.clock

REFUSE = """
CREATE FUNCTION gaap_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only';
END $$;
CREATE TRIGGER gaap_auditevent_append_only BEFORE UPDATE OR DELETE ON gaap_auditevent
    FOR EACH ROW EXECUTE FUNCTION gaap_audit_is_append_only();
CREATE TRIGGER gaap_auditseal_append_only BEFORE UPDATE OR DELETE ON gaap_auditseal
    FOR EACH ROW EXECUTE FUNCTION gaap_audit_is_append_only();
"""
ALLOW = """
DROP TRIGGER gaap_auditevent_append_only ON gaap_auditevent;
DROP TRIGGER gaap_auditseal_append_only ON gaap_auditseal;
DROP FUNCTION gaap_audit_is_append_only();
"""


def refuse_changes(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let PostgreSQL refuse every UPDATE and DELETE of audit rows."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REFUSE)


def allow_changes(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the triggers away."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ALLOW)


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [("gaap", "0002_stored_answer")]

    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="mac",
            field=models.CharField(default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("first_id", models.BigIntegerField()),
                ("last_id", models.BigIntegerField()),
                ("leaves", models.BinaryField()),
                ("gaps", models.JSONField(default=list)),
                ("previous_hash", models.CharField(max_length=64, unique=True)),
                ("hash", models.CharField(max_length=64, unique=True)),
                ("sealed_at", models.DateTimeField(default=gaap.clock.now, editable=False)),
            ],
            options={"verbose_name": "audit seal", "verbose_name_plural": "audit seals", "ordering": ["id"]},
        ),
        migrations.RunPython(refuse_changes, allow_changes),
    ]
