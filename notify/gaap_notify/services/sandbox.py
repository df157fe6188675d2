"""The sandbox's side of delivery reports: it calls at the same door as every supplier."""

from datetime import timedelta

from gaap.clock import now
from gaap.conf import conf as kernel_conf
from gaap.work import claim, held
from gaap_notify.conf import SANDBOX
from gaap_notify.models import Receipt, SandboxMessage
from gaap_notify.providers.sandbox import sign_report, sign_text
from gaap_notify.services.receipts import receive_receipt


class NoSandboxError(Exception):
    """There is no sandbox here, because real people are served."""


BETWEEN_REPORTS = timedelta(minutes=1)


def post_report(message_id: int) -> None:
    """Post the next report on a message through the receipt door; nothing when none is due.

    A repeat after a crash carries the same event id and is known as one.
    """
    message = SandboxMessage.objects.filter(pk=message_id).first()
    if message is None or not claim(message):
        return
    headers, body = sign_report(message, message.reports[0])
    receive_receipt(message.channel, message.provider, headers, body)
    remaining = message.reports[1:]
    held(message).update(reports=remaining, due_at=now() + BETWEEN_REPORTS if remaining else None)


def send_text_to_service(*, sender: str, recipient: str, text: str) -> Receipt.Outcome:
    """Let the sandbox hand on a text as if a person had sent it; numbers with country code, without the plus.

    Raises NoSandboxError in production.
    """
    if kernel_conf.is_production:
        raise NoSandboxError("In production, texts come from people.")
    headers, body = sign_text(sender, recipient, text)
    return receive_receipt("sms", SANDBOX, headers, body, door=Receipt.Door.INBOUND)
