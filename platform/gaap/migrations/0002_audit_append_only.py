"""Refuse changes of the audit in PostgreSQL itself."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

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

    dependencies = [("gaap", "0001_initial")]

    operations = [migrations.RunPython(refuse_changes, allow_changes)]
