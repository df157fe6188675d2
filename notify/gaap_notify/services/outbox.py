"""The local outbox: what the sandbox took, as whoever tries the platform out wants to read it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from gaap_notify.models import Notification, SandboxMessage
from gaap_notify.providers.sandbox import recipient_digest
from gaap_notify.recipients import RecipientError
from gaap_notify.services.recipients import normalise_recipient
from gaap_notify.states import COMPLETED, FAILURES, STATUS_LABELS


@dataclass(frozen=True)
class OutboxEntry:
    """A message with what has become of its notification since; ``notification`` is None when that is gone."""

    message: SandboxMessage
    notification: Notification | None

    @property
    def to(self) -> str:
        """The recipient; a number in international form."""
        is_number = self.message.channel == "sms"
        return f"+{self.message.recipient}" if is_number else self.message.recipient

    @property
    def status(self) -> str:
        """The notification's status."""
        return self.notification.status if self.notification else ""

    @property
    def status_label(self) -> str:
        """The status in the reader's language."""
        return str(STATUS_LABELS.get(self.status, self.status))

    @property
    def status_kind(self) -> str:
        """Whether the status is ``good``, ``bad`` or still ``waiting``."""
        if self.status in FAILURES:
            return "bad"
        return "good" if self.status in COMPLETED else "waiting"

    @property
    def template(self) -> str:
        """The name of the template."""
        return self.notification.template_version.name if self.notification else ""


def messages_to(recipient: str = "") -> "QuerySet[SandboxMessage]":
    """Return what was sent, newest first: everything, or what went to ``recipient`` in whatever form it is written."""
    messages = SandboxMessage.objects.order_by("-created_at", "-pk")
    if not recipient.strip():
        return messages
    return messages.filter(recipient_digest__in=[recipient_digest(form) for form in _forms(recipient)])


def as_entries(messages: Iterable[SandboxMessage]) -> list[OutboxEntry]:
    """Return the messages with their notifications, which are fetched at once."""
    found = list(messages)
    rows = Notification.objects.select_related("template_version").in_bulk([row.notification_id for row in found])
    return [OutboxEntry(message, rows.get(message.notification_id)) for message in found]


def find_entry(notification_id: UUID) -> OutboxEntry | None:
    """Return the message that a notification became, or None."""
    return next(iter(as_entries(SandboxMessage.objects.filter(notification_id=notification_id))), None)


def _forms(recipient: str) -> set[str]:
    """Return the forms in which a recipient may be stored."""
    if "@" in recipient:
        return {recipient.strip().lower()}
    forms = {re.sub(r"\D", "", recipient)}
    try:
        forms.add(normalise_recipient(recipient, channel="sms"))
    except RecipientError:
        # Part of a number, or one of another region: the digits as they stand are what can be looked for.
        return forms
    return forms
