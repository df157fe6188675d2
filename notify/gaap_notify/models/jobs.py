"""Spreadsheets of messages, and their rows until they have become messages."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedJSONField
from gaap.identifiers import new_uuid
from gaap.keys.models import ApiKey
from gaap.organisations.models import Service
from gaap.work import WorkItem
from gaap_notify.models.templates import TemplateVersion
from gaap_notify.states import JOB


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs, narrowed by whose they are."""

    def for_service(self, service_id: uuid.UUID) -> "JobQuerySet":
        """The service's jobs, newest first, each with the version of its template."""
        return self.filter(service_id=service_id).select_related("template_version").order_by("-created_at", "-pk")


class Job(models.Model):
    """One spreadsheet whose rows each become a message."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="jobs", verbose_name=_("service"))
    template_version = models.ForeignKey(
        TemplateVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("template version")
    )
    name = models.CharField(_("name"), max_length=255)
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("API key")
    )
    key_type = models.CharField(_("type of key"), max_length=10, choices=ApiKey.Type)
    reference = models.CharField(_("reference"), max_length=1000, blank=True)
    sender = models.CharField(_("sender"), max_length=254, blank=True)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    done_rows = models.PositiveIntegerField(_("rows done"), default=0)
    status = models.CharField(_("status"), max_length=20, default=JOB.initial)
    scheduled_for = models.DateTimeField(_("scheduled for"), null=True, blank=True)
    created_by = models.CharField(_("started by"), max_length=255)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [models.Index(fields=["service", "-created_at", "-id"], name="gaap_notify_jobs")]
        constraints = [JOB.check_constraint("gaap_notify_job_status")]

    def __str__(self) -> str:
        return self.name

    @property
    def progress(self) -> int:
        """How much of it is written down for sending, in per cent."""
        return self.done_rows * 100 // self.rows if self.rows else 100


class JobChunk(WorkItem):
    """Some rows of a job that are not messages yet: ``[number, recipient, address, multiplier, values]`` each."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="chunks", verbose_name=_("job"))
    size = models.PositiveIntegerField(_("rows"))
    content = EncryptedJSONField(_("content"))

    class Meta:
        verbose_name = _("part of a job")
        verbose_name_plural = _("parts of jobs")
        indexes = [WorkItem.due_index("gaap_notify_chunk_due")]

    def __str__(self) -> str:
        return f"{self.job_id} {self.pk}"
