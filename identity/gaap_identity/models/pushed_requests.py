"""Authorization requests that a client sent ahead of the browser (PAR, RFC 9126)."""

from typing import Self

from django.db import models

from gaap.clock import now
from gaap.crypto import EncryptedJSONField
from gaap_identity.models.clients import Client


class PushedRequestQuerySet(models.QuerySet["PushedRequest"]):
    """Pushed requests, narrowed by what they still allow."""

    def fresh(self) -> Self:
        """Requests that nobody took yet and that have not run out."""
        return self.filter(used_at=None, expires_at__gt=now())


class PushedRequest(models.Model):
    """A request that the browser will name by its reference, once; kept as a keyed digest, its content encrypted."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    reference_digest = models.CharField(max_length=64, unique=True, editable=False)
    parameters = EncryptedJSONField()
    is_signed = models.BooleanField(default=False)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    objects = PushedRequestQuerySet.as_manager()

    def __str__(self) -> str:
        return f"pushed request {self.pk}"
