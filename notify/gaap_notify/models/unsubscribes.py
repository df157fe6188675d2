"""Who asked a service for no more emails, and the reports in which its team works through them."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField
from gaap.organisations.models import Service
from gaap_notify.models.notifications import Notification


class UnsubscribeReport(models.Model):
    """Requests that a team looks at together, to take the people off its own lists."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="unsubscribe_reports", verbose_name=_("service")
    )
    created_at = models.DateTimeField(_("made"), default=now, editable=False)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("unsubscribe report")
        verbose_name_plural = _("unsubscribe reports")
        indexes = [models.Index(fields=["service", "-created_at"], name="gaap_notify_unsub_reports")]

    def __str__(self) -> str:
        return str(self.pk)


class UnsubscribeRequestQuerySet(models.QuerySet["UnsubscribeRequest"]):
    """Requests, narrowed."""

    def standing(self) -> "UnsubscribeRequestQuerySet":
        """Those that their senders have not taken back."""
        return self.filter(withdrawn_at__isnull=True)

    def unreported(self) -> "UnsubscribeRequestQuerySet":
        """Standing ones that are in no report yet."""
        return self.standing().filter(report__isnull=True)


class UnsubscribeRequest(models.Model):
    """A recipient asked for no more emails: the news of it. What keeps emails from them is a ``Suppression``."""

    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="unsubscribe_requests", verbose_name=_("service")
    )
    notification = models.ForeignKey(
        Notification, on_delete=models.CASCADE, related_name="unsubscribe_requests", verbose_name=_("notification")
    )
    report = models.ForeignKey(
        UnsubscribeReport,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("report"),
    )
    recipient = EncryptedTextField(_("recipient"))
    recipient_digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("asked"), default=now, editable=False)
    withdrawn_at = models.DateTimeField(_("taken back"), null=True, blank=True, editable=False)

    objects = UnsubscribeRequestQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        verbose_name = _("unsubscribe request")
        verbose_name_plural = _("unsubscribe requests")
        indexes = [
            models.Index(fields=["service", "created_at"], name="gaap_notify_unsub_service"),
            models.Index(fields=["recipient_digest"], name="gaap_notify_unsub_recipient"),
            models.Index(fields=["created_at"], name="gaap_notify_unsub_age"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "recipient_digest"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="gaap_notify_unsub_standing_once",
            )
        ]

    def __str__(self) -> str:
        return str(self.notification_id)
