"""What a letter has besides what every notification has, and the runs in which letters are printed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField
from gaap.identifiers import new_uuid
from gaap.work import WorkItem
from gaap_notify.models.notifications import Notification
from gaap_notify.models.postage import Postage
from gaap_notify.models.vault import VaultFile


class PrintRun(WorkItem):
    """Letters handed to a printer together. ``due_at`` is set until the printer has them."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    provider = models.CharField(_("provider"), max_length=40)
    failure = models.CharField(_("failure"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    submitted_at = models.DateTimeField(_("handed over"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("print run")
        verbose_name_plural = _("print runs")
        indexes = [WorkItem.due_index("gaap_notify_run_due")]

    def __str__(self) -> str:
        return str(self.pk)


class Letter(WorkItem):
    """A notification on paper.

    ``due_at`` says when its next step is due: at once to be checked or set, then at the cut-off to be printed. ``file``
    is its PDF in the vault.
    """

    notification = models.OneToOneField(
        Notification,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="letter",
        verbose_name=_("notification"),
    )
    postage = models.CharField(_("postage"), max_length=20, choices=Postage)
    is_precompiled = models.BooleanField(_("sent as a PDF"), default=False)
    contact = EncryptedTextField(_("contact block"), blank=True)
    welsh_subject = EncryptedTextField(_("Welsh heading"), blank=True)
    welsh_body = EncryptedTextField(_("Welsh text"), blank=True)
    file = models.ForeignKey(
        VaultFile,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("PDF"),
    )
    pages = models.PositiveSmallIntegerField(_("pages"), default=0)
    fault = models.CharField(_("fault"), max_length=60, blank=True)
    fault_pages = models.JSONField(_("pages with the fault"), default=list)
    run = models.ForeignKey(
        PrintRun, on_delete=models.PROTECT, null=True, blank=True, related_name="letters", verbose_name=_("print run")
    )

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes = [WorkItem.due_index("gaap_notify_letter_due")]

    def __str__(self) -> str:
        return str(self.notification_id)

    @property
    def sheets(self) -> int:
        """Sheets of paper, printed on both sides."""
        return (self.pages + 1) // 2
