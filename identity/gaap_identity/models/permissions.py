"""What a team wants its program to be able to ask citizens for, and what was decided."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.identifiers import new_uuid
from gaap.organisations.models import Service
from gaap_identity.models.clients import Client
from gaap_identity.states import PERMISSION_REQUEST


class PermissionRequest(models.Model):
    """A team's wish that a client may ask for ``levels`` and ``claims`` once the service is live.

    It names everything that the client is to have: what is left out is given back. An operator outside the team
    decides.
    """

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+", verbose_name=_("service"))
    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="permission_requests", verbose_name=_("client")
    )
    status = models.CharField(_("status"), max_length=20, default=PERMISSION_REQUEST.initial, editable=False)
    levels = models.JSONField(_("levels of identity"), default=list)
    claims = models.JSONField(_("identity claims"), default=list)
    reason = models.TextField(_("why the service needs them"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked for by")
    )
    requested_at = models.DateTimeField(_("asked"), default=now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    answer = models.TextField(_("answer to the team"), blank=True, default="")

    class Meta:
        ordering = ["-requested_at"]
        verbose_name = _("request for levels and claims")
        verbose_name_plural = _("requests for levels and claims")
        constraints = [
            PERMISSION_REQUEST.check_constraint("gaap_identity_permission_status"),
            models.UniqueConstraint(
                fields=["client"], condition=models.Q(status="waiting"), name="gaap_identity_permission_once"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("requested_by")),
                name="gaap_identity_permission_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} · {self.status}"
