"""The sandbox's books of money: what moves between payers, the sandbox and the service's bank account."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap_payments.models.sandbox import SandboxCharge


class SandboxDispute(models.Model):
    """A dispute that the sandbox plays: it is opened, and decided at its time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    charge = models.ForeignKey(SandboxCharge, on_delete=models.CASCADE, related_name="disputes")
    amount = models.BigIntegerField(_("amount"))
    fee = models.BigIntegerField(_("fee"), default=0)
    reason = models.CharField(_("reason"), max_length=40)
    opened_at = models.DateTimeField(_("opened"), default=now)
    evidence_at = models.DateTimeField(_("evidence received"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    is_won = models.BooleanField(_("won by the service"), default=False)

    class Meta:
        verbose_name = _("sandbox dispute")
        verbose_name_plural = _("sandbox disputes")

    def __str__(self) -> str:
        return f"{self.charge_id} {self.reason}"


class SandboxPayout(models.Model):
    """A transfer that the sandbox made to the service's bank account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account_id = models.UUIDField(_("gateway account"), db_index=True)
    currency = models.CharField(_("currency"), max_length=3)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    class Meta:
        verbose_name = _("sandbox payout")
        verbose_name_plural = _("sandbox payouts")

    def __str__(self) -> str:
        return str(self.id)


class SandboxMovement(models.Model):
    """Money that came in or went out at ``moved_at``, which may still lie ahead; a payout settles what has moved."""

    charge = models.ForeignKey(SandboxCharge, on_delete=models.CASCADE, related_name="movements")
    kind = models.CharField(_("kind"), max_length=20)
    source_id = models.CharField(_("source"), max_length=100)
    amount = models.BigIntegerField(_("amount"))
    fee = models.BigIntegerField(_("fee"), default=0)
    moved_at = models.DateTimeField(_("moved"))
    payout = models.ForeignKey(SandboxPayout, on_delete=models.PROTECT, null=True, related_name="movements")

    class Meta:
        verbose_name = _("sandbox movement")
        verbose_name_plural = _("sandbox movements")
        constraints = [
            models.UniqueConstraint(fields=["kind", "source_id"], name="gaap_payments_sandbox_moved_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
