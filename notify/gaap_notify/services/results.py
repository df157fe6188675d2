"""Looking at messages: searching, the story of one, the results of a spreadsheet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.csv_lines import csv_line
from gaap.databases import for_reports
from gaap.outbox.models import OutboxEvent
from gaap_notify.models import Job, Notification
from gaap_notify.models.notifications import NotificationQuerySet
from gaap_notify.recipients import RecipientError
from gaap_notify.services.files.fetching import FILE_DOWNLOADED
from gaap_notify.services.recipients import normalise_recipient
from gaap_notify.services.service_settings import recipient_digest, settings_of
from gaap_notify.services.unsubscribing.requests import RESUBSCRIBED, UNSUBSCRIBED
from gaap_notify.states import STATUS_LABELS

_EVENT_LABELS = {
    FILE_DOWNLOADED: _("File downloaded"),
    UNSUBSCRIBED: _("Unsubscribed"),
    RESUBSCRIBED: _("Subscribed again"),
}


@dataclass(frozen=True)
class Moment:
    """One line of a message's story."""

    at: datetime
    label: str | Promise


def search_messages(service_id: UUID, *, to: str = "", reference: str = "", status: str = "") -> NotificationQuerySet:
    """Return the service's messages that fit, newest first; empty texts narrow nothing."""
    found = for_reports(Notification.objects.for_service(service_id).newest_first())
    if to:
        found = found.filter(recipient_digest__in=_digests(service_id, to))
    if reference:
        found = found.filter(reference=reference)
    return found.filter(status=status) if status else found


def read_message(notification: Notification, *, by: Actor) -> list[Moment]:
    """Return the story of a message, oldest first, and keep in the audit that somebody looked."""
    record("notification_viewed", target=notification, service=notification.service, by=by)
    events = OutboxEvent.objects.filter(
        service_id=notification.service_id, subject=f"notification/{notification.pk}"
    ).order_by("sequence")
    return [Moment(event.occurred_at, _label(event)) for event in events]


def result_lines(job: Job) -> Iterator[str]:
    """Yield the lines of a CSV with what became of each row, a few hundred rows at a time."""
    yield csv_line(["Row", "Recipient", "Reference", "Status", "Sent", "Finished"])
    rows = for_reports(Notification.objects.filter(job_id=job.pk).order_by("job_row"))
    for row in rows.iterator(chunk_size=500):
        times = (moment.isoformat() if moment else "" for moment in (row.sent_at, row.completed_at))
        yield csv_line([str(row.job_row), row.recipient, row.reference, row.status, *times])


def _label(event: OutboxEvent) -> str | Promise:
    if event.name in _EVENT_LABELS:
        return _EVENT_LABELS[event.name]
    return STATUS_LABELS.get(str(event.data.get("status")), event.name)


def _digests(service_id: UUID, to: str) -> list[str]:
    region = settings_of(service_id).default_region
    try:
        address = normalise_recipient(to, channel="email" if "@" in to else "sms", default_region=region)
    except RecipientError:
        return []
    return [recipient_digest(address)]
