"""Answers kept so that a repeated request gets the same one."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedJSONField

KEPT_FOR = timedelta(hours=24)


class StoredAnswerQuerySet(models.QuerySet["StoredAnswer"]):
    """Stored answers, narrowed by age."""

    def expired(self) -> "StoredAnswerQuerySet":
        """Answers older than 24 hours; their keys may be used again."""
        return self.filter(created_at__lte=now() - KEPT_FOR)


class StoredAnswer(models.Model):
    """The answer to one POST with an Idempotency-Key, which is unique within a service and its world (test or real)."""

    id = models.BigAutoField(primary_key=True)
    service_id = models.UUIDField(_("service"))
    world = models.CharField(max_length=10)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = EncryptedJSONField(null=True)
    created_at = models.DateTimeField(default=now, editable=False, db_index=True)

    objects = StoredAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("stored answer")
        verbose_name_plural = _("stored answers")
        constraints = [models.UniqueConstraint(fields=["service_id", "world", "key"], name="gaap_stored_answer_unique")]

    def __str__(self) -> str:
        return f"{self.key} ({self.status})"

    @property
    def is_expired(self) -> bool:
        """True when the key may be used for something else."""
        return self.created_at <= now() - KEPT_FOR
