"""Where a service's money goes, and how its payment pages behave."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedJSONField
from gaap.organisations.models import Service


class GatewayAccountQuerySet(models.QuerySet["GatewayAccount"]):
    """Gateway accounts, narrowed by whom they serve."""

    def of_service(self, service_id: uuid.UUID, *, is_live: bool) -> "GatewayAccountQuerySet":
        """The accounts of a service that live keys reach, or those that every other key reaches."""
        return self.filter(service_id=service_id, is_live=is_live)


class GatewayAccount(models.Model):
    """A service's account with a payment service provider, for trying out or for real money."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="gateway_accounts", verbose_name=_("service")
    )
    provider = models.CharField(_("provider"), max_length=50)
    is_live = models.BooleanField(_("live"), default=False, help_text=_("A live account takes real money."))
    currency = models.CharField(_("currency"), max_length=3, default="GBP", help_text=_("Three letters of ISO 4217."))
    credentials = EncryptedJSONField(_("credentials"), default=dict, blank=True)
    card_types = models.JSONField(
        _("types of card"),
        null=True,
        blank=True,
        help_text=_("Brands of debit and credit cards that are accepted. Without a list, all that the provider takes."),
    )
    is_enabled = models.BooleanField(_("enabled"), default=True, help_text=_("If not, no new payments are taken."))
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    objects = GatewayAccountQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        verbose_name = _("gateway account")
        verbose_name_plural = _("gateway accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["service", "is_live"],
                condition=models.Q(is_enabled=True),
                name="gaap_payments_one_enabled_account",
                violation_error_message=_("The service already has an enabled account of this kind."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} · {self.mode} · {self.currency}"

    @property
    def mode(self) -> str:
        """``live`` or ``test``."""
        return "live" if self.is_live else "test"


class PaymentSettings(models.Model):
    """How a service's payment pages behave. A service without a row has the defaults."""

    class EmailMode(models.TextChoices):
        """Whether the citizen is asked for an email address."""

        MANDATORY = "mandatory", _("Required")
        OPTIONAL = "optional", _("Optional")
        OFF = "off", _("Not asked for")

    service = models.OneToOneField(
        Service, on_delete=models.CASCADE, related_name="payment_settings", verbose_name=_("service")
    )
    collects_billing_address = models.BooleanField(_("ask for the billing address"), default=True)
    email = models.CharField(_("email address"), max_length=10, choices=EmailMode, default=EmailMode.MANDATORY)
    allows_zero = models.BooleanField(_("allow payments of nothing"), default=False)
    allows_moto = models.BooleanField(_("allow mail and telephone orders"), default=False)
    masks_card_number = models.BooleanField(
        _("hide card numbers of telephone payments"),
        default=False,
        db_default=False,
        help_text=_("Whoever types in what a payer reads out sees dots instead of digits."),
    )
    masks_security_code = models.BooleanField(
        _("hide security codes of telephone payments"), default=False, db_default=False
    )
    allows_retry = models.BooleanField(
        _("let citizens try again after a declined card"),
        default=False,
        help_text=_("If not, a declined card ends the payment and the service has to create another one."),
    )
    sends_receipts = models.BooleanField(_("send a receipt by email"), default=True)
    sends_refund_receipts = models.BooleanField(_("send an email about a refund"), default=True)
    receipt_paragraph = models.CharField(
        _("further paragraph in receipts"), max_length=1000, blank=True, help_text=_("In the citizens' language.")
    )
    help_text = models.CharField(
        _("how citizens get help"),
        max_length=500,
        blank=True,
        help_text=_("Telephone, email address or page; shown in receipts and on the payment pages."),
    )
    returns_at_once = models.BooleanField(
        _("lead back to the service at once"),
        default=False,
        help_text=_("If so, citizens do not see our own page at the end of a payment."),
    )
    allows_recurring = models.BooleanField(_("allow recurring payments"), default=False)
    allows_card_api = models.BooleanField(
        _("let the service's programs send card numbers"),
        default=False,
        help_text=_("Widens the scope of PCI DSS to the service and to this platform."),
    )
    allows_notifications = models.BooleanField(_("take notice of payments made by telephone elsewhere"), default=False)
    credit_surcharge = models.PositiveBigIntegerField(_("surcharge for corporate credit cards"), default=0)
    debit_surcharge = models.PositiveBigIntegerField(_("surcharge for corporate debit cards"), default=0)
    prepaid_surcharge = models.PositiveBigIntegerField(_("surcharge for corporate prepaid cards"), default=0)
    refund_limit = models.PositiveBigIntegerField(
        _("refunds above need a second person"),
        null=True,
        blank=True,
        help_text=_("In the currency's smallest unit. Leave empty if one person is always enough."),
    )
    ledger_code_key = models.CharField(
        _("metadata that says the cost centre"), max_length=30, blank=True, help_text=_("The key of the metadata.")
    )
    ledger_codes = models.JSONField(
        _("cost centres"), default=dict, blank=True, help_text=_("Value of the metadata, and the code in your books.")
    )

    class Meta:
        verbose_name = _("payment settings")
        verbose_name_plural = _("payment settings")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email__in=["mandatory", "optional", "off"]), name="gaap_payments_email_mode"
            )
        ]

    def __str__(self) -> str:
        return str(self.service)
