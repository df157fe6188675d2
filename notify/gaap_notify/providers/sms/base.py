"""What a provider of text messages is."""

from dataclasses import dataclass, field
from uuid import UUID

from gaap.providers.registry import Registry
from gaap_notify.providers.base import Provider


@dataclass(frozen=True)
class SmsMessage:
    """A text message to hand over. ``to`` is E.164 without the plus; ``body`` is sent as it is."""

    id: UUID
    sender: str
    to: str = field(repr=False)
    body: str = field(repr=False)


class SmsProvider(Provider[SmsMessage]):
    """Base of the providers of text messages."""


sms_providers: Registry[SmsProvider] = Registry(
    "sms", package="gaap_notify.providers.sms", entry_point_group="gaap_notify.providers.sms"
)
