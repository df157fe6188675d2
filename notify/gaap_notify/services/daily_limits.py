"""How many messages a service may send in a day (spec A.12): counted in the cache, by the day in UTC."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from gaap.clock import now
from gaap.keys.models import ApiKey
from gaap.limits.counters import count_up, counted
from gaap.organisations.models import Service
from gaap_notify.errors import TooManyRequestsError

#: What a live service may send with live and team keys, and every service with test keys.
DAILY: Mapping[str, int] = {"email": 250_000, "sms": 250_000, "letter": 20_000}
#: What a service in trial mode may send with team keys.
TRIAL = 50


def daily_limit(service: Service, *, key_type: str, channel: str) -> int:
    """Return how many messages the service may send on ``channel`` today."""
    is_tried_out = not service.is_live and key_type != ApiKey.Type.TEST
    return TRIAL if is_tried_out else DAILY[channel]


def used_today(service: Service, *, key_type: str, channel: str) -> int | None:
    """Return how many messages were accepted today; None when the cache does not answer."""
    return counted(_key(service, key_type, channel))


@contextmanager
def counted_for_today(service: Service, *, key_type: str, channel: str, messages: int = 1) -> Iterator[None]:
    """Count messages that are accepted within the block; they are given back when it raises.

    Raises TooManyRequestsError when they would be more than the day's limit. Messages of test keys count apart.
    """
    key = _key(service, key_type, channel)
    limit, used = daily_limit(service, key_type=key_type, channel=channel), count_up(key, by=messages)
    if used is not None and used > limit:
        count_up(key, by=-messages)
        raise TooManyRequestsError(f"Exceeded send limits ({channel}: {limit}) for today")
    try:
        yield
    except BaseException:
        count_up(key, by=-messages)
        raise


def _key(service: Service, key_type: str, channel: str) -> str:
    kind = "test" if key_type == ApiKey.Type.TEST else "live"
    return f"notify:{service.pk}:{kind}:{channel}:{now():%Y-%m-%d}"
