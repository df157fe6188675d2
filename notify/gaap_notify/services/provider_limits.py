"""Keeping to what a provider takes in a second."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from gaap.clock import now
from gaap.limits.bucket import Policy
from gaap.limits.stores import store
from gaap_notify.conf import conf
from gaap_notify.services.handing_over import HandOver

Waiting = list[tuple[HandOver, datetime]]


def within_limits(hand_overs: Sequence[HandOver]) -> tuple[list[HandOver], Waiting]:
    """Return what may go now, and the rest with the time when it may."""
    ready: list[HandOver] = []
    waiting: Waiting = []
    for hand_over in hand_overs:
        seconds = _wait(hand_over.notification.type, hand_over.alias)
        if seconds:
            waiting.append((hand_over, now() + timedelta(seconds=seconds)))
        else:
            ready.append(hand_over)
    return ready, waiting


def _wait(channel: str, alias: str) -> float:
    """Take one of the provider's places; returns 0, or the seconds until there may be one."""
    config = conf.providers(channel).get(alias)
    per_second = float(config.options.get("PER_SECOND", 0)) if config else 0.0
    if not per_second:
        return 0
    policy = Policy(f"notify-{channel}", max(1, int(per_second)), per_second)
    quota = store().take(f"notify-provider:{channel}:{alias}", policy)
    return 0 if quota.is_allowed else max(1.0, quota.retry_after)
