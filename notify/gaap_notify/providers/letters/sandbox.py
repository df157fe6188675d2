"""Letters in the sandbox; what it does with them stands in ``gaap_notify.providers.sandbox``."""

from collections.abc import Mapping

from gaap_notify.providers import sandbox
from gaap_notify.providers.base import Accepted, DeliveryReport
from gaap_notify.providers.letters.base import LetterProvider, PrintJob, letter_providers


@letter_providers.register("sandbox")
class SandboxLetterProvider(LetterProvider):
    """Takes letters and keeps note of them for the outbox, where their PDF can be read."""

    receipt_headers = (sandbox.SIGNATURE_HEADER,)
    prints_at_once = True

    def send(self, message: PrintJob) -> Accepted:
        """Take every letter of the job."""
        for letter in message.letters:
            sandbox.take(
                letter.id,
                to=letter.address,
                channel="letter",
                provider=self.alias,
                sender=letter.postage,
                subject=letter.subject,
                body="",
            )
        return Accepted(str(message.id))

    def parse_receipt(self, headers: Mapping[str, str], body: str) -> DeliveryReport:
        """Verify and read the sandbox's own receipt."""
        return sandbox.read_report(headers, body)
