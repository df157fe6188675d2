"""What a citizen's level of identity stands on: evidence, other scores and doubts, from as many visits as it took.

They belong to the account, not to the check that brought them: a check is forgotten after a while, what it proved is
not.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap_identity.models.accounts import Account
from gaap_identity.models.identity import IdentityCheck


def in_force() -> models.Q:
    """Return the condition that a proof has not run out."""
    return models.Q(expires_at=None) | models.Q(expires_at__gt=now())


class Evidence(models.Model):
    """One document or record, with its scores. The same kind counts once, by its best scores."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="evidence")
    identity_check = models.ForeignKey(IdentityCheck, on_delete=models.SET_NULL, null=True, related_name="evidence")
    kind = models.CharField(_("kind"), max_length=50)
    strength = models.PositiveSmallIntegerField(_("strength"))
    validity = models.PositiveSmallIntegerField(_("validity"))
    created_at = models.DateTimeField(_("received"), default=now, editable=False)
    expires_at = models.DateTimeField(_("counts until"), null=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(strength__range=(0, 4), validity__range=(0, 4)), name="gaap_identity_evidence_scores"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.strength}/{self.validity}"


class Corroboration(models.Model):
    """One score besides the evidence; the best that is in force counts."""

    class Aspect(models.TextChoices):
        """What was scored (GPG 45)."""

        ACTIVITY = "activity", _("Activity history")
        FRAUD = "fraud", _("Identity fraud")
        VERIFICATION = "verification", _("Verification")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="corroborations")
    identity_check = models.ForeignKey(IdentityCheck, on_delete=models.SET_NULL, null=True, related_name="+")
    aspect = models.CharField(_("aspect"), max_length=12, choices=Aspect)
    score = models.PositiveSmallIntegerField(_("score"))
    found_at = models.DateTimeField(_("found"), default=now, editable=False)
    expires_at = models.DateTimeField(_("counts until"), null=True)

    class Meta:
        verbose_name = _("corroboration")
        verbose_name_plural = _("corroborations")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score__range=(1, 4), aspect__in=["activity", "fraud", "verification"]),
                name="gaap_identity_corroboration_score",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.aspect} {self.score}"


class Doubt(models.Model):
    """Something that speaks against the identity; ``code`` is one of ``gpg45.doubts.DOUBTS``."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="doubts")
    identity_check = models.ForeignKey(IdentityCheck, on_delete=models.SET_NULL, null=True, related_name="+")
    code = models.CharField(_("code"), max_length=5)
    found_at = models.DateTimeField(_("found"), default=now, editable=False)
    mitigated_at = models.DateTimeField(_("mitigated"), null=True)
    is_sandbox = models.BooleanField(_("invented"), default=False, db_default=False)

    class Meta:
        verbose_name = _("doubt")
        verbose_name_plural = _("doubts")
        constraints = [models.UniqueConstraint(fields=["account", "code"], name="gaap_identity_doubt_once")]

    def __str__(self) -> str:
        return f"{self.code}, {'mitigated' if self.mitigated_at else 'open'}"
