"""The id by which everything that one request caused can be found again."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from gaap.identifiers import new_uuid

HEADER = "X-Request-Id"
USABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")

_request_id: ContextVar[str] = ContextVar("gaap_request_id", default="")


def request_id() -> str:
    """Return the id of the request that is being answered, or an empty text outside one."""
    return _request_id.get()


def usable_request_id(offered: str) -> str:
    """Return ``offered`` when it is 8 to 64 letters, digits, dots, dashes and underscores, else a new id.

    A proxy's id is kept so that its log and ours can be laid side by side; anything else could forge lines of log.
    """
    return offered if USABLE.fullmatch(offered) else str(new_uuid())


@contextmanager
def named_request(name: str) -> Iterator[None]:
    """Within the block, ``name`` is the request's id."""
    token = _request_id.set(name)
    try:
        yield
    finally:
        _request_id.reset(token)
