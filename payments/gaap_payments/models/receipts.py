"""Receipts: the emails that tell payers what they paid and what they got back."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.work import WorkItem
from gaap_payments.models.payments import Payment
from gaap_payments.money import Money


class Receipt(WorkItem):
    """An email about a payment or a refund, which is sent once. The address stands with the payment."""

    class Kind(models.TextChoices):
        """What the email is about."""

        PAYMENT = "payment", _("Payment")
        REFUND = "refund", _("Refund")

    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="receipts", verbose_name=_("payment"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    #: Of the event that wants it, so that a repeat of the event makes no second email.
    event_id = models.UUIDField(_("event"), default=uuid.uuid4, editable=False)
    amount = models.BigIntegerField(_("amount"), help_text=_("In the currency's smallest unit."))
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)
    message_id = models.UUIDField(_("message"), null=True, blank=True, editable=False)
    failure = models.CharField(_("failure"), max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        indexes = [WorkItem.due_index("gaap_payments_receipt_due")]
        constraints = [
            models.UniqueConstraint(fields=["payment", "event_id"], name="gaap_payments_receipt_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["payment", "refund"]), name="gaap_payments_receipt_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.payment_id}"

    @property
    def money(self) -> Money:
        """The amount with its currency."""
        return Money(self.amount, self.payment.currency)
