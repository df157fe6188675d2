"""A table for how many payments there are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """See the module; nothing is counted yet."""

    dependencies = [("gaap_payments", "0004_card_types")]

    operations = [
        migrations.CreateModel(
            name="PaymentCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("service_id", models.UUIDField(editable=False)),
                ("is_live", models.BooleanField(editable=False)),
                ("day", models.DateField(editable=False)),
                ("status", models.CharField(editable=False, max_length=30)),
                ("card_brand", models.CharField(editable=False, max_length=50)),
                ("settled_on", models.DateField(editable=False, null=True)),
                ("number", models.BigIntegerField(editable=False)),
                ("is_sum", models.BooleanField(db_default=False, editable=False)),
            ],
            options={
                "ordering": ["-day"],
                "indexes": [
                    models.Index(
                        fields=["service_id", "is_live", "day", "status", "card_brand", "settled_on", "number"],
                        name="gaap_payments_counts",
                    ),
                    models.Index(
                        condition=models.Q(("is_sum", False)),
                        fields=["service_id", "is_live", "day"],
                        name="gaap_payments_counts_new",
                    ),
                ],
            },
        ),
    ]
