"""Reading notifications, and changing their status."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from gaap.actors import Actor
from gaap.clock import now
from gaap.rows import read_row
from gaap.states import TransitionTable, move
from gaap_notify.errors import NoResultFoundError
from gaap_notify.models import Notification
from gaap_notify.services.counting import take_back
from gaap_notify.services.templates import version_with_id, versions_with_ids
from gaap_notify.states import COMPLETED, CREATED, NOTIFICATION, table_for

PAGE_SIZE = 250
#: How long a provider may take to report before the message counts as not delivered (spec A.13).
RECEIPT_DEADLINE = timedelta(hours=72)


def find_notification(service_id: UUID, notification_id: UUID) -> Notification:
    """Return the service's notification; raises NoResultFoundError, also for another service's."""
    notification = read_row(Notification, id=notification_id, service_id=service_id, forgotten_at=None)
    if notification is None:
        raise NoResultFoundError
    notification.template_version = version_with_id(notification.template_version_id)
    return notification


def list_notifications(
    service_id: UUID,
    *,
    key_type: str,
    statuses: Sequence[str] = (),
    types: Sequence[str] = (),
    reference: str | None = None,
    older_than: UUID | None = None,
    has_jobs: bool = False,
) -> list[Notification]:
    """Return one page, newest first, of what was sent with keys of this type (spec A.8).

    ``has_jobs`` includes what came from spreadsheets.

    ``older_than`` is the last id of the page before; an unknown one gives an empty page.
    """
    kept = Notification.objects.filter(service_id=service_id, forgotten_at__isnull=True).select_related("letter")
    found = kept.filter(key_type=key_type).newest_first()
    if not has_jobs:
        found = found.filter(job__isnull=True)
    if statuses:
        found = found.with_statuses(statuses)
    if types:
        found = found.filter(type__in=types)
    if reference is not None:
        found = found.filter(reference=reference)
    if older_than is not None:
        last = Notification.objects.filter(service_id=service_id, pk=older_than).only("id", "created_at").first()
        if last is None:
            return []
        found = found.older_than(last)
    return _with_versions(found[:PAGE_SIZE])


def _with_versions(found: Iterable[Notification]) -> list[Notification]:
    """Return the notifications with their templates' versions: a page has few, which are read apart and once."""
    page = list(found)
    versions = versions_with_ids(notification.template_version_id for notification in page)
    for notification in page:
        notification.template_version = versions[notification.template_version_id]
    return page


def change_status(notification: Notification, status: str, *, by: Actor, **changes: Any) -> bool:
    """Move a notification to ``status`` with what goes with it; ``changes`` are further fields.

    Returns False when somebody else moved it first. The text of a secret is replaced by its template's once it has
    left ``created``. Letters have no deadline for receipts: their next step stands in ``Letter.due_at``.
    """
    sent_at = changes.get("sent_at") or notification.sent_at
    table = table_for(notification.type)
    values = {**values_after(status, table=table, sent_at=sent_at), **_without_secret(notification), **changes}
    before = notification.status
    with transaction.atomic():
        is_moved = move(notification, status, table=table, by=by, changes=values, data=event_data(notification))
        if is_moved and before in COMPLETED:
            take_back(notification.pk, status=before)
    return is_moved


def values_after(
    status: str, *, table: TransitionTable = NOTIFICATION, sent_at: datetime | None = None
) -> dict[str, Any]:
    """Return the columns that go with ``status``: when it ended, or until when something must be heard of it.

    ``sent_at`` is when the provider took the message, if it has.
    """
    moment = now()
    is_waiting = status not in table.final and table is NOTIFICATION
    values: dict[str, Any] = {
        "due_at": (sent_at or moment) + RECEIPT_DEADLINE if is_waiting else None,
        "completed_at": moment if status in COMPLETED else None,
    }
    return {**values, "sent_at": sent_at} if sent_at else values


def event_data(notification: Notification) -> dict[str, Any]:
    """Return what events say of a notification: nothing about its recipient."""
    version = notification.template_version
    return {
        "type": notification.type,
        "reference": notification.reference or None,
        "template_id": str(version.template_id),
        "template_version": version.number,
    }


def _without_secret(notification: Notification) -> Mapping[str, str]:
    if not notification.is_secret or notification.status != CREATED:
        return {}
    version = notification.template_version
    return {"body": version.body, "subject": version.subject}
