"""Addresses for answers that nobody at the address has agreed to yet."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField
from gaap.identifiers import new_uuid
from gaap.organisations.models import Service
from gaap_notify.models.service_settings import ReplyTo

#: How long the link of the email can be followed.
LINK_KEPT = timedelta(days=3)
#: How long the wish is kept after the last email; it can be sent again meanwhile.
WISH_KEPT = timedelta(days=30)


class WaitingReplyTo(models.Model):
    """A team's wish for an address for answers, until somebody who reads that mailbox confirms it.

    Nothing is sent with it: what confirming makes is a ``ReplyTo`` with this id, or ``replaced`` with another address.
    """

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="waiting_reply_tos", verbose_name=_("service")
    )
    email = EncryptedTextField(_("email address"))
    email_digest = models.CharField(max_length=64, editable=False)
    wants_default = models.BooleanField(_("default"), default=False)
    replaced = models.OneToOneField(
        ReplyTo,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="successor",
        verbose_name=_("reply-to address"),
    )
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    asked_at = models.DateTimeField(_("last asked"), default=now, editable=False, db_index=True)

    class Meta:
        ordering = ["created_at"]
        verbose_name = _("unconfirmed reply-to address")
        verbose_name_plural = _("unconfirmed reply-to addresses")
        constraints = [
            models.UniqueConstraint(fields=["service", "email_digest"], name="gaap_notify_reply_to_waits_once")
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_link_over(self) -> bool:
        """True when the link of the last email cannot be followed any more."""
        return self.asked_at + LINK_KEPT <= now()
