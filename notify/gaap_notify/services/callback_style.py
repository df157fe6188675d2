"""How the contract's callbacks are sent (spec A.15): JSON, a bearer token, five seconds, five more tries."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import ClassVar

from gaap.webhooks.styles.base import Message, Style, styles

CALLBACK_STYLE = "notify"
_SERVER_FAULTS = 500


@styles.register(CALLBACK_STYLE)
class CallbackStyle(Style):
    """Notify's callbacks. They carry no signature; the token says who calls."""

    timeout_seconds: ClassVar[float] = 5.0
    ladder: ClassVar[Sequence[timedelta]] = (timedelta(seconds=300),) * 5

    def headers(self, message: Message) -> Mapping[str, str]:
        """Return the service's own token."""
        return {"Authorization": f"Bearer {message.secrets[0]}"}

    def is_retried(self, status: int | None) -> bool:
        """Try again after no answer, 429 and server faults; other refusals are meant."""
        return status is None or status == HTTPStatus.TOO_MANY_REQUESTS or status >= _SERVER_FAULTS
