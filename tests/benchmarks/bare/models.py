"""The bare project's table."""

import uuid

from django.db import models

from gaap.clock import now


class Row(models.Model):
    """As much as an order of a service: a key, a time, and what was posted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    created_at = models.DateTimeField(default=now)
    body = models.JSONField()

    objects: "models.Manager[Row]" = models.Manager()

    class Meta:
        app_label = "bare"
        db_table = "bare_row"
        managed = False

    def __str__(self) -> str:
        return str(self.id)


CREATE_TABLE = "CREATE TABLE bare_row (id uuid PRIMARY KEY, created_at timestamptz NOT NULL, body jsonb NOT NULL)"
