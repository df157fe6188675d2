"""What providers sent us, as it came."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedJSONField, EncryptedTextField
from gaap.work import WorkItem
from gaap_payments.models.accounts import GatewayAccount


class ReceivedProviderEvent(WorkItem):
    """An event from a provider: stored raw before anything is believed, then verified, then acted upon once."""

    account = models.ForeignKey(
        GatewayAccount, on_delete=models.PROTECT, related_name="provider_events", verbose_name=_("gateway account")
    )
    event_id = models.CharField(_("provider's event ID"), max_length=255, blank=True)
    payment_id = models.CharField(_("payment ID"), max_length=50, blank=True)
    headers = EncryptedJSONField(_("headers"))
    body = EncryptedTextField(_("body"))
    received_at = models.DateTimeField(_("received"), default=now, editable=False)
    is_verified = models.BooleanField(_("verified"), default=False)
    processed_at = models.DateTimeField(_("processed"), null=True, blank=True, editable=False)
    failure = models.CharField(_("failure"), max_length=500, blank=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        verbose_name = _("provider event")
        verbose_name_plural = _("provider events")
        indexes = [WorkItem.due_index("gaap_payments_received_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "event_id"],
                condition=~models.Q(event_id=""),
                name="gaap_payments_provider_event_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.event_id or self.pk}"
