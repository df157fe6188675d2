"""What providers tell us about messages that they took."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedJSONField, EncryptedTextField
from gaap.work import WorkItem
from gaap_notify.models.channels import Channel
from gaap_notify.models.notifications import Notification


class Receipt(WorkItem):
    """One call at the receipt door, stored before anything in it is believed.

    ``due_at`` is set while it waits for its notification, because a receipt may be faster than the answer to the
    call that sent the message.
    """

    class Outcome(models.TextChoices):
        """What became of it."""

        RECEIVED = "received", _("Received, not yet looked at")
        REFUSED = "refused", _("Refused: not from the provider, or not to be understood")
        DUPLICATE = "duplicate", _("Seen before, or came after the end")
        WAITING = "waiting", _("Waiting for its notification")
        APPLIED = "applied", _("Applied")
        UNMATCHED = "unmatched", _("Belongs to no notification")

    class Door(models.TextChoices):
        """What the call is about."""

        RECEIPTS = "receipts", _("What became of a message")
        INBOUND = "inbound", _("A text message was received")

    door = models.CharField(_("about"), max_length=10, choices=Door, default=Door.RECEIPTS)
    channel = models.CharField(_("type"), max_length=10, choices=Channel)
    provider = models.CharField(_("provider"), max_length=40)
    event_id = models.CharField(_("provider's event"), max_length=255, null=True, blank=True)  # noqa: DJ001
    headers = EncryptedJSONField(_("headers"), default=dict)
    body = EncryptedTextField(_("body"))
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome, default=Outcome.RECEIVED)
    failure = models.CharField(_("failure"), max_length=255, blank=True)
    notification = models.ForeignKey(
        Notification,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="receipts",
        verbose_name=_("notification"),
    )
    received_at = models.DateTimeField(_("received"), default=now, editable=False)

    class Meta:
        ordering = ["-received_at"]
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        indexes = [WorkItem.due_index("gaap_notify_receipt_due")]
        constraints = [
            # NULLs differ from each other: a receipt that could not be read has no event id and is kept all the same.
            models.UniqueConstraint(fields=["channel", "provider", "event_id"], name="gaap_notify_receipt_unique")
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id or self.pk}"
