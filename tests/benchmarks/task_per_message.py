"""The control of the delivery engine: what most would write, one Celery task for each message."""

from uuid import UUID, uuid4

from celery import shared_task
from django.db import transaction

from gaap.clock import now
from gaap.outbox.services import emit
from gaap_notify.models import Notification
from gaap_notify.services.notifications import event_data


@shared_task(ignore_result=True)
def send_one(notification_id: str) -> None:
    """Read the message, hand it to nobody, and write down that it was sent, with its event."""
    with transaction.atomic():
        rows = Notification.objects.select_related("service", "template_version").select_for_update(of=("self",))
        row = rows.get(pk=UUID(notification_id))
        row.status, row.due_at, row.sent_at, row.provider_id = "delivered", None, now(), str(uuid4())
        row.save(update_fields=["status", "due_at", "sent_at", "provider_id"])
        subject = f"notification/{row.pk}"
        emit(
            "notification_delivered",
            service_id=row.service_id,
            subject=subject,
            data={**event_data(row), "status": row.status},
        )
