"""The one door for calls to addresses that somebody else chose.

A name is resolved here, every address it has is checked, and the connection goes to an address that was checked; so a
name that changes its answer between check and use (DNS rebinding) gains nothing. There are no redirects, one short
time limit for the whole call, and a cap on the answer's size. Loopback addresses are allowed on embedded instances
only.
"""

import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Self

import httpx

from gaap.addresses import AddressRefusedError, OutgoingError, check_host
from gaap.conf import conf
from gaap.connections import CheckedTransport

__all__ = ["AddressRefusedError", "Answer", "Door", "OutgoingError", "call", "check_url"]

TIMEOUT_SECONDS = 5.0
MAX_BODY_BYTES = 1_000_000
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True)
class Answer:
    """What came back: ``body`` is at most the cap asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout: float = TIMEOUT_SECONDS,
    max_bytes: int = MAX_BODY_BYTES,
    is_cut: bool = False,
) -> Answer:
    """Make one call and return its answer, whatever its status.

    ``timeout`` is in seconds, for the whole call. An answer longer than ``max_bytes`` is refused, or cut off there
    with ``is_cut``. Raises AddressRefusedError for an address that is not public (or a scheme other than https outside
    embedded mode), OutgoingError for everything else.
    """
    with Door() as door:
        return door.call(method, url, headers=headers, body=body, timeout=timeout, max_bytes=max_bytes, is_cut=is_cut)


class Door:
    """The same for many calls of one thread: a connection is kept open between them.

    A peer may close a connection that waits just when it is used again; such a call is made once more on a new one, so
    use it only for what may arrive twice.
    """

    def __init__(self) -> None:
        self._transport = CheckedTransport()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._transport.close()

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = TIMEOUT_SECONDS,
        max_bytes: int = MAX_BODY_BYTES,
        is_cut: bool = False,
    ) -> Answer:
        """Make one call and return its answer; arguments and errors as those of ``call``."""
        check_url(url)
        # A compressed answer could be small on the way and huge here.
        asked = {**(headers or {}), "Accept-Encoding": "identity"}
        limits = dict.fromkeys(("connect", "read", "write", "pool"), timeout)
        self._transport.begin(timeout)
        try:
            request = httpx.Request(method, url, headers=asked, content=body, extensions={"timeout": limits})
            with closing(self._send(request)) as response:
                return Answer(response.status_code, dict(response.headers), _read(response, max_bytes, is_cut=is_cut))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            host = httpx.URL(url).raw_host.decode("ascii")
            raise OutgoingError(f"{type(error).__name__} while calling {host}") from error

    def _send(self, request: httpx.Request) -> httpx.Response:
        was_connected = self._transport.is_connected
        try:
            return self._transport.handle_request(request)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            if not was_connected:
                raise
            return self._transport.handle_request(request)


def check_url(url: str) -> None:
    """Raise AddressRefusedError unless ``url`` is one that may be called; a name is resolved when it is called."""
    try:
        parsed = httpx.URL(url)
        has_host = bool(parsed.host)  # decodes an international name, which may fail
    except (httpx.InvalidURL, UnicodeError) as error:
        raise AddressRefusedError("Not a URL.") from error
    if _UNSAFE.search(url):
        raise AddressRefusedError("Not a URL.")
    schemes = ("https", "http") if conf.is_embedded else ("https",)
    if parsed.scheme not in schemes:
        raise AddressRefusedError(f"Only {' and '.join(schemes)} addresses are called.")
    if not has_host or parsed.userinfo:
        raise AddressRefusedError("The address needs a host and holds no password.")
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise AddressRefusedError("The port lies between 1 and 65535.")
    check_host(parsed.raw_host.decode("ascii"))


def _read(response: httpx.Response, max_bytes: int, *, is_cut: bool) -> bytes:
    kept = bytearray()
    for chunk in response.iter_raw():
        kept += chunk
        if len(kept) > max_bytes:
            if not is_cut:
                raise OutgoingError(f"The answer is larger than {max_bytes} bytes.")
            break
    return bytes(kept[:max_bytes])
