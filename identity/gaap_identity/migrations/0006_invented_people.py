"""Say of each identity and each doubt whether the sandbox invented it."""

from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import Q

SANDBOX = ("sandbox", "sandbox_register")


def mark(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Mark what stands on a check with a source of the sandbox, as far as the check is still kept."""

    def model(name: str) -> Any:
        return apps.get_model("gaap_identity", name).objects

    sources = [*SANDBOX, *model("EvidenceSource").filter(provider__in=SANDBOX).values_list("pk", flat=True)]
    shown = model("Evidence").filter(identity_check__provider__in=sources).values("account")
    invented = Q(identity_check__provider__in=sources) | Q(account__in=shown)
    model("CoreIdentity").filter(invented).update(is_sandbox=True)
    model("Doubt").filter(identity_check__provider__in=sources).update(is_sandbox=True)


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [("gaap_identity", "0005_company_officers")]

    operations = [
        migrations.AddField(
            model_name="coreidentity",
            name="is_sandbox",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Proven with a source of the sandbox, in part at least; it is nobody to live services.",
                verbose_name="invented",
            ),
        ),
        migrations.AddField(
            model_name="doubt",
            name="is_sandbox",
            field=models.BooleanField(db_default=False, default=False, verbose_name="invented"),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
