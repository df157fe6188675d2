"""What the sandbox's pretended suppliers have taken."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedJSONField, EncryptedTextField
from gaap.work import WorkItem
from gaap_notify.models.channels import Channel


class SandboxMessage(WorkItem):
    """A message that the sandbox took instead of sending it.

    One per notification, however often it is handed over: like a supplier that honours an idempotency key, the
    sandbox answers a repeat with the same id and counts it. ``due_at`` is set until its receipt has been posted.
    """

    notification_id = models.UUIDField(_("notification"), unique=True)
    provider_id = models.CharField(_("provider's id"), max_length=64, unique=True)
    channel = models.CharField(_("type"), max_length=10, choices=Channel)
    provider = models.CharField(_("provider"), max_length=40)
    recipient = EncryptedTextField(_("recipient"))
    recipient_digest = models.CharField(max_length=64, editable=False)
    sender = models.CharField(_("sender"), max_length=320, blank=True)
    subject = EncryptedTextField(_("subject"), blank=True)
    body = EncryptedTextField(_("text"))
    html = EncryptedTextField(_("HTML"), blank=True)
    headers = EncryptedJSONField(_("headers"), default=dict)
    reports = models.JSONField(_("reports still to make"), default=list)
    repeats = models.PositiveIntegerField(_("repeats"), default=0)
    created_at = models.DateTimeField(_("taken"), default=now, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("sandbox message")
        verbose_name_plural = _("sandbox messages")
        indexes = [
            WorkItem.due_index("gaap_notify_sandbox_due"),
            models.Index(fields=["-created_at", "-id"], name="gaap_notify_sandbox_newest"),
            models.Index(fields=["recipient_digest"], name="gaap_notify_sandbox_to"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.provider_id}"
