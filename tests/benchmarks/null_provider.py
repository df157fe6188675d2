"""A provider of text messages that takes everything at once: what is left to measure is the engine."""

import json
from collections.abc import Mapping
from typing import ClassVar
from uuid import uuid4

from gaap_notify.providers.base import Accepted, DeliveryReport
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

    def parse_receipt(self, headers: Mapping[str, str], body: str) -> DeliveryReport:
        """Read a receipt that a benchmark wrote; nobody else knows of this provider."""
        report = json.loads(body)
        return DeliveryReport(event_id=report["event"], provider_id=report["message"], status=report["status"])
