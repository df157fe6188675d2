"""PDFs that somebody of the team uploaded to send them as letters."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField
from gaap.identifiers import new_uuid
from gaap.organisations.models import Service
from gaap_notify.models.postage import Postage
from gaap_notify.models.vault import VaultFile

#: How long an uploaded PDF waits for being sent.
KEPT_FOR = timedelta(days=7)


class LetterUploadQuerySet(models.QuerySet["LetterUpload"]):
    """Questions about uploaded letters."""

    def waiting(self) -> "LetterUploadQuerySet":
        """Keep what was neither sent nor has run out."""
        return self.filter(notification_id__isnull=True, created_at__gt=now() - KEPT_FOR)


class LetterUpload(models.Model):
    """A PDF that was checked as a letter, to be looked at and perhaps sent: once, however often that is asked for.

    ``file`` goes over to the letter that is made of it. ``address`` holds the lines that stand in the envelope's
    window; ``zone`` is the postage that they ask for, empty where the sender chooses. ``fault`` and ``fault_pages`` are
    those of a letter. ``notification_id`` is set by whoever sends it.
    """

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="letter_uploads", verbose_name=_("service")
    )
    filename = EncryptedTextField(_("name of the file"))
    file = models.ForeignKey(
        VaultFile, on_delete=models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("PDF")
    )
    pages = models.PositiveSmallIntegerField(_("pages"))
    address = EncryptedTextField(_("postal address"), blank=True)
    zone = models.CharField(_("postage"), max_length=20, choices=Postage, blank=True)
    fault = models.CharField(_("fault"), max_length=60, blank=True)
    fault_pages = models.JSONField(_("pages with the fault"), default=list)
    notification_id = models.UUIDField(_("message"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("uploaded"), default=now, editable=False, db_index=True)

    objects = LetterUploadQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("uploaded letter")
        verbose_name_plural = _("uploaded letters")

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def expires_at(self) -> datetime:
        """When it is removed."""
        return self.created_at + KEPT_FOR

    @property
    def is_waiting(self) -> bool:
        """True while it can be looked at: neither sent nor run out."""
        return self.notification_id is None and self.expires_at > now()

    @property
    def sheets(self) -> int:
        """Sheets of paper, printed on both sides."""
        return (self.pages + 1) // 2
