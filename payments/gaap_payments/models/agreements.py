"""Agreements: a card that a citizen lets a service ask again later."""

from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField
from gaap.identifiers import BASE32_LENGTH, new_base32_id
from gaap.keys.models import ApiKey
from gaap.organisations.models import Service
from gaap_payments.models.accounts import GatewayAccount
from gaap_payments.states import AGREEMENT


class AgreementQuerySet(models.QuerySet["Agreement"]):
    """Agreements, narrowed by whom they belong to."""

    def for_key(self, api_key: ApiKey) -> "AgreementQuerySet":
        """The agreements that ``api_key`` may see: a live key the live ones, every other key the test ones."""
        return self.filter(service_id=api_key.service_id, is_live=api_key.type == ApiKey.Type.LIVE)


class Agreement(models.Model):
    """A citizen's consent to recurring payments. ``instrument_id`` is the provider's name for the card it keeps."""

    id = models.CharField(
        _("agreement ID"), primary_key=True, max_length=BASE32_LENGTH, default=new_base32_id, editable=False
    )
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="agreements", verbose_name=_("service"))
    gateway_account = models.ForeignKey(
        GatewayAccount, on_delete=models.PROTECT, related_name="agreements", verbose_name=_("gateway account")
    )
    is_live = models.BooleanField(_("live"))
    status = models.CharField(_("status"), max_length=30, default=AGREEMENT.initial)
    reference = models.CharField(_("reference"), max_length=255)
    description = models.CharField(_("description"), max_length=255)
    user_identifier = EncryptedTextField(_("user identifier"), blank=True)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    created_by = models.CharField(_("created by"), max_length=120, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    cancelled_by = models.CharField(_("cancelled by"), max_length=120, blank=True)

    instrument_id = EncryptedTextField(_("stored card"), blank=True)
    instrument_created_at = models.DateTimeField(_("card stored"), null=True, blank=True)
    cardholder_name = models.CharField(_("cardholder's name"), max_length=255, blank=True)
    card_brand = models.CharField(_("card brand"), max_length=50, blank=True)
    card_type = models.CharField(_("card type"), max_length=10, blank=True)
    first_digits = models.CharField(_("first six digits"), max_length=6, blank=True)
    last_digits = models.CharField(_("last four digits"), max_length=4, blank=True)
    expiry_date = models.CharField(_("card expiry"), max_length=5, blank=True)
    forgotten_at = models.DateTimeField(null=True, editable=False)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        indexes = [
            models.Index(fields=["service", "is_live", "-created_at", "-id"], name="gaap_payments_agr_newest"),
            models.Index(Upper("reference"), "service", name="gaap_payments_agr_reference"),
        ]
        constraints = [AGREEMENT.check_constraint("gaap_payments_agreement_status")]

    def __str__(self) -> str:
        return self.pk
