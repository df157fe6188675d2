"""How many requests a client may send: a window of 60 seconds that slides over two minutes' counts (contract A.5)."""

from django.core.cache import cache

from gaap.clock import now
from gaap_identity.errors import TemporarilyUnavailableError
from gaap_identity.models import Client

WINDOW_SECONDS = 60


def spend_request(client: Client) -> None:
    """Count one request of ``client``; raises TemporarilyUnavailableError when it has sent as many as it may.

    No limit lets every request pass, a limit of 0 none. Of the minute before, only the part still in the window
    counts.
    """
    if client.rate_limit is None:
        return
    minute, elapsed = divmod(int(now().timestamp()), WINDOW_SECONDS)
    before = cache.get(_key(client, minute - 1), 0) * (WINDOW_SECONDS - elapsed) / WINDOW_SECONDS
    if before + _count(client, minute) > client.rate_limit:
        raise TemporarilyUnavailableError("The client has sent too many requests")


def _count(client: Client, minute: int) -> int:
    """Add one to the minute's count and return it."""
    key = _key(client, minute)
    cache.add(key, 0, 3 * WINDOW_SECONDS)
    try:
        return cache.incr(key)
    except ValueError:  # It ran out, or was evicted, between the two calls.
        return 1


def _key(client: Client, minute: int) -> str:
    return f"identity.requests.{client.pk}.{minute}"
