"""The sandbox: a supplier that takes every message, sends none, and reports on each through the receipt door.

What it does depends on the recipient alone. A number counts by its last ten digits:

==============  =============================  ==========================================================
Text to         Email to                       What happens
==============  =============================  ==========================================================
7700900002      perm-fail@simulator.notify     taken, then reported as ``permanent-failure``
7700900003      temp-fail@simulator.notify     taken, then reported as ``temporary-failure``
7700900004      unavailable@simulator.notify   not taken: every try fails, and another follows
7700900005      refused@simulator.notify       not taken, for good: ``technical-failure``
7700900006      slow@simulator.notify          taken, reported as ``pending``, a minute later as ``delivered``
              complain@simulator.notify      taken, reported as ``delivered``, a minute later a complaint
anybody else    anybody else                   taken, then reported as ``delivered``
==============  =============================  ==========================================================

The first two rows are those of the contract (A.14). A repeat of a message is answered with the same id, as by a
supplier that honours an idempotency key. What it took can be read in the outbox of an embedded instance.
"""

import hmac
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import F

from gaap.clock import now
from gaap.crypto import keyed_digest
from gaap.identifiers import new_base32_id
from gaap.providers.errors import ProviderError
from gaap_notify.hints import wake_task
from gaap_notify.models.sandbox import SandboxMessage
from gaap_notify.providers.base import COMPLAINT, Accepted, DeliveryReport, InboundText, ReceiptRefusedError

SIGNATURE_HEADER = "sandbox-signature"

#: The supplier's words and ours.
STATUSES = {
    "DELIVERED": "delivered",
    "QUEUED_BY_NETWORK": "pending",
    "NO_SUCH_RECIPIENT": "permanent-failure",
    "RECIPIENT_AWAY": "temporary-failure",
    "COMPLAINED": COMPLAINT,
}
_REPORTS = {
    "7700900002": ["NO_SUCH_RECIPIENT"],
    "perm-fail@simulator.notify": ["NO_SUCH_RECIPIENT"],
    "7700900003": ["RECIPIENT_AWAY"],
    "temp-fail@simulator.notify": ["RECIPIENT_AWAY"],
    "7700900006": ["QUEUED_BY_NETWORK", "DELIVERED"],
    "slow@simulator.notify": ["QUEUED_BY_NETWORK", "DELIVERED"],
    "complain@simulator.notify": ["DELIVERED", "COMPLAINED"],
}
_UNAVAILABLE = frozenset({"7700900004", "unavailable@simulator.notify"})
_REFUSED = frozenset({"7700900005", "refused@simulator.notify"})


def take(notification_id: UUID, *, to: str, **message: Any) -> Accepted:
    """Take a message once, however often it is handed over; ``message`` are further fields of SandboxMessage.

    Raises ProviderError as the table above says.
    """
    recipient = magic_recipient(to)
    if recipient in _UNAVAILABLE:
        raise ProviderError("The sandbox is unavailable to this recipient.", permanent=False)
    if recipient in _REFUSED:
        raise ProviderError("The sandbox refuses this recipient.", permanent=True)
    taken, is_new = SandboxMessage.objects.get_or_create(
        notification_id=notification_id,
        defaults={
            "provider_id": new_base32_id(),
            "recipient": to,
            "recipient_digest": recipient_digest(to),
            "reports": _REPORTS.get(recipient, ["DELIVERED"]),
            "due_at": now(),
            **message,
        },
    )
    if is_new:
        wake_task("post_sandbox_report", taken.pk)
    else:
        SandboxMessage.objects.filter(pk=taken.pk).update(repeats=F("repeats") + 1)
    return Accepted(taken.provider_id)


def recipient_digest(to: str) -> str:
    """Return what the outbox finds a recipient's messages by."""
    return keyed_digest(to, purpose="notify.sandbox.recipient")


def magic_recipient(to: str) -> str:
    """Return what the table above knows a recipient as."""
    return to if "@" in to else to[-10:]


def sign_report(message: SandboxMessage, status: str) -> tuple[dict[str, str], str]:
    """Return headers and body of the receipt in which the supplier says ``status`` of ``message``."""
    body = json.dumps(
        {
            "event": f"{message.provider_id}.{status}",
            "message": message.provider_id,
            "reference": str(message.notification_id),
            "status": status,
        }
    )
    return {SIGNATURE_HEADER: _signature(body)}, body


def read_report(headers: Mapping[str, str], body: str) -> DeliveryReport:
    """Verify and read a receipt; raises ReceiptRefusedError."""
    if not hmac.compare_digest(headers.get(SIGNATURE_HEADER, "").encode(), _signature(body).encode()):
        raise ReceiptRefusedError("The signature is missing or wrong.")
    report = json.loads(body)
    return DeliveryReport(
        event_id=report["event"],
        provider_id=report["message"],
        status=STATUSES[report["status"]],
        detail=report["status"],
        notification_id=UUID(report["reference"]),
    )


def sign_text(sender: str, recipient: str, text: str) -> tuple[dict[str, str], str]:
    """Return headers and body of the call in which the supplier hands on a text; numbers without the plus."""
    body = json.dumps({"event": new_base32_id(), "from": sender, "to": recipient, "text": text})
    return {SIGNATURE_HEADER: _signature(body)}, body


def read_text(headers: Mapping[str, str], body: str) -> InboundText:
    """Verify and read a text that somebody sent; raises ReceiptRefusedError."""
    if not hmac.compare_digest(headers.get(SIGNATURE_HEADER, "").encode(), _signature(body).encode()):
        raise ReceiptRefusedError("The signature is missing or wrong.")
    text = json.loads(body)
    return InboundText(event_id=text["event"], sender=text["from"], recipient=text["to"], text=text["text"])


def _signature(body: str) -> str:
    return keyed_digest(body, purpose="notify.sandbox.receipt")
