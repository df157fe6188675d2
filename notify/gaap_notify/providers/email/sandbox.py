"""Emails in the sandbox; what it does with them stands in ``gaap_notify.providers.sandbox``."""

from collections.abc import Mapping

from gaap_notify.providers import sandbox
from gaap_notify.providers.base import Accepted, DeliveryReport
from gaap_notify.providers.email.base import EmailMessage, EmailProvider, email_providers


@email_providers.register("sandbox")
class SandboxEmailProvider(EmailProvider):
    """Takes emails and keeps them for the outbox."""

    settled_by = "repeating"
    #: It works on our own database.
    concurrency = 1
    receipt_headers = (sandbox.SIGNATURE_HEADER,)

    def send(self, message: EmailMessage) -> Accepted:
        """Take the message; raises ProviderError for the recipients that the sandbox's table names."""
        reply_to = {"Reply-To": message.reply_to} if message.reply_to else {}
        return sandbox.take(
            message.id,
            to=message.to,
            channel="email",
            provider=self.alias,
            sender=f"{message.from_name} <{message.from_address}>",
            subject=message.subject,
            body=message.text,
            html=message.html,
            headers={**reply_to, **message.headers},
        )

    def parse_receipt(self, headers: Mapping[str, str], body: str) -> DeliveryReport:
        """Verify and read the sandbox's own receipt."""
        return sandbox.read_report(headers, body)
