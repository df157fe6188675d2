"""The suite's own webhooks: CloudEvents, signed as the Standard Webhooks specification says."""

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import ClassVar

from gaap.events.cloudevents import CONTENT_TYPE
from gaap.webhooks.models.subscriptions import STANDARD
from gaap.webhooks.signing import sign
from gaap.webhooks.styles.base import Message, Style, styles


@styles.register(STANDARD)
class StandardStyle(Style):
    """Sends each event of the stream, in order per subject, until the receiver has it."""

    content_type: ClassVar[str] = CONTENT_TYPE
    timeout_seconds: ClassVar[float] = 15.0
    ladder: ClassVar[Sequence[timedelta]] = (
        timedelta(seconds=5),
        timedelta(seconds=30),
        timedelta(minutes=5),
        timedelta(minutes=30),
        timedelta(hours=2),
        timedelta(hours=8),
        timedelta(days=1),
        timedelta(days=2),
    )
    keeps_order: ClassVar[bool] = True
    disables_after: ClassVar[timedelta | None] = timedelta(days=3)
    keeps_for: ClassVar[timedelta] = timedelta(days=30)
    honours_pauses: ClassVar[bool] = True

    def headers(self, message: Message) -> Mapping[str, str]:
        """Return id, time and signatures."""
        # The machine's time: receivers compare it with theirs, which nobody moves.
        timestamp = int(time.time())
        signature = sign(message.body, secrets=message.secrets, id=message.id, timestamp=timestamp)
        return {"webhook-id": message.id, "webhook-timestamp": str(timestamp), "webhook-signature": signature}

    def is_gone(self, status: int | None) -> bool:
        """410 says that nobody listens there any more."""
        return status == HTTPStatus.GONE
