"""Where the queue is kept when there is no Redis."""

from django.db import models

from gaap.identifiers import new_uuid


class SurgeQueue(models.Model):
    """The one queue of this platform (see ``gaap.surge.queue``)."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    epoch = models.UUIDField(default=new_uuid, editable=False)
    issued = models.BigIntegerField(default=0)
    called = models.FloatField(default=0)
    moved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.called:.0f} of {self.issued}"
