"""Payment links: an address that a service prints, sends or shows, at which anybody can pay."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.organisations.models import Service
from gaap_payments.money import Money


class PaymentLinkQuerySet(models.QuerySet["PaymentLink"]):
    """Payment links, narrowed by whom they belong to."""

    def for_service(self, service: Service) -> "PaymentLinkQuerySet":
        """The links of ``service``, by name."""
        return self.filter(service=service).order_by("name", "created_at")


class PaymentLink(models.Model):
    """What is paid, for how much, and what the citizen has to say with it.

    Without an ``amount`` the citizen says how much. Without a ``reference_label`` each payment gets a reference of its
    own. In a ``reference_format`` ``A`` stands for a letter, ``9`` for a digit, and everything else for itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="payment_links", verbose_name=_("service")
    )
    is_live = models.BooleanField(_("live"), default=False)
    slug = models.SlugField(_("friendly address"), max_length=80, unique=True)
    name = models.CharField(_("what is paid"), max_length=255)
    details = models.CharField(_("details"), max_length=500, blank=True)
    amount = models.BigIntegerField(_("amount"), null=True, blank=True, help_text=_("In the currency's smallest unit."))
    currency = models.CharField(_("currency"), max_length=3)
    reference_label = models.CharField(_("name of the reference"), max_length=50, blank=True)
    reference_hint = models.CharField(_("hint at the reference"), max_length=255, blank=True)
    reference_format = models.CharField(_("format of the reference"), max_length=50, blank=True)
    language = models.CharField(_("language"), max_length=10)
    return_url = models.CharField(_("return address"), max_length=2000, blank=True)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    objects = PaymentLinkQuerySet.as_manager()

    class Meta:
        ordering = ["name", "created_at"]
        verbose_name = _("payment link")
        verbose_name_plural = _("payment links")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gt=0), name="gaap_payments_link_amount"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def money(self) -> Money | None:
        """The fixed amount with its currency, or None when the citizen says how much."""
        return Money(self.amount, self.currency) if self.amount else None
