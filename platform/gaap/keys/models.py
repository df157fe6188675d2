"""The API key: one secret of a service that opens Identity, Pay and Notify."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField
from gaap.organisations.models import Service


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """API keys, narrowed by what they may do."""

    def usable(self) -> "ApiKeyQuerySet":
        """Keys that open something: neither revoked nor expired, and approved where that is asked for."""
        return self.standing().filter(awaits_approval=False)

    def standing(self) -> "ApiKeyQuerySet":
        """Keys that are neither revoked nor expired, those that wait for a second person too."""
        return self.filter(revoked_at__isnull=True).exclude(expires_at__lte=now())


class ApiKey(models.Model):
    """A secret of a service. The secret is encrypted, because Notify's HMAC needs it, and found by keyed digest."""

    class Type(models.TextChoices):
        """Whom and what the key may reach."""

        LIVE = "live", _("Live: reaches everybody")
        TEAM = "team", _("Team: reaches the team and guest list")
        TEST = "test", _("Test: reaches only the sandbox")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="api_keys", verbose_name=_("service"))
    name = models.CharField(_("name"), max_length=100)
    type = models.CharField(_("type"), max_length=10, choices=Type)
    scopes = models.JSONField(_("scopes"), null=True, blank=True, help_text=_("Empty means every scope."))
    secret = EncryptedTextField(editable=False)
    secret_digest = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.CharField(_("created by"), max_length=255, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    awaits_approval = models.BooleanField(
        _("waits for a second person"), default=False, db_default=False, editable=False
    )
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        constraints = [
            models.UniqueConstraint(
                fields=["service", "name"],
                condition=models.Q(revoked_at__isnull=True),
                name="gaap_api_key_name_unique",
            ),
            models.CheckConstraint(condition=models.Q(type__in=["live", "team", "test"]), name="gaap_api_key_type"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.type})"

    @property
    def is_revoked(self) -> bool:
        """True when somebody revoked the key."""
        return self.revoked_at is not None

    @property
    def is_expired(self) -> bool:
        """True when the key's time has run out."""
        return self.expires_at is not None and self.expires_at <= now()

    @property
    def is_usable(self) -> bool:
        """True when the key opens anything at all."""
        return not (self.awaits_approval or self.is_revoked or self.is_expired or self.service.is_archived)

    @property
    def is_test(self) -> bool:
        """True when the key reaches only sandbox providers."""
        return self.type == self.Type.TEST

    def allows(self, scope: str) -> bool:
        """Tell whether the key holds ``scope``; a key without a list holds every one."""
        return self.scopes is None or scope in self.scopes
