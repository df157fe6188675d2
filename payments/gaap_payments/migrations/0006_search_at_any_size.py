"""Indexes for what payments are searched by, and PostgreSQL counts payments from here on."""

from contextlib import closing

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from gaap.serving_migrations import AddIndexWhileServing, AddTextIndex

PAYMENTS, COUNTS = "gaap_payments_payment", "gaap_payments_paymentcount"
COLUMNS = "service_id, is_live, day, status, card_brand, settled_on, number"
#: What payments of one count have in common; a row of `{}` stands before each column.
ALIKE = "{0}service_id, {0}is_live, ({0}created_at AT TIME ZONE 'UTC')::date, {0}status, {0}card_brand, {0}settled_on"
#: A change of these is a change of what is counted. `created_at` is written once; a test or an import may move it.
WATCHED = ("service_id", "is_live", "created_at", "status", "card_brand", "settled_on")

STOP = f"""
DROP TRIGGER IF EXISTS gaap_payments_count_new ON {PAYMENTS};
DROP TRIGGER IF EXISTS gaap_payments_count_changed ON {PAYMENTS};
DROP TRIGGER IF EXISTS gaap_payments_count_gone ON {PAYMENTS};
DROP FUNCTION IF EXISTS gaap_payments_count_new();
DROP FUNCTION IF EXISTS gaap_payments_count_changed();
DROP FUNCTION IF EXISTS gaap_payments_count_gone();
DELETE FROM {COUNTS};
"""
START = f"""
CREATE FUNCTION gaap_payments_count_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO {COUNTS} ({COLUMNS}) SELECT {ALIKE.format("")}, count(*) FROM new_rows GROUP BY 1, 2, 3, 4, 5, 6;
    RETURN NULL;
END $$;
CREATE FUNCTION gaap_payments_count_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO {COUNTS} ({COLUMNS}) SELECT {ALIKE.format("")}, -count(*) FROM old_rows GROUP BY 1, 2, 3, 4, 5, 6;
    RETURN NULL;
END $$;
CREATE FUNCTION gaap_payments_count_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO {COUNTS} ({COLUMNS}) VALUES ({ALIKE.format("OLD.")}, -1), ({ALIKE.format("NEW.")}, 1);
    RETURN NULL;
END $$;
CREATE TRIGGER gaap_payments_count_new AFTER INSERT ON {PAYMENTS}
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION gaap_payments_count_new();
CREATE TRIGGER gaap_payments_count_gone AFTER DELETE ON {PAYMENTS}
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION gaap_payments_count_gone();
CREATE TRIGGER gaap_payments_count_changed AFTER UPDATE ON {PAYMENTS} FOR EACH ROW
    WHEN ({" OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in WATCHED)})
    EXECUTE FUNCTION gaap_payments_count_changed();
"""
COUNT = f"""
INSERT INTO {COUNTS} ({COLUMNS}, is_sum)
SELECT {ALIKE.format("")}, count(*), true FROM {PAYMENTS} GROUP BY 1, 2, 3, 4, 5, 6
"""


def start_counting(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have every payment counted once: those that are there by one look at them, all later ones by triggers.

    Writers wait only while the triggers are made. A second connection takes its snapshot meanwhile, when nobody writes,
    and counts at leisure what it holds, while the others go on. Whoever dies halfway does all of it again.
    """
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    with closing(connection.copy()) as looking, connection.cursor() as trigger:
        with looking.cursor() as cursor:
            trigger.execute("BEGIN")
            try:
                trigger.execute(f"LOCK TABLE {PAYMENTS} IN SHARE ROW EXCLUSIVE MODE;" + STOP + START)
                cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("SELECT 1")
            except BaseException:
                trigger.execute("ROLLBACK")
                raise
            trigger.execute("COMMIT")
            cursor.execute(COUNT)
            cursor.execute("COMMIT")
            cursor.execute(f"ANALYZE {COUNTS}")


def stop_counting(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the triggers and what they counted away."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(STOP)


class Migration(migrations.Migration):
    """See the module. Not in one transaction: the indexes are built while payments are written."""

    atomic = False

    dependencies = [("gaap_payments", "0005_paymentcount")]

    operations = [
        AddIndexWhileServing(
            "payment",
            models.Index(
                fields=["service", "is_live", "first_digits", "-created_at", "-id"],
                condition=models.Q(("first_digits__gt", "")),
                name="gaap_payments_first_digits",
            ),
        ),
        AddIndexWhileServing(
            "payment",
            models.Index(
                fields=["last_digits", "service"],
                condition=models.Q(("last_digits__gt", "")),
                name="gaap_payments_last_digits",
            ),
        ),
        AddTextIndex(
            "gaap_payments_email_part", table=PAYMENTS, expression="UPPER(email::text)", condition="email > ''"
        ),
        AddTextIndex(
            "gaap_payments_name_part",
            table=PAYMENTS,
            expression="UPPER(cardholder_name::text)",
            condition="cardholder_name > ''",
        ),
        AddTextIndex(
            "gaap_payments_metadata_part",
            table=PAYMENTS,
            expression="LOWER(metadata::text)",
            condition="metadata <> '{}'::jsonb",
        ),
        migrations.RunPython(start_counting, stop_counting),
    ]
