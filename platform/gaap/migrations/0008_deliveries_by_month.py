"""Keep deliveries and their attempts in one table for each month, on PostgreSQL."""

from typing import ClassVar

from django.db import migrations

from gaap.partitions.converting import partition_by_month


class Migration(migrations.Migration):
    """See the module; each step of it is a transaction of its own. Attempts come second: they refer to deliveries."""

    atomic = False
    dependencies: ClassVar = [("gaap", "0007_replays_without_a_key")]
    operations: ClassVar = [partition_by_month("gaap", "Delivery"), partition_by_month("gaap", "DeliveryAttempt")]
