"""Who a citizen is: the check that asked, and the identity that stands since."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedJSONField
from gaap.identifiers import new_uuid
from gaap.organisations.models import Service
from gaap_identity.models.accounts import Account
from gaap_identity.models.sign_ins import SignIn
from gaap_identity.states import IDENTITY_CHECK


class CheckQuerySet(models.QuerySet["IdentityCheck"]):
    """Identity checks, narrowed by how far they are."""

    def waiting(self) -> Self:
        """Checks whose result has not come."""
        return self.filter(status="started")


class IdentityCheck(models.Model):
    """One visit to an evidence provider, and the scores it brought (GPG 45)."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="checks", verbose_name=_("account"))
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+", verbose_name=_("service"))
    sign_in = models.ForeignKey(SignIn, on_delete=models.SET_NULL, null=True, related_name="checks")
    provider = models.CharField(_("evidence provider"), max_length=50)
    state_digest = models.CharField(max_length=64, editable=False)
    status = models.CharField(_("status"), max_length=20, default=IDENTITY_CHECK.initial)
    activity = models.PositiveSmallIntegerField(_("activity history"), default=0)
    fraud = models.PositiveSmallIntegerField(_("identity fraud"), default=0)
    verification = models.PositiveSmallIntegerField(_("verification"), default=0)
    level = models.CharField(_("level reached"), max_length=2, default="P0")
    profile = models.CharField(_("profile met"), max_length=4, default="")
    return_codes = models.JSONField(_("return codes"), default=list)
    created_at = models.DateTimeField(_("started"), default=now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = CheckQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("identity check")
        verbose_name_plural = _("identity checks")
        constraints = [IDENTITY_CHECK.check_constraint("gaap_identity_check_status")]

    def __str__(self) -> str:
        return f"identity check {self.pk}"


class CoreIdentityQuerySet(models.QuerySet["CoreIdentity"]):
    """Core identities, narrowed by whether their level still holds."""

    def lapsed(self) -> Self:
        """Identities of which something that they stand on has run out."""
        return self.filter(expires_at__lte=now())


class CoreIdentity(models.Model):
    """Who the citizen is as far as they have shown it; at ``P0`` not surely enough for any level.

    ``facts`` holds names, date of birth, addresses and documents, encrypted. The level stands on what several visits
    brought (``Evidence``, ``Corroboration``, ``Doubt``) and holds until ``expires_at``, when the first of it runs out.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="core_identity")
    identity_check = models.ForeignKey(IdentityCheck, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(_("level"), max_length=2)
    facts = EncryptedJSONField()
    profile = models.CharField(_("profile met"), max_length=4, default="", db_default="")
    proven_at = models.DateTimeField(_("proven"), default=now)
    expires_at = models.DateTimeField(_("holds until"), null=True, db_index=True)
    is_sandbox = models.BooleanField(
        _("invented"),
        default=False,
        db_default=False,
        help_text=_("Proven with a source of the sandbox, in part at least; it is nobody to live services."),
    )

    objects = CoreIdentityQuerySet.as_manager()

    class Meta:
        verbose_name = _("core identity")
        verbose_name_plural = _("core identities")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level__in=["P0", "P1", "P2", "P3"]), name="gaap_identity_core_level"
            ),
        ]

    def __str__(self) -> str:
        return f"core identity of account {self.account_id}"
