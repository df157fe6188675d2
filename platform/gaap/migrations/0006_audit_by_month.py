"""Keep the audit in one table for each month, on PostgreSQL."""

from typing import ClassVar

from django.db import migrations

from gaap.partitions.converting import partition_by_month


class Migration(migrations.Migration):
    """See the module; each step of it is a transaction of its own."""

    atomic = False
    dependencies: ClassVar = [("gaap", "0005_events_by_month")]
    operations: ClassVar = [partition_by_month("gaap", "AuditEvent")]
