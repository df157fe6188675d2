"""What a service has set up for its messages."""

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField
from gaap.organisations.models import Service
from gaap_notify.conf import conf


class Permission(models.TextChoices):
    """What a service may do beyond having templates."""

    EMAIL = "email", _("Send emails")
    SMS = "sms", _("Send text messages")
    INTERNATIONAL_SMS = "international_sms", _("Send text messages to other countries")
    LANDLINE_SMS = "landline_sms", _("Send text messages to landlines")
    INBOUND_SMS = "inbound_sms", _("Receive text messages")
    LETTER = "letter", _("Send letters")
    INTERNATIONAL_LETTERS = "international_letters", _("Send letters to other countries")
    EMAIL_FILES = "email_files", _("Send files by email")


class Alphabet(models.TextChoices):
    """What becomes of letters that the seven-bit alphabet of text messages lacks."""

    GSM = "gsm", _("Plain letters, cheaper")
    UNICODE = "unicode", _("Every letter as written")


def default_permissions() -> list[str]:
    """Return what a service may do that nobody has restricted."""
    return [Permission.EMAIL.value, Permission.SMS.value]


def platform_region() -> str:
    """Return where numbers without a country code belong for a service that does not say."""
    return conf.default_region


class NotifySettings(models.Model):
    """One service's settings. A service without a row has the defaults."""

    service = models.OneToOneField(
        Service, on_delete=models.CASCADE, primary_key=True, related_name="notify_settings", verbose_name=_("service")
    )
    permissions = models.JSONField(_("permissions"), default=default_permissions)
    email_from = models.CharField(
        _("sender's name before the @"),
        max_length=64,
        blank=True,
        validators=[RegexValidator(r"^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$")],
    )
    has_sms_prefix = models.BooleanField(_("service's name begins each text message"), default=True)
    sms_alphabet = models.CharField(
        _("letters of text messages"), max_length=10, choices=Alphabet, default=Alphabet.GSM
    )
    default_region = models.CharField(
        _("region of numbers without a country code"),
        max_length=2,
        default=platform_region,
        validators=[RegexValidator("^[A-Z]{2}$")],
    )
    email_provider = models.CharField(
        _("email provider"), max_length=40, blank=True, help_text=_("Empty means the platform's default.")
    )
    sms_provider = models.CharField(
        _("text message provider"), max_length=40, blank=True, help_text=_("Empty means the platform's default.")
    )

    letter_provider = models.CharField(
        _("letter provider"), max_length=40, blank=True, help_text=_("Empty means the platform's default.")
    )
    contact_details = models.CharField(
        _("contact details for files sent by email"),
        max_length=255,
        blank=True,
        help_text=_("A web address, an email address or a telephone number. Files can be sent once it is set."),
    )

    class Meta:
        verbose_name = _("message settings")
        verbose_name_plural = _("message settings")

    def __str__(self) -> str:
        return str(self.service)

    def allows(self, permission: str) -> bool:
        """Tell whether the service may do what ``permission`` names."""
        return permission in self.permissions

    def provider_alias(self, channel: str) -> str:
        """Return the alias of the provider chosen for ``channel``; empty for the platform's default."""
        chosen: str = getattr(self, f"{channel}_provider")
        return chosen


class SmsSender(models.Model):
    """A name or number that text messages come from."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="sms_senders", verbose_name=_("service")
    )
    sender = models.CharField(
        _("sender"), max_length=15, validators=[RegexValidator(r"^(?!00)[A-Za-z0-9 &._-]{3,11}$|^\+?[0-9]{5,15}$")]
    )
    is_default = models.BooleanField(_("default"), default=False)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    class Meta:
        ordering = ["-is_default", "sender"]
        verbose_name = _("text message sender")
        verbose_name_plural = _("text message senders")
        constraints = [
            models.UniqueConstraint(
                fields=["service"], condition=models.Q(is_default=True), name="gaap_notify_one_default_sender"
            )
        ]

    def __str__(self) -> str:
        return self.sender


class ReplyTo(models.Model):
    """An address that answers to a service's emails go to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="reply_tos", verbose_name=_("service"))
    email = models.EmailField(_("email address"))
    is_default = models.BooleanField(_("default"), default=False)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    class Meta:
        ordering = ["-is_default", "email"]
        verbose_name = _("reply-to address")
        verbose_name_plural = _("reply-to addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["service"], condition=models.Q(is_default=True), name="gaap_notify_one_default_reply_to"
            )
        ]

    def __str__(self) -> str:
        return self.email


class GuestListEntry(models.Model):
    """Somebody outside the team whom team keys and a trial service may reach."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="guest_list", verbose_name=_("service"))
    recipient = EncryptedTextField(_("recipient"))
    recipient_digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    class Meta:
        verbose_name = _("guest list entry")
        verbose_name_plural = _("guest list")
        constraints = [models.UniqueConstraint(fields=["service", "recipient_digest"], name="gaap_notify_guest_unique")]


class ContactBlock(models.Model):
    """A sender's address as it stands at the top of a letter; it may hold placeholders."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="contact_blocks", verbose_name=_("service")
    )
    text = models.TextField(_("text"), help_text=_("Up to 10 lines."))
    is_default = models.BooleanField(_("default"), default=False)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    class Meta:
        ordering = ["-is_default", "text"]
        verbose_name = _("letter contact block")
        verbose_name_plural = _("letter contact blocks")
        constraints = [
            models.UniqueConstraint(
                fields=["service"], condition=models.Q(is_default=True), name="gaap_notify_one_default_block"
            )
        ]

    def __str__(self) -> str:
        return self.text.partition("\n")[0]
