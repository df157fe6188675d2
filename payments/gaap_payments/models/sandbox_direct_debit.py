"""The sandbox's books of Direct Debits."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now


class SandboxMandate(models.Model):
    """A mandate as the sandbox knows it. The account number is one of its own list, nobody's real one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account_id = models.UUIDField(_("gateway account"))
    mandate_id = models.CharField(_("mandate ID"), max_length=50, db_index=True)
    session_key = models.CharField(_("key of the session"), max_length=100)
    account_number = models.CharField(_("account number"), max_length=8, blank=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)

    class Meta:
        verbose_name = _("sandbox mandate")
        verbose_name_plural = _("sandbox mandates")
        constraints = [
            models.UniqueConstraint(fields=["account_id", "session_key"], name="gaap_payments_sandbox_mandate_once")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SandboxCollection(models.Model):
    """A payment that the sandbox collects."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mandate = models.ForeignKey(SandboxMandate, on_delete=models.CASCADE, related_name="collections")
    payment_id = models.CharField(_("payment ID"), max_length=50)
    amount = models.BigIntegerField(_("amount"))
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    class Meta:
        verbose_name = _("sandbox Direct Debit")
        verbose_name_plural = _("sandbox Direct Debits")
        constraints = [
            models.UniqueConstraint(fields=["mandate", "payment_id"], name="gaap_payments_sandbox_collection_once")
        ]

    def __str__(self) -> str:
        return f"{self.mandate_id} {self.amount}"
