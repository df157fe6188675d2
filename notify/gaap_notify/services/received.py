"""Text messages that people have sent to a service: reading them, and keeping what arrives."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from gaap.clock import now
from gaap.organisations.models import Service
from gaap_notify.models import Notification, ReceivedText
from gaap_notify.services.service_settings import recipient_digest

PAGE_SIZE = 250


def list_received_texts(service_id: UUID, *, older_than: UUID | None = None) -> list[ReceivedText]:
    """Return one page of the service's received texts, newest first (spec A.11).

    ``older_than`` is the last id of the page before; an unknown one, or another service's, gives an empty page.
    """
    found = ReceivedText.objects.for_service(service_id)
    if older_than is not None:
        last = found.filter(pk=older_than).only("id", "created_at").first()
        if last is None:
            return []
        found = found.older_than(last)
    return list(found[:PAGE_SIZE])


def keep_received_text(
    service: Service, *, user_number: str, notify_number: str, content: str, received_at: datetime | None = None
) -> ReceivedText:
    """Keep a text that arrived and return it. ``user_number`` is E.164 without the plus, as ``447700900111``."""
    return ReceivedText.objects.create(
        service=service,
        user_number=user_number,
        user_digest=recipient_digest(user_number),
        notify_number=notify_number,
        content=content,
        created_at=received_at or now(),
    )


@dataclass(frozen=True)
class Line:
    """One text of a conversation; ``is_ours`` tells which way it went."""

    at: datetime
    body: str = field(repr=False)
    is_ours: bool


def conversation(text: ReceivedText) -> list[Line]:
    """Return what the service and the person who sent ``text`` have texted each other, oldest first."""
    theirs = ReceivedText.objects.filter(service_id=text.service_id, user_digest=text.user_digest)
    ours = Notification.objects.filter(service_id=text.service_id, recipient_digest=text.user_digest, type="sms")
    lines = [Line(row.created_at, row.content, is_ours=False) for row in theirs.order_by("-created_at")[:PAGE_SIZE]]
    lines += [Line(row.created_at, row.body, is_ours=True) for row in ours.order_by("-created_at")[:PAGE_SIZE]]
    return sorted(lines, key=lambda line: line.at)
