"""Give the account what its checks brought, so that its level can be judged without them."""

from typing import Any

from django.db import migrations

ASPECTS = ("activity", "fraud", "verification")


def hand_over(apps: Any, schema_editor: Any) -> None:
    """Name the account of each piece of evidence, and keep the scores of each check that passed."""
    checks = apps.get_model("gaap_identity", "IdentityCheck").objects.filter(status="passed")
    evidence = apps.get_model("gaap_identity", "Evidence")
    corroboration = apps.get_model("gaap_identity", "Corroboration")
    for check in checks.iterator(chunk_size=500):
        evidence.objects.filter(identity_check=check, account=None).update(account=check.account_id)
        corroboration.objects.bulk_create(
            corroboration(account_id=check.account_id, identity_check=check, aspect=aspect, score=getattr(check, aspect))
            for aspect in ASPECTS
            if getattr(check, aspect)
        )


class Migration(migrations.Migration):
    dependencies = [("gaap_identity", "0003_identity_builds_up")]
    operations = [migrations.RunPython(hand_over, migrations.RunPython.noop)]
