"""The books of the sandbox provider: what a real provider would keep on its own side."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.work import WorkItem


class SandboxCharge(models.Model):
    """One charge as the sandbox knows it. Of the card it keeps what may be kept, never the number."""

    class Status(models.TextChoices):
        """How far the charge has come."""

        OPEN = "open", _("Open")
        CHALLENGE = "challenge", _("Waiting for the citizen's bank")
        AUTHORISED = "authorised", _("Authorised")
        DECLINED = "declined", _("Declined")
        ERROR = "error", _("Error")
        CAPTURED = "captured", _("Captured")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account_id = models.UUIDField(_("gateway account"))
    payment_id = models.CharField(_("payment ID"), max_length=50, db_index=True)
    session_key = models.CharField(_("key of the session"), max_length=100)
    authorisation_key = models.CharField(_("key of the authorisation"), max_length=100, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    description = models.CharField(_("description"), max_length=255, blank=True)
    authentication_url = models.CharField(_("where the bank sends the citizen back"), max_length=500, blank=True)
    after_challenge = models.CharField(_("outcome after the challenge"), max_length=20, blank=True)
    bank_answer = models.CharField(_("answer of the citizen's bank"), max_length=10, blank=True)
    saves_instrument = models.BooleanField(_("keeps the card"), default=False)
    is_moto = models.BooleanField(_("mail or telephone order"), default=False, db_default=False)
    card = models.JSONField(_("card"), default=dict)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    captured_at = models.DateTimeField(_("captured"), null=True, blank=True)
    refunded_amount = models.BigIntegerField(_("refunded"), default=0)
    fee = models.BigIntegerField(_("fee"), null=True, blank=True)
    capture_tries = models.PositiveSmallIntegerField(_("tries to capture"), default=0)

    class Meta:
        verbose_name = _("sandbox charge")
        verbose_name_plural = _("sandbox charges")
        constraints = [
            models.UniqueConstraint(fields=["account_id", "session_key"], name="gaap_payments_sandbox_session_once"),
            models.CheckConstraint(
                condition=models.Q(refunded_amount__gte=0, refunded_amount__lte=models.F("amount")),
                name="gaap_payments_sandbox_refund_bound",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.status}"


class SandboxRefund(models.Model):
    """Money given back by the sandbox."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    charge = models.ForeignKey(SandboxCharge, on_delete=models.CASCADE, related_name="refunds")
    idempotency_key = models.CharField(_("idempotency key"), max_length=100)
    amount = models.BigIntegerField(_("amount"))
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    done_at = models.DateTimeField(_("done"), default=now)
    fails = models.BooleanField(_("fails"), default=False)

    class Meta:
        verbose_name = _("sandbox refund")
        verbose_name_plural = _("sandbox refunds")
        constraints = [
            models.UniqueConstraint(fields=["charge", "idempotency_key"], name="gaap_payments_sandbox_refund_once")
        ]

    def __str__(self) -> str:
        return f"{self.charge_id} {self.amount}"


class SandboxEvent(WorkItem):
    """An event that the sandbox has to send to us."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    charge = models.ForeignKey(SandboxCharge, on_delete=models.CASCADE, related_name="events")
    type = models.CharField(_("type"), max_length=50)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    class Meta:
        verbose_name = _("sandbox event")
        verbose_name_plural = _("sandbox events")
        indexes = [WorkItem.due_index("gaap_payments_sandbox_due")]

    def __str__(self) -> str:
        return f"{self.type} {self.charge_id}"
