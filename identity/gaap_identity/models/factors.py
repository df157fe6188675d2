"""What a citizen proves besides a password: passkeys, an app, recovery codes, and the way back for who lost them."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField, keyed_digest
from gaap.identifiers import new_uuid
from gaap_identity.models.accounts import Account
from gaap_identity.states import FACTOR_RESET


class Passkey(models.Model):
    """A passkey (WebAuthn credential). It needs the person and their PIN, finger or face, so it stands alone."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="passkeys")
    credential_id = models.CharField(max_length=1400, unique=True, help_text=_("In base64url."))
    credential = models.TextField(help_text=_("Attested credential data (WebAuthn), in base64url."))
    sign_count = models.BigIntegerField(default=0)
    name = EncryptedTextField(_("name"))
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        ordering = ["created_at"]
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")

    def __str__(self) -> str:
        return f"passkey {self.pk}"


class AuthenticatorApp(models.Model):
    """The secret that a citizen's authenticator app shares with us (TOTP, RFC 6238)."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="app")
    secret = EncryptedTextField(help_text=_("In base32."))
    last_step = models.BigIntegerField(default=0, help_text=_("The last time step that was used; none works twice."))
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    def __str__(self) -> str:
        return f"authenticator app of account {self.account_id}"


def recovery_digest(account: Account, code: str) -> str:
    """Return the digest under which a recovery code of ``account`` is kept."""
    return keyed_digest(f"{account.pk}:{code}", purpose="identity.recovery_code")


class RecoveryCode(models.Model):
    """A code on paper that lets the citizen in once when the second factor is lost; kept as a keyed digest only."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, editable=False)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "digest"], name="gaap_identity_recovery_code_unique"),
        ]

    def __str__(self) -> str:
        return f"recovery code of account {self.account_id}"


class FactorResetQuerySet(models.QuerySet["FactorReset"]):
    """Resets, narrowed by whether they still wait."""

    def waiting(self) -> Self:
        """Resets that the citizen can still stop."""
        return self.filter(status="waiting")


class FactorReset(models.Model):
    """A citizen who lost every second factor asked for a new start; it may be finished from ``ready_at`` on.

    The wait gives whoever owns the address the time to say that it was not them.
    """

    #: Resets belong to the citizen, not to a service.
    service_id = None

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="factor_resets")
    status = models.CharField(_("status"), max_length=20, default=FACTOR_RESET.initial)
    created_at = models.DateTimeField(_("asked for"), default=now, editable=False)
    ready_at = models.DateTimeField(_("possible from"))

    objects = FactorResetQuerySet.as_manager()

    class Meta:
        verbose_name = _("reset of a second factor")
        verbose_name_plural = _("resets of second factors")
        constraints = [
            FACTOR_RESET.check_constraint("gaap_identity_factor_reset_status"),
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(status="waiting"), name="gaap_identity_one_factor_reset"
            ),
        ]

    def __str__(self) -> str:
        return f"reset of account {self.account_id}"
