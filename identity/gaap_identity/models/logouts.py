"""Telling services that a citizen signed out (back-channel logout; contract A.7)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.identifiers import new_uuid
from gaap.organisations.models import Service
from gaap.work import WorkItem
from gaap_identity.models.clients import Client
from gaap_identity.states import LOGOUT_NOTICE


class LogoutNotice(WorkItem):
    """One client that is to be told that one citizen, known to it as ``subject``, signed out."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+", verbose_name=_("client"))
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+", verbose_name=_("service"))
    subject = models.CharField(max_length=255, editable=False)
    actor_subject = models.CharField(max_length=255, default="", db_default="", editable=False)
    status = models.CharField(_("status"), max_length=20, default=LOGOUT_NOTICE.initial)
    answered = models.PositiveSmallIntegerField(_("HTTP status of the last answer"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("logout notice")
        verbose_name_plural = _("logout notices")
        constraints = [LOGOUT_NOTICE.check_constraint("gaap_identity_logout_notice_status")]
        indexes = [WorkItem.due_index("gaap_identity_logout_due")]

    def __str__(self) -> str:
        return f"logout notice {self.pk}"
