"""Files that a service sends as links in emails."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField
from gaap.identifiers import new_uuid
from gaap.organisations.models import Service
from gaap_notify.models.vault import VaultFile


class SharedFile(models.Model):
    """A file that the holder of its link may fetch until ``expires_at``.

    The link holds a key of which only a digest is stored. ``recipient_digest`` is that of the address that the email
    went to. When the file is gone the row stays a while without anything personal, so that its link can say so.
    """

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="shared_files", verbose_name=_("service")
    )
    notification_id = models.UUIDField(_("notification"), db_index=True)
    key_digest = models.CharField(max_length=64, editable=False)
    recipient_digest = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    needs_email = models.BooleanField(
        _("address is asked for"),
        default=True,
        db_default=True,
        help_text=_("The person must first say where the email went."),
    )
    filename = EncryptedTextField(_("name"), blank=True)
    extension = models.CharField(_("type"), max_length=10)
    size = models.PositiveIntegerField(_("size in bytes"))
    file = models.ForeignKey(
        VaultFile,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("file"),
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    created_at = models.DateTimeField(_("sent"), default=now, editable=False)
    expires_at = models.DateTimeField(_("expires"), db_index=True)
    fetched_at = models.DateTimeField(_("first fetched"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("file sent by email")
        verbose_name_plural = _("files sent by email")

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_available(self) -> bool:
        """True while the file can be fetched."""
        return self.file_id is not None and self.expires_at > now()
