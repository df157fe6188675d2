"""What a service says to a payer's bank about a dispute."""

import base64

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField
from gaap.organisations.models import Service
from gaap.work import WorkItem
from gaap_payments.models.disputes import Dispute
from gaap_payments.states import DISPUTE_EVIDENCE


class DisputeEvidence(WorkItem):
    """Evidence about one dispute. Text and document are kept, encrypted, until the provider has them or it is over."""

    dispute = models.OneToOneField(
        Dispute, on_delete=models.CASCADE, related_name="evidence", verbose_name=_("dispute")
    )
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="dispute_evidence", verbose_name=_("service")
    )
    status = models.CharField(_("status"), max_length=30, default=DISPUTE_EVIDENCE.initial)
    explanation = EncryptedTextField(_("explanation"), blank=True)
    file_name = models.CharField(_("name of the document"), max_length=255, blank=True)
    file_type = models.CharField(_("type of the document"), max_length=50, blank=True)
    file_content = EncryptedTextField(_("document"), blank=True)
    #: How often evidence was entered: another time is another request to the provider.
    entries = models.PositiveSmallIntegerField(_("times entered"), default=1)
    created_at = models.DateTimeField(_("entered"), default=now, editable=False)
    created_by = models.CharField(_("entered by"), max_length=100, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)
    failure = models.CharField(_("failure"), max_length=500, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("evidence about a dispute")
        verbose_name_plural = _("evidence about disputes")
        indexes = [WorkItem.due_index("gaap_payments_evidence_due")]
        constraints = [DISPUTE_EVIDENCE.check_constraint("gaap_payments_evidence_status")]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.status}"

    @property
    def content(self) -> bytes:
        """What is in the document; empty when there is none."""
        return base64.b64decode(self.file_content)
