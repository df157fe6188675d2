"""Which messages a worker takes next.

Messages stand in flows: one for each service and lane. Codes go first; after them every flow that has something due
gets an equal part of the batch, however much waits in the others. Which flows there are is read from the index that
holds waiting messages alone, with one step for each flow and none for each message.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from gaap.clock import now
from gaap.organisations.models import Service
from gaap_notify.models import Lane, Notification, TemplateVersion
from gaap_notify.models.notifications import NotificationQuerySet

#: The next flow after (lane, service), by the index; the first part gives the first flow.
_FLOWS = """
WITH RECURSIVE flow (lane, service_id) AS (
    SELECT * FROM (
        SELECT lane, service_id FROM gaap_notify_notification WHERE status = 'created' AND due_at IS NOT NULL
        ORDER BY lane, service_id LIMIT 1
    ) AS first
    UNION ALL
    SELECT next.lane, next.service_id FROM flow, gaap_notify_notification AS next
    WHERE next.id = (
        SELECT id FROM gaap_notify_notification
        WHERE status = 'created' AND due_at IS NOT NULL AND (lane, service_id) > (flow.lane, flow.service_id)
        ORDER BY lane, service_id LIMIT 1
    )
)
SELECT lane, service_id FROM flow WHERE lane <= %s
"""


@dataclass(frozen=True)
class Flow:
    """The waiting messages of one service in one lane."""

    lane: int
    service_id: UUID


def waiting_flows(*, last_lane: int = Lane.BULK) -> list[Flow]:
    """Return the flows in which something waits, due or not, up to and including ``last_lane``."""
    with connection.cursor() as cursor:
        cursor.execute(_FLOWS, [last_lane])
        return [Flow(lane, UUID(str(service_id))) for lane, service_id in cursor.fetchall()]


def lock_due(limit: int, *, last_lane: int = Lane.BULK) -> list[Notification]:
    """Return at most ``limit`` due messages under a lock of the caller's transaction.

    Messages that another worker has in its hands are passed over.
    """
    moment, found = now(), list[Notification]()
    flows = _in_turn(waiting_flows(last_lane=last_lane))
    for position, flow in enumerate(flows):
        room = limit - len(found)
        share = room if flow.lane == Lane.CODE else -(-room // (len(flows) - position))
        found += _lock(flow, share, moment)
        if len(found) >= limit:
            break
    return _with_what_they_name(found)


def lock_one(notification_id: UUID) -> list[Notification]:
    """Return one message under a lock, if it is due and nobody has it."""
    return _with_what_they_name(list(_lockable(now()).filter(pk=notification_id)))


def _in_turn(flows: Sequence[Flow]) -> list[Flow]:
    """Return codes first, and the others in an order that favours nobody."""
    return sorted(flows, key=lambda flow: (flow.lane != Lane.CODE, random.random()))  # noqa: S311


def _lock(flow: Flow, share: int, moment: datetime) -> list[Notification]:
    rows = _lockable(moment).filter(lane=flow.lane, service_id=flow.service_id)
    return list(rows.order_by("due_at")[:share])


def _lockable(moment: datetime) -> NotificationQuerySet:
    rows = Notification.objects.to_hand_over().filter(due_at__lte=moment)
    can_skip = connection.features.has_select_for_update_skip_locked
    # What the caller wrote is not what is sent to; to open it for each message would be for nothing.
    return rows.defer("recipient").select_for_update(skip_locked=can_skip)


def _with_what_they_name(rows: list[Notification]) -> list[Notification]:
    """Give each its service and its version; a batch names few of both, and each is read once."""
    services = Service.objects.in_bulk({row.service_id for row in rows})
    versions = TemplateVersion.objects.in_bulk({row.template_version_id for row in rows})
    for row in rows:
        row.service = services[row.service_id]
        row.template_version = versions[row.template_version_id]
    return rows
