"""The console's own rows: emails on their way, invitations, requests to go live, warnings."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.console.states import GO_LIVE, WAITING
from gaap.crypto import EncryptedTextField
from gaap.identifiers import new_uuid
from gaap.keys.models import ApiKey
from gaap.organisations.models import Membership, Service
from gaap.work import WorkItem


class ConsoleEmail(WorkItem):
    """An email to a team member or operator; its text, which may hold a code, is forgotten once it is sent."""

    recipient = models.EmailField(_("recipient"), max_length=254)
    subject = models.CharField(_("subject"), max_length=255)
    text = EncryptedTextField(_("text"), blank=True)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)
    failure = models.CharField(_("failure"), max_length=255, blank=True, editable=False)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("email of the console")
        verbose_name_plural = _("emails of the console")
        indexes = [WorkItem.due_index("gaap_console_email_due")]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations, narrowed by where they stand."""

    def standing(self, service_id: uuid.UUID) -> "InvitationQuerySet":
        """A service's invitations that were neither accepted nor withdrawn, also those that have run out."""
        return self.filter(service_id=service_id, accepted_at__isnull=True, revoked_at__isnull=True)

    def open(self) -> "InvitationQuerySet":
        """Invitations that were neither accepted nor withdrawn and have not run out."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now())


class Invitation(models.Model):
    """An invitation into a service's team. The link in the email is found by a digest and can be used once."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("email address"), max_length=150)
    role = models.CharField(_("role"), max_length=20, choices=Membership.Role)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.CharField(_("invited by"), max_length=255, editable=False)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    expires_at = models.DateTimeField(_("expires"), editable=False)
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["service", "email"],
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="gaap_console_invitation_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.service}"

    @property
    def is_expired(self) -> bool:
        """True when it can no longer be accepted, unless it is sent again."""
        return self.expires_at <= now()

    @property
    def summary(self) -> dict[str, str]:
        """What an audit event says of this invitation."""
        return {"email": self.email, "role": self.role}


class GoLiveRequest(models.Model):
    """A team's wish that its service goes live; an operator outside the team decides."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="go_live_requests")
    status = models.CharField(_("status"), max_length=20, default=WAITING, editable=False)
    note = models.TextField(_("what the service does, and for whom"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    requested_at = models.DateTimeField(_("asked"), default=now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    answer = models.TextField(_("answer to the team"), blank=True)

    class Meta:
        ordering = ["-requested_at"]
        verbose_name = _("request to go live")
        verbose_name_plural = _("requests to go live")
        constraints = [
            GO_LIVE.check_constraint("gaap_console_go_live_status"),
            models.UniqueConstraint(
                fields=["service"], condition=models.Q(status=WAITING), name="gaap_console_go_live_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} · {self.status}"


class ExpiryWarning(models.Model):
    """A team has been told that one of its keys runs out."""

    api_key = models.OneToOneField(ApiKey, on_delete=models.CASCADE, related_name="expiry_warning")
    sent_at = models.DateTimeField(_("sent"), default=now, editable=False)

    class Meta:
        verbose_name = _("expiry warning")
        verbose_name_plural = _("expiry warnings")

    def __str__(self) -> str:
        return str(self.api_key)
