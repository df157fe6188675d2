"""Refunds: money given back, wholly or in part, and the second person who has to agree to a large one."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.identifiers import BASE32_LENGTH, new_base32_id
from gaap.keys.models import ApiKey
from gaap.organisations.models import Service
from gaap.work import WorkItem
from gaap_payments.models.payments import Payment
from gaap_payments.money import Money
from gaap_payments.states import PUBLIC_REFUND_STATUSES, REFUND, REFUND_REQUEST


class RefundQuerySet(models.QuerySet["Refund"]):
    """Refunds, narrowed by whom they belong to."""

    def for_key(self, api_key: ApiKey) -> "RefundQuerySet":
        """The refunds that ``api_key`` may see: a live key the live ones, every other key the test ones."""
        return self.filter(service_id=api_key.service_id, is_live=api_key.type == ApiKey.Type.LIVE)


class Refund(WorkItem):
    """Part of a captured payment that goes back to the payer. ``due_at`` says when the provider is asked again."""

    id = models.CharField(
        _("refund ID"), primary_key=True, max_length=BASE32_LENGTH, default=new_base32_id, editable=False
    )
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("payment"), db_index=False
    )
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("service"))
    is_live = models.BooleanField(_("live"))
    status = models.CharField(_("stored status"), max_length=30, default=REFUND.initial)
    amount = models.BigIntegerField(_("amount"), help_text=_("In the currency's smallest unit."))
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    created_by = models.CharField(_("created by"), max_length=120, editable=False)
    provider_id = models.CharField(_("provider's ID"), max_length=255, blank=True)
    settled_on = models.DateField(_("settled"), null=True, blank=True)
    failure = models.CharField(_("failure"), max_length=500, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        indexes = [
            WorkItem.due_index("gaap_payments_refund_due"),
            models.Index(fields=["payment", "created_at"], name="gaap_payments_refund_payment"),
            models.Index(fields=["service", "is_live", "-created_at", "-id"], name="gaap_payments_refund_newest"),
        ]
        constraints = [
            REFUND.check_constraint("gaap_payments_refund_status"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="gaap_payments_refund_positive"),
        ]

    def __str__(self) -> str:
        return self.pk

    @property
    def public_status(self) -> str:
        """What the API says of the refund (contract A.9)."""
        return PUBLIC_REFUND_STATUSES[self.status]

    @property
    def money(self) -> Money:
        """The amount with its currency."""
        return Money(self.amount, self.payment.currency)

    @property
    def idempotency_key(self) -> str:
        """What the provider knows the refund by, however often it is sent."""
        return f"{self.payment_id}-refund-{self.pk}"


class RefundRequest(models.Model):
    """A refund above the service's limit, which waits for a second person of the team."""

    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="refund_requests", verbose_name=_("payment")
    )
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="refund_requests", verbose_name=_("service")
    )
    status = models.CharField(_("status"), max_length=30, default=REFUND_REQUEST.initial)
    amount = models.BigIntegerField(_("amount"), help_text=_("In the currency's smallest unit."))
    amount_available = models.BigIntegerField(_("amount that could be refunded"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked for by")
    )
    requested_at = models.DateTimeField(_("asked for"), default=now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    refund = models.OneToOneField(Refund, on_delete=models.PROTECT, null=True, verbose_name=_("refund"))

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("refund to be agreed to")
        verbose_name_plural = _("refunds to be agreed to")
        constraints = [
            REFUND_REQUEST.check_constraint("gaap_payments_refund_request_status"),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("requested_by")),
                name="gaap_payments_refund_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id} {self.amount}"

    @property
    def money(self) -> Money:
        """The amount with its currency."""
        return Money(self.amount, self.payment.currency)
