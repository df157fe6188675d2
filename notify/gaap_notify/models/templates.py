"""Templates and their versions."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.organisations.models import Service
from gaap_notify.models.channels import Channel
from gaap_notify.models.folders import TemplateFolder
from gaap_notify.models.postage import Postage
from gaap_notify.models.service_settings import ContactBlock
from gaap_notify.rendering.messages import placeholder_names


class TemplateQuerySet(models.QuerySet["Template"]):
    """Templates, narrowed by what they are."""

    def for_service(self, service_id: uuid.UUID) -> "TemplateQuerySet":
        """The service's templates with their current versions."""
        return self.filter(service_id=service_id).select_related("current__contact_block")

    def in_use(self) -> "TemplateQuerySet":
        """Templates that are neither archived nor hidden, by name and type (spec A.10)."""
        return self.filter(archived_at__isnull=True, is_hidden=False).order_by("current__name", "type", "id")


class Template(models.Model):
    """A message with gaps. Its text stands in its versions; ``current`` is the newest."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="templates", verbose_name=_("service"))
    type = models.CharField(_("type"), max_length=10, choices=Channel)
    current = models.ForeignKey(
        "TemplateVersion", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("current version")
    )
    folder = models.ForeignKey(
        TemplateFolder,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="templates",
        verbose_name=_("folder"),
    )
    is_hidden = models.BooleanField(
        _("hidden"), default=False, editable=False, help_text=_("The platform's own, for letters that come as a PDF.")
    )
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    updated_at = models.DateTimeField(_("changed"), null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        constraints = [
            models.CheckConstraint(condition=models.Q(type__in=Channel.values), name="gaap_notify_template_type")
        ]

    def __str__(self) -> str:
        return self.current.name if self.current else str(self.pk)

    @property
    def is_archived(self) -> bool:
        """True when no more messages may be made from it."""
        return self.archived_at is not None


class TemplateVersion(models.Model):
    """The text of a template from one change to the next. Rows are added and never changed."""

    template = models.ForeignKey(
        Template, on_delete=models.PROTECT, related_name="versions", verbose_name=_("template")
    )
    number = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=255)
    subject = models.TextField(_("subject"), blank=True)
    body = models.TextField(_("text"))
    postage = models.CharField(_("postage"), max_length=20, blank=True, choices=Postage)
    contact_block = models.ForeignKey(
        ContactBlock,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("contact block"),
    )
    welsh_subject = models.TextField(_("Welsh heading"), blank=True)
    welsh_body = models.TextField(
        _("Welsh text"), blank=True, help_text=_("With it a letter has two languages, and this one stands first.")
    )
    has_unsubscribe_link = models.BooleanField(
        _("link for unsubscribing"),
        default=False,
        db_default=False,
        help_text=_("Stands below an email, and recipients who follow it get no more emails that have one."),
    )
    created_by = models.CharField(_("written by"), max_length=255)
    created_at = models.DateTimeField(_("written"), default=now, editable=False)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("template version")
        verbose_name_plural = _("template versions")
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="gaap_notify_template_version_unique")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names of the gaps: those of the subject, the text and, in letters, the contact block."""
        contact = self.contact_block.text if self.contact_block else ""
        return placeholder_names(self.subject, self.body, self.welsh_subject, self.welsh_body, contact)
