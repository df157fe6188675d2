"""Telling services what happened to an account's safety (security event tokens, RFC 8417)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.identifiers import new_uuid
from gaap.organisations.models import Service
from gaap.work import WorkItem
from gaap_identity.models.clients import Client
from gaap_identity.states import SECURITY_NOTICE


class SecurityNotice(WorkItem):
    """One client that is to be told one thing about one citizen, known to it as ``subject``. Its id is the ``jti``."""

    class Kind(models.TextChoices):
        """What happened, by the last part of its type's address."""

        DISABLED = "account-disabled", _("Account disabled")
        PURGED = "account-purged", _("Account deleted")
        CREDENTIALS = "account-credential-change-required", _("Password must be changed")
        SESSIONS = "session-revoked", _("Sessions ended")

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+", verbose_name=_("client"))
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+", verbose_name=_("service"))
    subject = models.CharField(max_length=255, editable=False)
    kind = models.CharField(_("what happened"), max_length=50, choices=Kind)
    reason = models.CharField(max_length=20, default="", editable=False)
    status = models.CharField(_("status"), max_length=20, default=SECURITY_NOTICE.initial)
    answered = models.PositiveSmallIntegerField(_("HTTP status of the last answer"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        constraints = [SECURITY_NOTICE.check_constraint("gaap_identity_security_notice_status")]
        indexes = [WorkItem.due_index("gaap_identity_security_due")]

    def __str__(self) -> str:
        return f"security event {self.pk}"
