"""Emails of the platform itself on an embedded instance: kept for the outbox, as the sandbox keeps everything else."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from gaap.identifiers import new_uuid
from gaap_notify.models import SandboxMessage
from gaap_notify.models.channels import Channel
from gaap_notify.providers.sandbox import recipient_digest


class LocalMailBackend(BaseEmailBackend):
    """A mail backend of Django's that sends nothing: each message can be read in the outbox."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the messages, one for each recipient; return how many messages there were."""
        for message in email_messages:
            for recipient in message.recipients():
                _keep(message, recipient)
        return len(email_messages)


def _keep(message: EmailMessage, recipient: str) -> None:
    identifier = new_uuid()
    SandboxMessage.objects.create(
        notification_id=identifier,
        provider_id=str(identifier),
        channel=Channel.EMAIL,
        provider="mail",
        recipient=recipient,
        recipient_digest=recipient_digest(recipient.lower()),
        sender=message.from_email,
        subject=str(message.subject),
        body=str(message.body),
    )
