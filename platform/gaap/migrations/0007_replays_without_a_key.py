"""Take away the key from deliveries to the deliveries that they replay: a table of months cannot be given one to itself."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The previous version writes what it wrote, and removes replays before what they replay, as it did."""

    dependencies: ClassVar = [("gaap", "0006_audit_by_month")]
    operations: ClassVar = [
        migrations.AlterField(
            model_name="delivery",
            name="replay_of",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="replays",
                to="gaap.delivery",
                verbose_name="replay of",
            ),
        ),
    ]
