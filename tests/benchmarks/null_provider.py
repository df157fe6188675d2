"""A provider of text messages that takes everything at once and tells nobody: what is left to measure is the engine."""

from typing import ClassVar
from uuid import uuid4

from gaap_notify.providers.base import Accepted
from gaap_notify.providers.sms.base import SmsMessage, SmsProvider, sms_providers

IDENTIFIER = "null"


@sms_providers.register(IDENTIFIER)
class NullProvider(SmsProvider):
    """Takes a message and forgets it."""

    reports_delivery: ClassVar[bool] = False
    concurrency: ClassVar[int] = 1

    def send(self, message: SmsMessage) -> Accepted:
        """Take it."""
        return Accepted(str(uuid4()))
