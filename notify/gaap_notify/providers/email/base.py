"""What a provider of emails is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from gaap.providers.registry import Registry
from gaap_notify.providers.base import Provider


@dataclass(frozen=True)
class EmailMessage:
    """An email to hand over. ``headers`` are added to the usual ones."""

    id: UUID
    from_name: str
    from_address: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    reply_to: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class EmailProvider(Provider[EmailMessage]):
    """Base of the providers of emails."""


email_providers: Registry[EmailProvider] = Registry(
    "email", package="gaap_notify.providers.email", entry_point_group="gaap_notify.providers.email"
)
