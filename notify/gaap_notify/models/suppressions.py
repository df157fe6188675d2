"""Who wants no more messages, or cannot get them, and who complained about one."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField
from gaap.organisations.models import Service
from gaap_notify.models.channels import Channel
from gaap_notify.models.notifications import Notification


class Suppression(models.Model):
    """A recipient to whom nothing is sent: by one service, or by anybody when there is none."""

    class Reason(models.TextChoices):
        """Why."""

        STOPPED = "stopped", _("Asked by text message")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        COMPLAINED = "complained", _("Complained about an email")
        BOUNCED = "bounced", _("The address does not exist")

    service = models.ForeignKey(
        Service,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="suppressions",
        verbose_name=_("service"),
    )
    channel = models.CharField(_("type"), max_length=10, choices=Channel)
    recipient = EncryptedTextField(_("recipient"))
    recipient_digest = models.CharField(max_length=64, editable=False)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    created_at = models.DateTimeField(_("since"), default=now, editable=False)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("suppressed recipient")
        verbose_name_plural = _("suppressed recipients")
        indexes = [models.Index(fields=["recipient_digest"], name="gaap_notify_suppressed")]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "channel", "recipient_digest"],
                nulls_distinct=False,
                name="gaap_notify_suppressed_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.get_reason_display()}"


class Complaint(models.Model):
    """A recipient told their mail provider that an email was not wanted."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="complaints", verbose_name=_("service"))
    notification = models.OneToOneField(
        Notification, on_delete=models.CASCADE, related_name="complaint", verbose_name=_("notification")
    )
    event_id = models.CharField(_("provider's event"), max_length=255)
    created_at = models.DateTimeField(_("received"), default=now, editable=False)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")

    def __str__(self) -> str:
        return str(self.notification_id)
