"""Departments, their services, and the people of a service's team."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now


def default_languages() -> list[str]:
    """Return the languages of a service that names none."""
    return ["en"]


class Organisation(models.Model):
    """A department or agency."""

    class Type(models.TextChoices):
        """What kind of public body it is."""

        CENTRAL = "central", _("Central government")
        LOCAL = "local", _("Local government")
        HEALTH = "health", _("Health service")
        EMERGENCY = "emergency", _("Emergency service")
        EDUCATION = "education", _("School, college or university")
        OTHER = "other", _("Other public body")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=255, unique=True)
    type = models.CharField(_("type"), max_length=20, choices=Type, default=Type.CENTRAL)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        return self.name


class ServiceQuerySet(models.QuerySet["Service"]):
    """Services, narrowed by what they are."""

    def active(self) -> "ServiceQuerySet":
        """Services that are not archived."""
        return self.filter(archived_at__isnull=True)


class Service(models.Model):
    """A public service that uses the platform. A trial service reaches only its own team and the sandbox."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=255)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="services", verbose_name=_("organisation")
    )
    is_live = models.BooleanField(_("live"), default=False, help_text=_("A service that is not live is in trial mode."))
    languages = models.JSONField(_("languages"), default=default_languages)
    live_keys_need_approval = models.BooleanField(
        _("live keys need a second person"),
        default=False,
        # The previous release still adds services while this one is deployed.
        db_default=False,
        help_text=_("A live key opens nothing until another administrator has approved it."),
    )
    rate_limits = models.JSONField(
        _("rate limits"),
        default=dict,
        db_default={},
        blank=True,
        help_text=_("Calls per period where they are not the usual ones."),
    )
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("service")
        verbose_name_plural = _("services")
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="gaap_service_name_unique")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_archived(self) -> bool:
        """True when the service was closed; its keys are then refused."""
        return self.archived_at is not None


class Membership(models.Model):
    """A person's part in a service's team."""

    class Role(models.TextChoices):
        """What the person may do; each role includes the ones after it."""

        ADMIN = "admin", _("Administrator")
        DEVELOPER = "developer", _("Developer")
        CASEWORKER = "caseworker", _("Caseworker")
        VIEWER = "viewer", _("Viewer")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("service")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.VIEWER)
    created_at = models.DateTimeField(_("joined"), default=now, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["user", "service"], name="gaap_membership_unique")]

    def __str__(self) -> str:
        return f"{self.user} · {self.service} · {self.get_role_display()}"

    def includes(self, role: str) -> bool:
        """Tell whether the person may do what ``role`` may do."""
        return Membership.Role.values.index(self.role) <= Membership.Role.values.index(role)

    @property
    def summary(self) -> dict[str, Any]:
        """What an audit event says of this membership."""
        return {"service": str(self.service_id), "role": self.role}
