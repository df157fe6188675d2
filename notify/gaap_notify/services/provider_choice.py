"""Which provider carries a message.

Messages of test keys go to the sandbox; a service may have a provider of its own; all others are shared between the
channel's active providers by weight. A provider that just failed a message does not get it again while there is
another one, and one that rests gets nothing.
"""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gaap.clock import now
from gaap.conf import conf as kernel_conf
from gaap.keys.models import ApiKey
from gaap.providers.errors import ProviderError
from gaap.providers.registry import UnknownProviderError
from gaap.snapshots import Snapshots
from gaap_notify.conf import SANDBOX, ProviderConfig, conf
from gaap_notify.models import Notification, NotifySettings, ProviderState
from gaap_notify.providers import make_provider
from gaap_notify.providers.base import Provider


class NobodyReadyError(Exception):
    """Every provider that could carry the message rests; ``until`` says how long."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def choose_alias(notification: Notification, *, settings: NotifySettings) -> str:
    """Return the alias of the provider that should carry the message; raises NobodyReadyError."""
    channel = notification.type
    if notification.key_type == ApiKey.Type.TEST:
        return SANDBOX
    own = settings.provider_alias(channel)
    states = [state for state in states_of(channel) if state.alias == own or not own]
    if not states:
        return own or conf.default_alias(channel)
    failed = notification.provider if notification.failure else ""
    return _weighted(_ready(states, failed=failed)).alias


def provider_named(notification: Notification, alias: str) -> Provider[Any]:
    """Return the provider; raises ProviderError, not permanent, when it is not set up: an operator can mend that."""
    config = conf.providers(notification.type).get(alias)
    if config is None:
        raise ProviderError(f"No {notification.type} provider {alias!r} is configured.", permanent=False)
    _refuse_sandbox(config, notification)
    try:
        return make_provider(notification.type, config)
    except UnknownProviderError as error:
        raise ProviderError(str(error), permanent=False) from error


def states_of(channel: str) -> Sequence[ProviderState]:
    """Return the states of the channel's providers that may get something."""
    return _states.get(channel)


def forget_states(channel: str) -> None:
    """Read the states anew; to be called by whoever changed one."""
    _states.forget(channel)


def _load(channel: str) -> Sequence[ProviderState]:
    configured = conf.providers(channel)
    rows = ProviderState.objects.filter(channel=channel, is_active=True)
    return [row for row in rows if row.alias in configured]


_states: Snapshots[str, Sequence[ProviderState]] = Snapshots(_load)


def _ready(states: Sequence[ProviderState], *, failed: str) -> Sequence[ProviderState]:
    moment = now()
    awake = [state for state in states if not state.is_resting(moment)]
    if not awake:
        raise NobodyReadyError(min(state.resting_until for state in states if state.resting_until))
    return [state for state in awake if state.alias != failed] or awake


def _weighted(states: Sequence[ProviderState]) -> ProviderState:
    # A share of nothing is still something when nobody else is there.
    weights = [state.share for state in states]
    return random.choices(states, weights if any(weights) else None)[0]  # noqa: S311


def _refuse_sandbox(config: ProviderConfig, notification: Notification) -> None:
    is_for_everybody = notification.service.is_live and notification.key_type != ApiKey.Type.TEST
    if config.is_sandbox and kernel_conf.is_production and is_for_everybody:
        raise ProviderError("The sandbox carries no messages of live services in production.", permanent=False)
