"""Counters of tries, so that passwords and codes cannot be guessed."""

from django.db import models


class TryCounter(models.Model):
    """How often something was tried of late. The row counts for nothing once it has expired."""

    purpose = models.CharField(max_length=20)
    subject_digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "subject_digest"], name="gaap_identity_try_counter_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} tried {self.tries} times"
