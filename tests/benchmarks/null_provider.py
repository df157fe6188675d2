"""A provider of messages that takes everything at once and tells nobody: what is left to measure is the engine."""

from typing import Any, ClassVar
from uuid import uuid4

from gaap_notify.providers.base import Accepted, Provider


class NullProvider(Provider[Any]):
    """Takes a message and forgets it."""

    reports_delivery: ClassVar[bool] = False
    concurrency: ClassVar[int] = 1

    def send(self, message: Any) -> Accepted:
        """Take it."""
        return Accepted(str(uuid4()))
