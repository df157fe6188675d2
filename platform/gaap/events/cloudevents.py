"""Events as the outside sees them: CloudEvents 1.0 in JSON."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from gaap.conf import conf
from gaap.outbox.models import OutboxEvent

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/cloudevents+json"
POSITION_DIGITS = 20


def cloud_event(event: OutboxEvent) -> dict[str, Any]:
    """Return a placed event as a CloudEvent.

    ``sequence`` is the extension of that name: the position in the service's stream, in as many digits that texts
    sort as numbers do.
    """
    document = envelope(
        id=event.id, service_id=event.service_id, type=event.name, subject=event.subject, occurred_at=event.occurred_at
    )
    return {**document, "sequence": f"{event.position:0{POSITION_DIGITS}d}", "data": event.data}


def envelope(
    *, id: uuid.UUID, service_id: uuid.UUID | None, type: str, subject: str, occurred_at: datetime
) -> dict[str, Any]:
    """Return the attributes that every CloudEvent of ours has. ``source`` and ``id`` together are unique."""
    return {
        "specversion": SPEC_VERSION,
        "id": str(id),
        "source": f"{conf.base_url}services/{service_id}",
        "type": type,
        "subject": subject,
        "time": timestamp(occurred_at),
        "datacontenttype": "application/json",
    }


def timestamp(moment: datetime) -> str:
    """Return a time as RFC 3339 has it, in UTC and to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_bytes(document: dict[str, Any]) -> bytes:
    """Return a document as it goes over the wire; the same document always gives the same bytes."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
