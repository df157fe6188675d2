"""A message to one recipient."""

import uuid
from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField
from gaap.identifiers import new_uuid
from gaap.keys.models import ApiKey
from gaap.organisations.models import Service
from gaap.work import WorkItem
from gaap_notify.models.channels import Channel
from gaap_notify.models.templates import TemplateVersion
from gaap_notify.states import CREATED, STATUS_GROUPS, STATUSES, table_for

#: What the delivery engine hands to providers message by message.
HANDED_OVER = (Channel.EMAIL.value, Channel.SMS.value)
#: Keys whose messages reach people, and count.
COUNTED_KEYS = (ApiKey.Type.LIVE.value, ApiKey.Type.TEAM.value)
#: What the daily counts ought to hold and do not.
UNCOUNTED = models.Q(key_type__in=COUNTED_KEYS, is_counted=False)


class Lane(models.IntegerChoices):
    """Which messages go first."""

    CODE = 0, _("Codes that somebody waits for")
    MESSAGE = 1, _("Single messages")
    BULK = 2, _("Bulk")


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Notifications, narrowed by what a caller asks for."""

    def for_service(self, service_id: uuid.UUID) -> "NotificationQuerySet":
        """The service's notifications that are still kept, each with the version of its template."""
        return self.filter(service_id=service_id, forgotten_at__isnull=True).select_related(
            "template_version", "letter"
        )

    def with_statuses(self, statuses: Iterable[str]) -> "NotificationQuerySet":
        """Those in one of the public ``statuses`` (spec A.8), groups such as ``failed`` included."""
        stored = {inner for status in statuses for inner in STATUS_GROUPS.get(status, (status,))}
        return self.filter(status__in=sorted(stored))

    def newest_first(self) -> "NotificationQuerySet":
        """In the order of the list: newest first, ties broken by id."""
        return self.order_by("-created_at", "-id")

    def to_hand_over(self) -> "NotificationQuerySet":
        """Emails and text messages that no provider is known to have taken."""
        return self.filter(status=CREATED, type__in=HANDED_OVER, due_at__isnull=False)

    def uncounted(self) -> "NotificationQuerySet":
        """Those that the daily counts do not hold; read from an index that holds these alone."""
        return self.filter(UNCOUNTED, status__in=STATUSES)

    def older_than(self, notification: "Notification") -> "NotificationQuerySet":
        """Those that come after ``notification`` in the order of the list."""
        earlier = models.Q(created_at__lt=notification.created_at) | models.Q(id__lt=notification.pk)
        return self.filter(earlier, created_at__lte=notification.created_at)


class Notification(WorkItem):
    """A message accepted for sending.

    ``due_at`` says when something must be done for it: while ``created`` to hand it to the provider, while ``sending``
    or ``pending`` to give up waiting for a receipt. Recipient and text are encrypted; ``recipient_digest`` finds them.
    """

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    # Found by the indexes below, which begin with the service or hold the rows of jobs alone. Nobody looks for the
    # messages of a version or a key, which are never deleted; an index of each would be written with every message.
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="notifications", verbose_name=_("service"), db_index=False
    )
    template_version = models.ForeignKey(
        TemplateVersion,
        on_delete=models.PROTECT,
        related_name="notifications",
        verbose_name=_("template version"),
        db_index=False,
    )
    type = models.CharField(_("type"), max_length=10, choices=Channel)
    key_type = models.CharField(_("type of key"), max_length=10, choices=ApiKey.Type)
    api_key = models.ForeignKey(
        ApiKey,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("API key"),
        db_index=False,
    )
    reference = models.CharField(_("reference"), max_length=1000, blank=True)
    recipient = EncryptedTextField(_("recipient"), help_text=_("As the caller wrote it."))
    recipient_digest = models.CharField(max_length=64, editable=False)
    address = EncryptedTextField(_("address"), help_text=_("The recipient in the form that is sent to."))
    subject = EncryptedTextField(_("subject"), blank=True)
    body = EncryptedTextField(_("text"))
    sender = models.CharField(_("sender"), max_length=254, blank=True)
    unsubscribe_url = models.TextField(_("address for unsubscribing"), blank=True)
    fragments = models.PositiveSmallIntegerField(_("fragments"), default=0)
    rate_multiplier = models.PositiveSmallIntegerField(_("rate multiplier"), default=1)
    language = models.CharField(_("language"), max_length=10, blank=True)
    is_secret = models.BooleanField(_("secret"), default=False, help_text=_("The text is removed once it is sent."))
    status = models.CharField(_("status"), max_length=30, default=CREATED)
    is_counted = models.BooleanField(
        default=False, db_default=False, editable=False, help_text=_("The daily counts hold it.")
    )
    provider = models.CharField(_("provider"), max_length=40, blank=True)
    provider_id = models.CharField(_("provider's id"), max_length=255, blank=True)
    failure = models.CharField(_("failure"), max_length=255, blank=True)
    job = models.ForeignKey(
        "Job",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="notifications",
        verbose_name=_("job"),
        db_index=False,
    )
    job_row = models.PositiveIntegerField(_("row"), null=True, blank=True)
    lane = models.PositiveSmallIntegerField(_("lane"), choices=Lane, default=Lane.MESSAGE)
    calling_since = models.DateTimeField(
        _("provider called"), null=True, blank=True, editable=False, help_text=_("Set until it is known how it ended.")
    )
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)
    forgotten_at = models.DateTimeField(null=True, editable=False)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True, editable=False)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            WorkItem.due_index("gaap_notify_due"),
            models.Index(
                fields=["lane", "service", "due_at"],
                condition=models.Q(status="created", due_at__isnull=False),
                name="gaap_notify_flow",
            ),
            # Lists show what is kept: to go through what was forgotten would take longer with every year.
            models.Index(
                fields=["service", "key_type", "-created_at", "-id"],
                condition=models.Q(forgotten_at__isnull=True),
                name="gaap_notify_list",
            ),
            models.Index(
                fields=["service", "-created_at", "-id"],
                condition=models.Q(forgotten_at__isnull=True),
                name="gaap_notify_newest",
            ),
            models.Index(fields=["job", "job_row"], condition=models.Q(job__isnull=False), name="gaap_notify_job_rows"),
            models.Index(fields=["service", "reference"], condition=~models.Q(reference=""), name="gaap_notify_ref"),
            # The recipient first: somebody who asks what is held about them asks of all services.
            models.Index(fields=["recipient_digest", "service"], name="gaap_notify_recipient"),
            models.Index(
                fields=["type", "created_at"],
                condition=models.Q(forgotten_at__isnull=True),
                name="gaap_notify_to_forget",
            ),
            models.Index(fields=["status", "service", "created_at"], condition=UNCOUNTED, name="gaap_notify_uncounted"),
            models.Index(
                fields=["type", "provider", "provider_id"],
                condition=~models.Q(provider_id=""),
                name="gaap_notify_provider_id",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=STATUSES), name="gaap_notify_status"),
            models.CheckConstraint(condition=models.Q(type__in=Channel.values), name="gaap_notify_type"),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.pk}"

    @property
    def is_final(self) -> bool:
        """True when nothing more will happen to it."""
        return self.status in table_for(self.type).final
