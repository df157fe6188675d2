"""The payment, its history, and the one-time tokens that open its pages."""

from itertools import groupby
from typing import Any

from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedJSONField, EncryptedTextField
from gaap.identifiers import BASE32_LENGTH, new_base32_id
from gaap.keys.models import ApiKey
from gaap.organisations.models import Service
from gaap.work import WorkItem
from gaap_payments.models.accounts import GatewayAccount
from gaap_payments.models.agreements import Agreement
from gaap_payments.money import Money
from gaap_payments.states import PAYMENT, PUBLIC_STATES, PublicState


def seen_by(api_key: ApiKey) -> dict[str, Any]:
    """Return the columns and values that a payment has which ``api_key`` may see."""
    return {"service_id": api_key.service_id, "is_live": api_key.type == ApiKey.Type.LIVE}


def part_of(column: str, value: str) -> models.Q:
    """Return the condition that a column of text has ``value`` somewhere in it, capitals or not.

    It says in so many words that the column is not empty: the index for parts of texts holds no empty ones.
    """
    return models.Q(**{f"{column}__icontains": value, f"{column}__gt": ""})


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Payments, narrowed by whom they belong to."""

    def for_key(self, api_key: ApiKey) -> "PaymentQuerySet":
        """The payments that ``api_key`` may see: a live key the live ones, every other key the test ones."""
        return self.filter(**seen_by(api_key))

    def for_pages(self) -> "PaymentQuerySet":
        """Payments with all that the citizen's pages read."""
        known = self.select_related("gateway_account__brand", "agreement", "service__payment_settings")
        return known.defer("gateway_account__brand__logo")


class Payment(WorkItem):
    """A request for money. ``due_at`` says when the machine has to look at it again: expiry, retry or release."""

    class CardType(models.TextChoices):
        """The kind of card, as the contract writes it."""

        DEBIT = "debit", _("Debit")
        CREDIT = "credit", _("Credit")

    class Mode(models.TextChoices):
        """How the card is asked (contract A.6); ``external`` payments were made elsewhere and are only told to us."""

        WEB = "web", _("On our pages")
        AGREEMENT = "agreement", _("By an agreement")
        MOTO_API = "moto_api", _("By the service's own program")
        EXTERNAL = "external", _("Elsewhere, by telephone")

    id = models.CharField(
        _("payment ID"), primary_key=True, max_length=BASE32_LENGTH, default=new_base32_id, editable=False
    )
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="payments", verbose_name=_("service"))
    gateway_account = models.ForeignKey(
        GatewayAccount, on_delete=models.PROTECT, related_name="payments", verbose_name=_("gateway account")
    )
    is_live = models.BooleanField(_("live"))
    status = models.CharField(_("stored status"), max_length=30, default=PAYMENT.initial)
    amount = models.BigIntegerField(_("amount"), help_text=_("In the currency's smallest unit."))
    currency = models.CharField(_("currency"), max_length=3)
    reference = models.CharField(_("reference"), max_length=255)
    description = models.CharField(_("description"), max_length=255)
    return_url = models.CharField(_("return address"), max_length=2000)
    language = models.CharField(_("language"), max_length=10)
    email = models.CharField(_("email address"), max_length=254, blank=True)
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    is_capture_delayed = models.BooleanField(_("delayed capture"), default=False)
    is_moto = models.BooleanField(_("mail or telephone order"), default=False)
    authorisation_mode = models.CharField(_("how it is authorised"), max_length=10, choices=Mode, default=Mode.WEB)
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("agreement")
    )
    agreement_payment_type = models.CharField(_("kind of recurring payment"), max_length=12, blank=True)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    created_by = models.CharField(_("created by"), max_length=100, editable=False)

    session_id = models.CharField(_("provider's session"), max_length=255, blank=True)
    provider_id = models.CharField(_("provider's ID"), max_length=255, blank=True)
    cardholder_name = models.CharField(_("cardholder's name"), max_length=255, blank=True)
    billing_address = EncryptedJSONField(_("billing address"), null=True, blank=True)
    card_brand = models.CharField(_("card brand"), max_length=50, blank=True)
    card_type = models.CharField(_("card type"), max_length=10, choices=CardType, blank=True)
    first_digits = models.CharField(_("first six digits"), max_length=6, blank=True)
    last_digits = models.CharField(_("last four digits"), max_length=4, blank=True)
    expiry_date = models.CharField(_("card expiry"), max_length=5, blank=True)
    wallet_type = models.CharField(_("wallet"), max_length=20, blank=True)
    card_tries = models.PositiveSmallIntegerField(_("tries with a card"), default=1)
    challenge = EncryptedJSONField(_("challenge of the bank"), null=True, blank=True)
    is_challenged = models.BooleanField(_("the bank asked for proof"), null=True, blank=True)
    capture_submitted_at = models.DateTimeField(_("capture requested"), null=True, blank=True)
    captured_at = models.DateTimeField(_("captured"), null=True, blank=True)
    forgotten_at = models.DateTimeField(null=True, editable=False)
    corporate_surcharge = models.BigIntegerField(_("corporate card surcharge"), default=0)
    fee = models.BigIntegerField(_("provider's fee"), null=True, blank=True)
    settled_on = models.DateField(_("settled"), null=True, blank=True)
    refunded_amount = models.BigIntegerField(_("refunded"), default=0)
    is_disputed = models.BooleanField(_("disputed"), default=False)
    can_retry = models.BooleanField(_("the same card may be asked again"), null=True, blank=True)
    instrument_id = EncryptedTextField(_("stored card"), blank=True)
    notification = EncryptedJSONField(_("what was told of a payment made elsewhere"), null=True, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        indexes = [
            WorkItem.due_index("gaap_payments_due"),
            models.Index(fields=["service", "is_live", "-created_at", "-id"], name="gaap_payments_newest"),
            models.Index(Upper("reference"), "service", name="gaap_payments_reference"),
            models.Index(fields=["provider_id"], name="gaap_payments_provider_id"),
            models.Index(fields=["session_id"], name="gaap_payments_session_id"),
            models.Index(
                fields=["service", "is_live", "first_digits", "-created_at", "-id"],
                condition=models.Q(first_digits__gt=""),
                name="gaap_payments_first_digits",
            ),
            models.Index(
                fields=["last_digits", "service"],
                condition=models.Q(last_digits__gt=""),
                name="gaap_payments_last_digits",
            ),
            models.Index(
                fields=["created_at"], condition=models.Q(forgotten_at__isnull=True), name="gaap_payments_to_forget"
            ),
        ]
        constraints = [
            PAYMENT.check_constraint("gaap_payments_status"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="gaap_payments_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(
                    refunded_amount__gte=0, refunded_amount__lte=models.F("amount") + models.F("corporate_surcharge")
                ),
                name="gaap_payments_refund_bound",
            ),
            models.UniqueConstraint(
                fields=["gateway_account", "provider_id"],
                condition=models.Q(authorisation_mode="external"),
                name="gaap_payments_told_once",
            ),
        ]

    def __str__(self) -> str:
        return self.pk

    @property
    def money(self) -> Money:
        """The amount with its currency."""
        return Money(self.amount, self.currency)

    @property
    def total_amount(self) -> int:
        """What the payer pays, surcharge and all, in the currency's smallest unit."""
        return self.amount + self.corporate_surcharge

    @property
    def total(self) -> Money:
        """What the payer pays, surcharge and all, with its currency."""
        return Money(self.total_amount, self.currency)

    @property
    def refundable_amount(self) -> int:
        """What is left of the payment after the refunds that succeeded or are on their way."""
        return self.total_amount - self.refunded_amount

    @property
    def state(self) -> PublicState:
        """What the API says of the payment."""
        return PUBLIC_STATES[self.status]

    @property
    def provider(self) -> str:
        """The identifier of the payment's provider."""
        return self.gateway_account.provider

    def public_events(self) -> list["PaymentEvent"]:
        """Return the events at which the public state changed, oldest first, without the machine's own steps."""
        groups = groupby(self.events.order_by("id"), key=lambda event: event.state)
        return [next(events) for _, events in groups]


class PaymentEvent(models.Model):
    """One step in a payment's life; rows are added and never changed."""

    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="events", verbose_name=_("payment"), db_index=False
    )
    status = models.CharField(_("stored status"), max_length=30)
    occurred_at = models.DateTimeField(_("when"), default=now, editable=False)
    actor = models.CharField(_("by"), max_length=120)

    class Meta:
        ordering = ["id"]
        verbose_name = _("payment event")
        verbose_name_plural = _("payment events")
        indexes = [models.Index(fields=["payment", "id"], name="gaap_payments_event_order")]

    def __str__(self) -> str:
        return f"{self.payment_id} {self.status}"

    @property
    def state(self) -> PublicState:
        """What the API said of the payment from then on."""
        return PUBLIC_STATES[self.status]


class PaymentToken(models.Model):
    """A one-time token that was used, by its digest."""

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="tokens", verbose_name=_("payment"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    is_for_card = models.BooleanField(_("lets the service send a card"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), default=now, editable=False, db_index=True)
    used_at = models.DateTimeField(_("used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("payment token")
        verbose_name_plural = _("payment tokens")

    def __str__(self) -> str:
        return f"{self.payment_id} {self.created_at:%Y-%m-%d %H:%M}"
