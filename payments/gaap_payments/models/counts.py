"""How many payments there are, kept beside them, so that nobody counts a million rows to say so."""

from django.db import models
from django.db.models import Q


class PaymentCount(models.Model):
    """So many payments of a service that are alike, one of many rows of which the sum counts.

    PostgreSQL writes them itself with each payment that comes, changes or goes: one more here, one less there. No two
    writers ever wait for the same row, and a task adds up what has gathered (``is_sum``). Elsewhere there are none.
    """

    #: In these respects payments of one day are alike.
    RESPECTS = ("status", "card_brand", "settled_on")

    service_id = models.UUIDField(editable=False)
    is_live = models.BooleanField(editable=False)
    #: The day on which they were created, in UTC.
    day = models.DateField(editable=False)
    status = models.CharField(max_length=30, editable=False)
    card_brand = models.CharField(max_length=50, editable=False)
    settled_on = models.DateField(null=True, editable=False)
    number = models.BigIntegerField(editable=False)
    is_sum = models.BooleanField(db_default=False, editable=False)

    class Meta:
        ordering = ["-day"]
        indexes = [
            # All that a sum needs, so that the table itself is not read.
            models.Index(
                fields=["service_id", "is_live", "day", "status", "card_brand", "settled_on", "number"],
                name="gaap_payments_counts",
            ),
            models.Index(
                fields=["service_id", "is_live", "day"], condition=Q(is_sum=False), name="gaap_payments_counts_new"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.status} {self.number}"
