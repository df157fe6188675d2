"""Disputes: the payer's bank wants a payment back."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.identifiers import BASE32_LENGTH, new_base32_id
from gaap.keys.models import ApiKey
from gaap.organisations.models import Service
from gaap_payments.models.payments import Payment
from gaap_payments.money import Money
from gaap_payments.states import DISPUTE


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Disputes, narrowed by whom they belong to."""

    def for_key(self, api_key: ApiKey) -> "DisputeQuerySet":
        """The disputes that ``api_key`` may see: a live key the live ones, every other key the test ones."""
        return self.filter(service_id=api_key.service_id, is_live=api_key.type == ApiKey.Type.LIVE)


class Dispute(models.Model):
    """One dispute about a payment, as the provider last told of it. ``fee`` is what a lost one costs."""

    id = models.CharField(
        _("dispute ID"), primary_key=True, max_length=BASE32_LENGTH, default=new_base32_id, editable=False
    )
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="disputes", verbose_name=_("payment"), db_index=False
    )
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="disputes", verbose_name=_("service"))
    is_live = models.BooleanField(_("live"))
    status = models.CharField(_("status"), max_length=30, default=DISPUTE.initial)
    provider_id = models.CharField(_("provider's ID"), max_length=255)
    amount = models.BigIntegerField(_("amount"), help_text=_("In the currency's smallest unit."))
    fee = models.BigIntegerField(_("fee"), default=0)
    reason = models.CharField(_("reason"), max_length=40)
    created_at = models.DateTimeField(_("opened"), default=now, editable=False)
    evidence_due_at = models.DateTimeField(_("evidence due"), null=True, blank=True)
    settled_on = models.DateField(_("settled"), null=True, blank=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        indexes = [
            models.Index(fields=["service", "is_live", "-created_at", "-id"], name="gaap_payments_dispute_newest")
        ]
        constraints = [
            DISPUTE.check_constraint("gaap_payments_dispute_status"),
            models.UniqueConstraint(fields=["payment", "provider_id"], name="gaap_payments_dispute_once"),
        ]

    def __str__(self) -> str:
        return self.pk

    @property
    def money(self) -> Money:
        """The amount with its currency."""
        return Money(self.amount, self.payment.currency)

    @property
    def is_lost(self) -> bool:
        """Tell whether the money is gone for good."""
        return self.status == "lost"

    @property
    def net_amount(self) -> int:
        """What a lost dispute does to the service's balance, in the currency's smallest unit."""
        return -(self.amount + self.fee)
