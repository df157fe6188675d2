"""What the contract's callbacks say (spec A.15), and when they are queued."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from gaap.outbox.models import OutboxEvent
from gaap.outbox.subscribers import subscribe
from gaap.webhooks.models import Subscription
from gaap.webhooks.services.queueing import queue_delivery
from gaap_notify.models import Notification
from gaap_notify.models.channels import Channel
from gaap_notify.services.callback_style import CALLBACK_STYLE
from gaap_notify.services.callbacks import CallbackKind


def written_time(moment: datetime | None) -> str | None:
    """Return a time as the contract writes it, in UTC with six digits after the point."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment else None


def delivery_status_body(notification: Notification, status: str) -> dict[str, Any]:
    """Return what a service is told when a message has come to its end."""
    version = notification.template_version
    return {
        "id": str(notification.pk),
        "reference": notification.reference or None,
        "to": notification.recipient,
        "status": status,
        "created_at": written_time(notification.created_at),
        "completed_at": written_time(notification.completed_at),
        "sent_at": written_time(notification.sent_at),
        "notification_type": notification.type,
        "template_id": str(version.template_id),
        "template_version": version.number,
    }


def queue_callback(service_id: UUID, kind: str, *, message_id: str, subject: str, body: Mapping[str, Any]) -> bool:
    """Queue a callback in the caller's transaction; returns False when the service wants none of this kind."""
    subscription = _wanted(service_id, kind)
    if subscription is None:
        return False
    text = json.dumps(body, ensure_ascii=False)
    delivery = queue_delivery(subscription, message_id=message_id, type=kind, subject=subject, body=text)
    return delivery is not None


@subscribe("notification_delivered")
@subscribe("notification_failed")
def tell_delivery_status(event: OutboxEvent) -> None:
    """Queue the callback for an email or text message that has come to its end."""
    if event.service_id is None or event.data["type"] not in (Channel.EMAIL, Channel.SMS):
        return
    kind = CallbackKind.DELIVERY_STATUS.value
    if _wanted(event.service_id, kind) is None:
        return
    notification_id = UUID(event.subject.partition("/")[2])
    found = Notification.objects.select_related("template_version").filter(pk=notification_id).first()
    if found is not None:
        body = delivery_status_body(found, event.data["status"])
        queue_callback(event.service_id, kind, message_id=str(event.id), subject=event.subject, body=body)


@subscribe("notification_returned")
def tell_returned_letter(event: OutboxEvent) -> None:
    """Queue the callback for a letter that came back; what only letters of spreadsheets have is null."""
    kind = CallbackKind.RETURNED_LETTER.value
    if event.service_id is None or _wanted(event.service_id, kind) is None:
        return
    found = Notification.objects.select_related("template_version").filter(pk=event.subject.partition("/")[2]).first()
    if found is not None:
        body = returned_letter_body(found)
        queue_callback(event.service_id, kind, message_id=str(event.id), subject=event.subject, body=body)


def returned_letter_body(notification: Notification) -> dict[str, Any]:
    """Return what a service is told when a letter came back."""
    version = notification.template_version
    return {
        "notification_id": str(notification.pk),
        "reference": notification.reference or None,
        "date_sent": written_time(notification.sent_at or notification.created_at),
        "sent_by": None,
        "template_name": version.name,
        "template_id": str(version.template_id),
        "template_version": version.number,
        "spreadsheet_file_name": None,
        "spreadsheet_row_number": None,
        "upload_letter_file_name": None,
    }


def _wanted(service_id: UUID, kind: str) -> Subscription | None:
    active = Subscription.objects.active().filter(service_id=service_id, style=CALLBACK_STYLE)
    return next((subscription for subscription in active if subscription.wants(kind)), None)
