"""What citizens agreed to: which of their details a service may be told."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.organisations.models import Service
from gaap_identity.models.accounts import Account


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Consents, narrowed by whether they stand."""

    def standing(self) -> Self:
        """Consents that were not withdrawn."""
        return self.filter(withdrawn_at=None)


class Consent(models.Model):
    """One detail that a citizen lets one service know; the last time it was told stands beside it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="consents")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+", verbose_name=_("service"))
    claim = models.CharField(_("detail"), max_length=50)
    given_at = models.DateTimeField(_("agreed"), default=now)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    released_at = models.DateTimeField(_("last told"), null=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["service__name", "claim"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(fields=["account", "service", "claim"], name="gaap_identity_consent_once")
        ]

    def __str__(self) -> str:
        return f"{self.claim} for service {self.service_id}"
