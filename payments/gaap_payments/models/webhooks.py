"""The webhooks of the payments contract: which of a service's payments each is told about."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.webhooks.models import Subscription


class PaymentWebhook(models.Model):
    """A webhook of the contract (part B). The address, its events and its secret stand in the kernel's subscription."""

    subscription = models.OneToOneField(
        Subscription,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="payment_webhook",
        verbose_name=_("webhook"),
    )
    is_live = models.BooleanField(_("live"), help_text=_("Told of live payments; if not, of test payments."))

    class Meta:
        verbose_name = _("payment webhook")
        verbose_name_plural = _("payment webhooks")

    def __str__(self) -> str:
        return f"{self.mode} · {self.subscription}"

    @property
    def mode(self) -> str:
        """``live`` or ``test``."""
        return "live" if self.is_live else "test"
