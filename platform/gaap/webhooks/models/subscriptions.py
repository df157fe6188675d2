"""Webhooks: an address of a service that wants to be told, and the secrets that sign what it is told."""

import uuid
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.conf import conf
from gaap.crypto import EncryptedTextField
from gaap.identifiers import new_uuid
from gaap.organisations.models import Service
from gaap.webhooks.states import ACTIVE, DELETED, WEBHOOK

EVERY_EVENT = "*"
STANDARD = "standard"


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Webhooks, narrowed by whose they are and where they stand."""

    def for_service(self, service_id: uuid.UUID) -> "SubscriptionQuerySet":
        """Webhooks of one service that are not deleted."""
        return self.filter(service_id=service_id).exclude(status=DELETED)

    def active(self) -> "SubscriptionQuerySet":
        """Webhooks to which something is sent."""
        return self.filter(status=ACTIVE)

    def standard(self) -> "SubscriptionQuerySet":
        """Webhooks of the suite's own style, which get the events of the stream."""
        return self.filter(style=STANDARD)


class Subscription(models.Model):
    """A webhook. ``style`` says how it is sent: the suite's own way, or one that a component's contract asks for."""

    class Status(models.TextChoices):
        """Whether something is sent to it."""

        ACTIVE = "active", _("Active")
        DISABLED = "disabled", _("Disabled")
        DELETED = "deleted", _("Deleted")

    class Reason(models.TextChoices):
        """Why it is disabled."""

        REQUESTED = "requested", _("Asked for by the team")
        FAILING = "failing", _("Nothing got through for too long")
        GONE = "gone", _("The receiver answered that it is gone")

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="webhooks", verbose_name=_("service"))
    style = models.CharField(_("style"), max_length=50, default=STANDARD)
    url = models.CharField(_("address"), max_length=2000)
    events = models.JSONField(_("events"), default=list)
    description = models.CharField(_("description"), max_length=255, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=ACTIVE)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    disabled_at = models.DateTimeField(_("disabled"), null=True, blank=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    is_slow = models.BooleanField(_("slow"), default=False, editable=False)
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [WEBHOOK.check_constraint("gaap_webhook_status")]

    def __str__(self) -> str:
        return self.url

    def wants(self, event_type: str) -> bool:
        """Tell whether events of this type are sent to it."""
        return EVERY_EVENT in self.events or event_type in self.events

    @property
    def lanes(self) -> int:
        """How many deliveries may be on their way to it at once: one while it fails."""
        return 1 if self.failing_since else conf.webhook_lanes

    @property
    def is_healthy(self) -> bool:
        """Tell whether its receiver answers, and quickly."""
        return self.failing_since is None and not self.is_slow

    def is_paused(self, moment: datetime) -> bool:
        """Tell whether the receiver asked for a pause that is not over."""
        return self.paused_until is not None and self.paused_until > moment


class WebhookSecretQuerySet(models.QuerySet["WebhookSecret"]):
    """Secrets, narrowed by what they still sign."""

    def usable(self) -> "WebhookSecretQuerySet":
        """Secrets that sign, newest first."""
        return self.exclude(expires_at__lte=now()).order_by("-created_at", "-pk")


class WebhookSecret(models.Model):
    """One secret of a webhook. While a rotation lasts there are several, and each signs."""

    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, related_name="secrets", verbose_name=_("webhook")
    )
    secret = EncryptedTextField(editable=False)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True, editable=False)

    objects = WebhookSecretQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("webhook secret")
        verbose_name_plural = _("webhook secrets")

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.created_at:%Y-%m-%d}"
