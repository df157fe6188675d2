"""Those who carry messages: one folder per channel, one file per provider."""

from collections.abc import Mapping
from typing import Any

from gaap.providers.registry import Registry
from gaap_notify.conf import ProviderConfig
from gaap_notify.providers.base import Provider
from gaap_notify.providers.email.base import email_providers
from gaap_notify.providers.letters.base import letter_providers
from gaap_notify.providers.sms.base import sms_providers

#: Every channel's registry.
REGISTRIES: Mapping[str, Registry[Any]] = {
    "email": email_providers,
    "sms": sms_providers,
    "letter": letter_providers,
}


def make_provider(channel: str, config: ProviderConfig) -> Provider[Any]:
    """Return the provider that ``config`` describes; raises UnknownProviderError."""
    made: Provider[Any] = REGISTRIES[channel].get(config.backend)(alias=config.alias, **config.options)
    return made
