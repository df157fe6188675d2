"""Direct Debit: mandates, the payments collected under them, and the one-time tokens that open a mandate's pages."""

from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedJSONField
from gaap.identifiers import BASE32_LENGTH, new_base32_id
from gaap.keys.models import ApiKey
from gaap.organisations.models import Service
from gaap.work import WorkItem
from gaap_payments.direct_debit_states import (
    COLLECTION,
    COLLECTION_DETAILS,
    MANDATE,
    MANDATE_DETAILS,
    PUBLIC_COLLECTION_STATUSES,
    PUBLIC_MANDATE_STATUSES,
)
from gaap_payments.models.accounts import GatewayAccount
from gaap_payments.money import Money


class MandateQuerySet(models.QuerySet["Mandate"]):
    """Mandates, narrowed by whom they belong to."""

    def for_key(self, api_key: ApiKey) -> "MandateQuerySet":
        """The mandates that ``api_key`` may see: a live key the live ones, every other key the test ones."""
        return self.filter(service_id=api_key.service_id, is_live=api_key.type == ApiKey.Type.LIVE)

    def for_pages(self) -> "MandateQuerySet":
        """Mandates with all that the payer's pages read."""
        return self.select_related("gateway_account", "service__payment_settings")


class Mandate(WorkItem):
    """A payer's word that a service may collect money from their bank account."""

    id = models.CharField(
        _("mandate ID"), primary_key=True, max_length=BASE32_LENGTH, default=new_base32_id, editable=False
    )
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="mandates", verbose_name=_("service"))
    gateway_account = models.ForeignKey(
        GatewayAccount, on_delete=models.PROTECT, related_name="mandates", verbose_name=_("gateway account")
    )
    is_live = models.BooleanField(_("live"))
    status = models.CharField(_("stored status"), max_length=30, default=MANDATE.initial)
    reference = models.CharField(_("reference"), max_length=255)
    description = models.CharField(_("description"), max_length=255, blank=True)
    return_url = models.CharField(_("return address"), max_length=2000)
    language = models.CharField(_("language"), max_length=10)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    created_by = models.CharField(_("created by"), max_length=100, editable=False)

    payer_name = models.CharField(_("payer's name"), max_length=255, blank=True)
    payer_email = models.CharField(_("payer's email address"), max_length=254, blank=True)
    #: Only until the provider has it.
    bank_account = EncryptedJSONField(_("bank account"), null=True, blank=True)
    account_ending = models.CharField(_("last digits of the account"), max_length=2, blank=True)
    session_id = models.CharField(_("provider's session"), max_length=255, blank=True)
    provider_page = models.CharField(_("provider's own page"), max_length=2000, blank=True)
    provider_id = models.CharField(_("provider's ID"), max_length=255, blank=True)
    bank_statement_reference = models.CharField(_("reference on bank statements"), max_length=50, blank=True)

    forgotten_at = models.DateTimeField(_("payer forgotten"), null=True, blank=True, editable=False)

    objects = MandateQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        indexes = [
            WorkItem.due_index("gaap_payments_mandate_due"),
            models.Index(fields=["service", "is_live", "-created_at", "-id"], name="gaap_payments_mandate_newest"),
            models.Index(Upper("reference"), "service", name="gaap_payments_mandate_ref"),
            models.Index(fields=["session_id"], name="gaap_payments_mandate_session"),
            models.Index(fields=["provider_id"], name="gaap_payments_mandate_provider"),
        ]
        constraints = [MANDATE.check_constraint("gaap_payments_mandate_status")]

    def __str__(self) -> str:
        return self.pk

    @property
    def public_state(self) -> dict[str, str]:
        """What the API says of the mandate."""
        status = PUBLIC_MANDATE_STATUSES[self.status]
        return {"status": status, "details": MANDATE_DETAILS[status]}


class DirectDebitQuerySet(models.QuerySet["DirectDebit"]):
    """Direct Debits, narrowed by whom they belong to."""

    def for_key(self, api_key: ApiKey) -> "DirectDebitQuerySet":
        """The payments that ``api_key`` may see: a live key the live ones, every other key the test ones."""
        return self.filter(service_id=api_key.service_id, is_live=api_key.type == ApiKey.Type.LIVE)


class DirectDebit(WorkItem):
    """A payment collected under a mandate."""

    id = models.CharField(
        _("payment ID"), primary_key=True, max_length=BASE32_LENGTH, default=new_base32_id, editable=False
    )
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="payments", verbose_name=_("mandate"))
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="direct_debits", verbose_name=_("service")
    )
    is_live = models.BooleanField(_("live"))
    status = models.CharField(_("stored status"), max_length=30, default=COLLECTION.initial)
    amount = models.BigIntegerField(_("amount"), help_text=_("In the currency's smallest unit."))
    currency = models.CharField(_("currency"), max_length=3)
    reference = models.CharField(_("reference"), max_length=255)
    description = models.CharField(_("description"), max_length=255)
    provider_id = models.CharField(_("provider's ID"), max_length=255, blank=True)
    failure = models.CharField(_("failure"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    created_by = models.CharField(_("created by"), max_length=100, editable=False)

    objects = DirectDebitQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("Direct Debit")
        verbose_name_plural = _("Direct Debits")
        indexes = [
            WorkItem.due_index("gaap_payments_debit_due"),
            models.Index(fields=["service", "is_live", "-created_at", "-id"], name="gaap_payments_debit_newest"),
            models.Index(fields=["provider_id"], name="gaap_payments_debit_provider"),
        ]
        constraints = [
            COLLECTION.check_constraint("gaap_payments_debit_status"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="gaap_payments_debit_positive"),
        ]

    def __str__(self) -> str:
        return self.pk

    @property
    def public_state(self) -> dict[str, str]:
        """What the API says of the payment."""
        status = PUBLIC_COLLECTION_STATUSES[self.status]
        return {"status": status, "details": COLLECTION_DETAILS[status]}

    @property
    def money(self) -> Money:
        """The amount with its currency."""
        return Money(self.amount, self.currency)


class MandateToken(models.Model):
    """A one-time token in a mandate's ``next_url``; only its digest is kept."""

    mandate = models.ForeignKey(Mandate, on_delete=models.CASCADE, related_name="tokens", verbose_name=_("mandate"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=now, editable=False, db_index=True)
    used_at = models.DateTimeField(_("used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("mandate token")
        verbose_name_plural = _("mandate tokens")

    def __str__(self) -> str:
        return f"{self.mandate_id} {self.created_at:%Y-%m-%d %H:%M}"
