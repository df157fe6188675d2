"""Test users: invented citizens that the team of a trial service makes for itself, to sign in as them."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.organisations.models import Service
from gaap_identity.models.accounts import Account


class SandboxUserQuerySet(models.QuerySet["SandboxUser"]):
    """Test users, narrowed by where they may sign in."""

    def let_in_by(self, service: Service) -> Self:
        """Those who may sign in to ``service``: its own, as long as it is in trial mode."""
        return self.filter(service=service, service__is_live=False)


class SandboxUser(models.Model):
    """Whose an account with ``is_sandbox`` is. ``persona`` is whom it has proven to be, empty for nobody yet."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="sandbox_user")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+", verbose_name=_("service"))
    persona = models.CharField(_("persona"), max_length=50, default="", blank=True)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    objects = SandboxUserQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("test user")
        verbose_name_plural = _("test users")

    def __str__(self) -> str:
        return f"test user {self.account_id}"
