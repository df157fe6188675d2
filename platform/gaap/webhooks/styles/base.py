"""What a style of webhooks decides, and the registry in which components add theirs."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import ClassVar

from gaap.providers.registry import Registry


@dataclass(frozen=True)
class Message:
    """What is about to be sent. ``secrets`` are the webhook's usable ones, newest first."""

    id: str
    type: str
    body: bytes = field(repr=False)
    secrets: Sequence[str] = field(repr=False)


class Style(ABC):
    """How webhooks of one kind are sent. The engine makes the call, keeps what came of it, and tries again."""

    #: The media type of the body.
    content_type: ClassVar[str] = "application/json"
    #: How long one call may take.
    timeout_seconds: ClassVar[float] = 5.0
    #: The waits between tries; a delivery has failed when the try after the last one does.
    ladder: ClassVar[Sequence[timedelta]] = ()
    #: Whether messages about one subject wait for each other.
    keeps_order: ClassVar[bool] = False
    #: How long nothing may get through before the webhook is disabled; None keeps it active.
    disables_after: ClassVar[timedelta | None] = None
    #: How long a delivery and its attempts are kept once it is made or given up.
    keeps_for: ClassVar[timedelta] = timedelta(days=7)
    #: Whether the receiver may ask for a pause (Retry-After on 429 and 503).
    honours_pauses: ClassVar[bool] = False

    @abstractmethod
    def headers(self, message: Message) -> Mapping[str, str]:
        """Return the headers that show the receiver who sends."""

    def is_retried(self, status: int | None) -> bool:
        """Tell whether a failed try is repeated; ``status`` is None when no answer came."""
        return True

    def is_gone(self, status: int | None) -> bool:
        """Tell whether the answer means that nothing should ever be sent there again."""
        return False

    def is_delivered(self, status: int | None) -> bool:
        """Tell whether the answer means that the receiver has the message."""
        return status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


styles: Registry[Style] = Registry("webhook style", package="gaap.webhooks.styles", entry_point_group="gaap.webhooks")


def style_named(name: str) -> Style:
    """Return the style known as ``name``; raises UnknownProviderError when its component is not installed."""
    return styles.get(name)()
