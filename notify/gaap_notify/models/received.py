"""Text messages that people have sent to a service."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField
from gaap.identifiers import new_uuid
from gaap.organisations.models import Service


class ReceivedTextQuerySet(models.QuerySet["ReceivedText"]):
    """Received texts, narrowed by what a caller asks for."""

    def for_service(self, service_id: uuid.UUID) -> "ReceivedTextQuerySet":
        """The service's received texts, newest first, ties broken by id."""
        return self.filter(service_id=service_id).order_by("-created_at", "-id")

    def older_than(self, text: "ReceivedText") -> "ReceivedTextQuerySet":
        """Those that come after ``text`` in the order of the list."""
        earlier = models.Q(created_at__lt=text.created_at) | models.Q(id__lt=text.pk)
        return self.filter(earlier, created_at__lte=text.created_at)


class ReceivedText(models.Model):
    """A text message from a member of the public. Who wrote it and what is encrypted."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="received_texts", verbose_name=_("service")
    )
    user_number = EncryptedTextField(_("from"), help_text=_("E.164 without the plus."))
    user_digest = models.CharField(max_length=64, editable=False)
    notify_number = models.CharField(_("to"), max_length=20)
    content = EncryptedTextField(_("text"))
    created_at = models.DateTimeField(_("received"), default=now, editable=False)

    objects = ReceivedTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("received text")
        verbose_name_plural = _("received texts")
        indexes = [
            models.Index(fields=["service", "-created_at", "-id"], name="gaap_notify_received"),
            models.Index(fields=["service", "user_digest"], name="gaap_notify_received_from"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
