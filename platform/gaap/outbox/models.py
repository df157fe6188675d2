"""Events, written in the transaction that made them true, and published from there."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.identifiers import new_uuid


class OutboxEventQuerySet(models.QuerySet["OutboxEvent"]):
    """Events, narrowed by where they stand."""

    def waiting(self) -> "OutboxEventQuerySet":
        """Events not yet published, oldest first."""
        return self.filter(published_at__isnull=True).order_by("sequence")

    def unplaced(self) -> "OutboxEventQuerySet":
        """Events of services that have no position in their stream yet, oldest first."""
        return self.filter(position__isnull=True, service_id__isnull=False).order_by("sequence")

    def stream(self, service_id: uuid.UUID) -> "OutboxEventQuerySet":
        """One service's stream, in its order."""
        return self.filter(service_id=service_id, position__isnull=False).order_by("position")


class OutboxEvent(models.Model):
    """One thing that happened. ``subject`` is ``noun/id``; events of one subject are published in order.

    ``sequence`` is the order in which events were written, ``position`` the order in which their service sees them.
    """

    sequence = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=new_uuid, unique=True, editable=False)
    name = models.CharField(_("event"), max_length=100)
    service_id = models.UUIDField(_("service"), null=True, blank=True)
    position = models.PositiveBigIntegerField(_("position"), null=True, blank=True, editable=False)
    subject = models.CharField(_("subject"), max_length=150)
    data = models.JSONField(_("data"), default=dict)
    occurred_at = models.DateTimeField(_("when"), default=now, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    attempts = models.PositiveIntegerField(_("attempts"), default=0, editable=False)
    retry_at = models.DateTimeField(_("next try"), null=True, blank=True, editable=False)
    failure = models.TextField(_("failure"), blank=True, editable=False)

    objects = OutboxEventQuerySet.as_manager()

    class Meta:
        ordering = ["-sequence"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(
                fields=["sequence"], condition=models.Q(published_at__isnull=True), name="gaap_outbox_waiting"
            ),
            models.Index(
                fields=["service_id", "sequence"],
                condition=models.Q(position__isnull=True, service_id__isnull=False),
                name="gaap_outbox_unplaced",
            ),
            models.Index(fields=["service_id", "sequence"], name="gaap_outbox_service"),
            models.Index(fields=["subject"], name="gaap_outbox_subject"),
            models.Index(fields=["occurred_at"], name="gaap_outbox_occurred"),
        ]
        constraints = [models.UniqueConstraint(fields=["service_id", "position"], name="gaap_outbox_position")]

    def __str__(self) -> str:
        return f"{self.name} {self.subject}"
