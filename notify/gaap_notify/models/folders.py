"""Folders in which a service keeps its templates."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.organisations.models import Service


class TemplateFolder(models.Model):
    """A folder of templates. One without ``parent`` stands at the top."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="template_folders", verbose_name=_("service")
    )
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="folders", verbose_name=_("inside of")
    )
    name = models.CharField(_("name"), max_length=100)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("template folder")
        verbose_name_plural = _("template folders")
        constraints = [
            models.UniqueConstraint(
                fields=["service", "parent", "name"], nulls_distinct=False, name="gaap_notify_folder_unique"
            ),
            # SQLite takes two without a parent for different ones.
            models.UniqueConstraint(
                fields=["service", "name"], condition=models.Q(parent=None), name="gaap_notify_top_folder_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name
