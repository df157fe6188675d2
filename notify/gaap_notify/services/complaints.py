"""Complaints about emails: kept, told to the service, and heeded."""

from django.db import transaction

from gaap.outbox.services import emit
from gaap_notify.models import Complaint, Notification, Suppression
from gaap_notify.services.callback_bodies import queue_callback, written_time
from gaap_notify.services.callbacks import CallbackKind
from gaap_notify.services.suppressions import suppress


@transaction.atomic
def take_complaint(notification: Notification, *, event_id: str) -> bool:
    """Keep a complaint, tell the service, and send the recipient nothing more; returns False for a second one."""
    complaint, is_new = Complaint.objects.get_or_create(
        notification=notification, defaults={"service_id": notification.service_id, "event_id": event_id[:255]}
    )
    if not is_new:
        return False
    suppress(
        notification.address,
        channel=notification.type,
        reason=Suppression.Reason.COMPLAINED,
        service=notification.service,
    )
    subject = f"notification/{notification.pk}"
    emit("complaint_received", service_id=notification.service_id, subject=subject, data={"id": str(complaint.pk)})
    queue_callback(
        notification.service_id,
        CallbackKind.COMPLAINT,
        message_id=f"complaint-{complaint.pk}",
        subject=subject,
        body={
            "notification_id": str(notification.pk),
            "complaint_id": str(complaint.pk),
            "reference": notification.reference or None,
            "to": notification.recipient,
            "complaint_date": written_time(complaint.created_at),
        },
    )
    return True
