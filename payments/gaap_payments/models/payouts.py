"""Payouts: what the provider transferred to the service's bank account, and where its books and ours differ."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap_payments.models.accounts import GatewayAccount
from gaap_payments.models.payments import Payment
from gaap_payments.money import Money
from gaap_payments.states import PAYOUT


class Payout(models.Model):
    """One transfer, as the provider last told of it."""

    gateway_account = models.ForeignKey(
        GatewayAccount, on_delete=models.PROTECT, related_name="payouts", verbose_name=_("gateway account")
    )
    provider_id = models.CharField(_("provider's ID"), max_length=255)
    status = models.CharField(_("status"), max_length=30, default=PAYOUT.initial)
    amount = models.BigIntegerField(_("amount"), help_text=_("In the currency's smallest unit."))
    currency = models.CharField(_("currency"), max_length=3)
    created_at = models.DateTimeField(_("created"), default=now)
    paid_on = models.DateField(_("paid"), null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints = [
            PAYOUT.check_constraint("gaap_payments_payout_status"),
            models.UniqueConstraint(fields=["gateway_account", "provider_id"], name="gaap_payments_payout_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.status}"

    @property
    def money(self) -> Money:
        """The amount with its currency."""
        return Money(self.amount, self.currency)

    @property
    def service_id(self) -> object:
        """The service that is paid."""
        return self.gateway_account.service_id


class PayoutItem(models.Model):
    """One movement within a payout: ``net`` is ``amount`` less ``fee``."""

    payout = models.ForeignKey(Payout, on_delete=models.CASCADE, related_name="items", verbose_name=_("payout"))
    kind = models.CharField(_("kind"), max_length=20)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="payout_items", verbose_name=_("payment")
    )
    provider_id = models.CharField(_("provider's ID"), max_length=255, blank=True)
    amount = models.BigIntegerField(_("amount"))
    fee = models.BigIntegerField(_("fee"), default=0)

    class Meta:
        ordering = ["id"]
        verbose_name = _("line of a payout")
        verbose_name_plural = _("lines of payouts")

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"

    @property
    def net(self) -> int:
        """What the line adds to the payout."""
        return self.amount - self.fee


class Difference(models.Model):
    """What the provider's books say and ours do not: found by the daily reconciliation, closed when it is gone."""

    gateway_account = models.ForeignKey(
        GatewayAccount, on_delete=models.CASCADE, related_name="differences", verbose_name=_("gateway account")
    )
    kind = models.CharField(_("kind"), max_length=40)
    source_id = models.CharField(_("source"), max_length=255)
    ours = models.CharField(_("our books"), max_length=100)
    theirs = models.CharField(_("the provider's books"), max_length=100)
    found_at = models.DateTimeField(_("found"), default=now, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        ordering = ["-found_at", "-id"]
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        constraints = [
            models.UniqueConstraint(
                fields=["gateway_account", "kind", "source_id"],
                condition=models.Q(closed_at__isnull=True),
                name="gaap_payments_difference_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id}"
