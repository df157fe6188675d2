"""The keys that the platform signs with."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField
from gaap_identity.conf import RETIRED_KEY_MEMORY
from gaap_identity.states import SIGNING_KEY


class SigningKeyQuerySet(models.QuerySet["SigningKey"]):
    """Signing keys, narrowed by what they are for."""

    def active(self) -> Self:
        """Keys that sign today."""
        return self.filter(status=SigningKey.Status.ACTIVE)

    def upcoming(self) -> Self:
        """Keys that are published and will sign next."""
        return self.filter(status=SigningKey.Status.NEXT)

    def published(self) -> Self:
        """Keys that relying parties must know: next ones before they sign, retired ones while tokens still live."""
        return self.exclude(retired_at__lte=now() - RETIRED_KEY_MEMORY)

    def made_for(self, use: str, algorithm: str = "") -> Self:
        """Keys for ``use``, oldest first; of one ``algorithm`` if it is given."""
        return self.filter(use=use, **({"algorithm": algorithm} if algorithm else {})).order_by("created_at", "kid")


class SigningKey(models.Model):
    """One key pair. For each use and algorithm one at most signs, and one at most waits to."""

    class Use(models.TextChoices):
        """What the key signs."""

        TOKENS = "tokens", _("ID and access tokens (JWKS)")
        CORE_IDENTITY = "core_identity", _("Core identity (DID document)")

    class Status(models.TextChoices):
        """Where in its life the key is."""

        NEXT = "next", _("Next: published, does not sign yet")
        ACTIVE = "active", _("Active: signs")
        RETIRED = "retired", _("Retired: still published, signs no more")

    #: Keys belong to the platform, not to a service.
    service_id = None

    kid = models.CharField(_("key id"), max_length=64, unique=True, help_text=_("Thumbprint (RFC 7638)."))
    use = models.CharField(_("use"), max_length=20, choices=Use)
    algorithm = models.CharField(_("algorithm"), max_length=5)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=SIGNING_KEY.initial)
    private_pem = EncryptedTextField(editable=False)
    public_jwk = models.JSONField(_("public part"), editable=False)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    activated_at = models.DateTimeField(_("signs since"), null=True, editable=False)
    retired_at = models.DateTimeField(_("signed until"), null=True, editable=False)

    objects = SigningKeyQuerySet.as_manager()

    class Meta:
        ordering = ["use", "algorithm", "-created_at"]
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        constraints = [
            models.UniqueConstraint(
                fields=["use", "algorithm"], condition=models.Q(status="active"), name="gaap_identity_one_active_key"
            ),
            models.UniqueConstraint(
                fields=["use", "algorithm"], condition=models.Q(status="next"), name="gaap_identity_one_next_key"
            ),
            SIGNING_KEY.check_constraint("gaap_identity_key_status"),
            models.CheckConstraint(
                condition=models.Q(use__in=["tokens", "core_identity"]), name="gaap_identity_key_use"
            ),
        ]

    def __str__(self) -> str:
        return self.kid
