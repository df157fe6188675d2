"""The ledger: every movement of money twice, so that the sums are zero at all times."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap_payments.models.accounts import GatewayAccount
from gaap_payments.models.payments import Payment


class LedgerEntry(models.Model):
    """One movement of money. Its lines sum to zero in each currency; rows are added and never changed."""

    class Kind(models.TextChoices):
        """What happened."""

        CAPTURE = "capture", _("Payment captured")
        FEE = "fee", _("Provider's fee")
        REFUND = "refund", _("Refund")
        DISPUTE = "dispute", _("Dispute opened")
        DISPUTE_WON = "dispute_won", _("Dispute won")
        DISPUTE_LOST = "dispute_lost", _("Dispute lost")
        DISPUTE_FEE = "dispute_fee", _("Fee of a lost dispute")
        PAYOUT = "payout", _("Payout")
        ADJUSTMENT = "adjustment", _("Correction by the provider")

    gateway_account = models.ForeignKey(
        GatewayAccount, on_delete=models.PROTECT, related_name="ledger", verbose_name=_("gateway account")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    source_id = models.CharField(_("source"), max_length=50, help_text=_("Id of the payment, refund or payout."))
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="ledger", verbose_name=_("payment")
    )
    occurred_at = models.DateTimeField(_("when"), default=now, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        indexes = [models.Index(fields=["gateway_account", "occurred_at"], name="gaap_payments_ledger_when")]
        constraints = [
            models.UniqueConstraint(fields=["kind", "source_id"], name="gaap_payments_ledger_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id}"


class LedgerLine(models.Model):
    """One side of an entry: ``amount`` in the currency's smallest unit, debits positive, credits negative."""

    class Account(models.TextChoices):
        """Where the money stands."""

        PROVIDER = "provider", _("Held by the provider")
        TAKINGS = "takings", _("Takings")
        SURCHARGES = "surcharges", _("Surcharges")
        REFUNDS = "refunds", _("Refunds")
        FEES = "fees", _("Fees")
        DISPUTED = "disputed", _("Disputed")
        LOSSES = "losses", _("Lost disputes")
        ADJUSTMENTS = "adjustments", _("Corrections")
        BANK = "bank", _("The service's bank account")

    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="lines", verbose_name=_("entry"))
    account = models.CharField(_("account"), max_length=20, choices=Account)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        ordering = ["id"]
        verbose_name = _("ledger line")
        verbose_name_plural = _("ledger lines")

    def __str__(self) -> str:
        return f"{self.account} {self.amount} {self.currency}"
