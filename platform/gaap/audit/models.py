"""The record of who did what. Rows are added and never changed."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now


class AuditRowError(Exception):
    """Somebody tried to change or remove an audit event."""


class AuditEvent(models.Model):
    """One act: of a person, or one that changed configuration, money or identity."""

    id = models.BigAutoField(primary_key=True)
    occurred_at = models.DateTimeField(_("when"), default=now, editable=False, db_index=True)
    action = models.CharField(_("action"), max_length=100)
    actor_kind = models.CharField(_("kind of actor"), max_length=20)
    actor_id = models.CharField(_("actor"), max_length=100)
    actor_label = models.CharField(_("actor's name"), max_length=255, blank=True)
    on_behalf_of = models.CharField(_("on behalf of"), max_length=100, blank=True)
    service_id = models.UUIDField(_("service"), null=True, blank=True)
    target_type = models.CharField(_("kind of target"), max_length=100)
    target_id = models.CharField(_("target"), max_length=100)
    purpose = models.CharField(_("purpose"), max_length=255, blank=True)
    before = models.JSONField(_("before"), null=True, blank=True)
    after = models.JSONField(_("after"), null=True, blank=True)
    mac = models.CharField(max_length=64, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        indexes = [
            models.Index(fields=["service_id", "-id"], name="gaap_audit_service"),
            models.Index(fields=["target_type", "target_id"], name="gaap_audit_target"),
            models.Index(fields=["actor_kind", "actor_id"], name="gaap_audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.occurred_at:%Y-%m-%d %H:%M:%S} {self.action} {self.target_type}/{self.target_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row; raises AuditRowError when it stands already."""
        if not self._state.adding:
            raise AuditRowError("An audit event is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse; always raises AuditRowError."""
        raise AuditRowError("An audit event is never removed.")


class AuditSeal(models.Model):
    """A batch of audit events, sealed: each seal holds the hash of the one before it.

    ``leaves`` names every row of the batch with eight bytes of its digest, sixteen bytes a row, so that a check can
    name the row that was changed, removed, inserted or moved. ``gaps`` are numbers below the batch's end that were not
    there yet, because their transactions were still open (or had failed).
    """

    id = models.BigAutoField(primary_key=True)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    leaves = models.BinaryField()
    gaps = models.JSONField(default=list)
    previous_hash = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)
    sealed_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name = _("audit seal")
        verbose_name_plural = _("audit seals")

    def __str__(self) -> str:
        return f"{self.first_id}–{self.last_id}"
