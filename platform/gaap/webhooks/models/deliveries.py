"""What is sent to webhooks: one delivery per event and webhook, one attempt per try."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField
from gaap.identifiers import new_uuid
from gaap.outbox.models import OutboxEvent
from gaap.webhooks.models.subscriptions import Subscription
from gaap.work import WorkItem

WAITING = "waiting"
DELIVERED = "delivered"
FAILED = "failed"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries, narrowed by where they stand."""

    def waiting(self) -> "DeliveryQuerySet":
        """Deliveries that are still to be made."""
        return self.filter(status=WAITING)

    def due(self, moment: datetime) -> "DeliveryQuerySet":
        """Deliveries whose next try may begin."""
        return self.filter(due_at__lte=moment)

    def being_sent(self, moment: datetime) -> "DeliveryQuerySet":
        """Deliveries that a worker holds."""
        return self.filter(held_until__gt=moment)


class Delivery(WorkItem):
    """One message to one webhook.

    ``message_id`` is what the receiver knows it by: the event's id, or the contract's own. ``body`` is kept only when
    it cannot be made from the event again. Deliveries of one subject are made in the order of ``sequence``.
    """

    class Status(models.TextChoices):
        """How it ended, if it did."""

        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    sequence = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=new_uuid, unique=True, editable=False)
    subscription = models.ForeignKey(
        Subscription,
        on_delete=models.PROTECT,
        related_name="deliveries",
        verbose_name=_("webhook"),
        db_index=False,  # the list's index serves
    )
    event = models.ForeignKey(
        OutboxEvent, on_delete=models.CASCADE, null=True, related_name="deliveries", verbose_name=_("event")
    )
    message_id = models.CharField(_("message"), max_length=100)
    type = models.CharField(_("type"), max_length=100)
    subject = models.CharField(_("subject"), max_length=150)
    body = EncryptedTextField(null=True, editable=False)  # type: ignore[misc]
    status = models.CharField(_("status"), max_length=20, choices=Status, default=WAITING)
    failure = models.CharField(_("failure"), max_length=200, blank=True)
    # A key to itself would be proved anew, with nobody writing meanwhile, for rows that become a month of the table.
    replay_of = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        related_name="replays",
        verbose_name=_("replay of"),
        db_constraint=False,
    )
    held_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-sequence"]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            WorkItem.due_index("gaap_delivery_due"),
            # Each query on the way of a delivery fits one of these alone, whatever the planner thinks of the table.
            models.Index(
                fields=["subscription", "due_at"], condition=Q(due_at__isnull=False), name="gaap_delivery_queue"
            ),
            models.Index(
                fields=["subscription", "held_until"], condition=Q(held_until__isnull=False), name="gaap_delivery_held"
            ),
            models.Index(
                fields=["subscription", "subject", "sequence"], condition=Q(status=WAITING), name="gaap_delivery_order"
            ),
            models.Index(fields=["finished_at"], condition=Q(finished_at__isnull=False), name="gaap_delivery_finished"),
            models.Index(fields=["subscription", "-sequence"], name="gaap_delivery_list"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "event"], condition=Q(replay_of__isnull=True), name="gaap_delivery_once"
            ),
            models.CheckConstraint(
                condition=Q(status=WAITING) | Q(due_at__isnull=True, held_until__isnull=True),
                name="gaap_delivery_settled",
            ),
            models.CheckConstraint(condition=Q(status__in=[WAITING, DELIVERED, FAILED]), name="gaap_delivery_status"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"


class DeliveryAttempt(models.Model):
    """One try: what the receiver answered, or why no answer came."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries", verbose_name=_("delivery"))
    started_at = models.DateTimeField(_("started"), editable=False)
    status_code = models.PositiveSmallIntegerField(_("status code"), null=True)
    error = models.CharField(_("error"), max_length=200, blank=True)
    latency_ms = models.PositiveIntegerField(_("latency in ms"))
    body = EncryptedTextField(_("answer"), blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return str(self.status_code or self.error)
