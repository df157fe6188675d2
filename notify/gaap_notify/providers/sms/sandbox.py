"""Text messages in the sandbox; what it does with them stands in ``gaap_notify.providers.sandbox``."""

from collections.abc import Mapping

from gaap_notify.providers import sandbox
from gaap_notify.providers.base import Accepted, DeliveryReport, InboundText
from gaap_notify.providers.sms.base import SmsMessage, SmsProvider, sms_providers


@sms_providers.register("sandbox")
class SandboxSmsProvider(SmsProvider):
    """Takes text messages and keeps them for the outbox."""

    settled_by = "repeating"
    #: It works on our own database.
    concurrency = 1
    receipt_headers = (sandbox.SIGNATURE_HEADER,)

    def send(self, message: SmsMessage) -> Accepted:
        """Take the message; raises ProviderError for the recipients that the sandbox's table names."""
        return sandbox.take(
            message.id, to=message.to, channel="sms", provider=self.alias, sender=message.sender, body=message.body
        )

    def parse_receipt(self, headers: Mapping[str, str], body: str) -> DeliveryReport:
        """Verify and read the sandbox's own receipt."""
        return sandbox.read_report(headers, body)

    def parse_inbound(self, headers: Mapping[str, str], body: str) -> InboundText:
        """Verify and read a text that somebody made with ``manage.py sandbox_text``."""
        return sandbox.read_text(headers, body)
