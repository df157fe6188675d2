"""A message that somebody of the team writes by filling in a template."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedJSONField, EncryptedTextField
from gaap.identifiers import new_uuid
from gaap.organisations.models import Service
from gaap_notify.models.templates import TemplateVersion

#: How long a filled-in template is kept, sent or not.
KEPT_FOR = timedelta(days=1)


class OneOff(models.Model):
    """A template with its gaps filled in, to be looked at and perhaps sent: once, however often that is asked for.

    ``recipient`` is empty where nothing is to be sent. ``notification_id`` is set by whoever sends it.
    """

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="one_offs", verbose_name=_("service"))
    template_version = models.ForeignKey(
        TemplateVersion, on_delete=models.CASCADE, related_name="+", verbose_name=_("template version")
    )
    recipient = EncryptedTextField(_("recipient"), blank=True)
    personalisation = EncryptedJSONField(_("values"), default=dict)
    reference = models.CharField(_("reference"), max_length=1000, blank=True, default="", db_default="")
    sender_id = models.UUIDField(_("sender"), null=True, blank=True)
    notification_id = models.UUIDField(_("message"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("written"), default=now, editable=False, db_index=True)

    class Meta:
        verbose_name = _("filled-in template")
        verbose_name_plural = _("filled-in templates")

    def __str__(self) -> str:
        return str(self.pk)
