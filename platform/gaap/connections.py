"""Connections of the outgoing door: to a checked address, and over by a deadline."""

import ssl
import time
from collections.abc import Iterable
from functools import cache
from typing import Any

import httpcore
import httpx

from gaap.addresses import resolve


class CheckedTransport(httpx.HTTPTransport):
    """HTTPX's transport for one thread's calls, each over by its deadline, without proxies from the environment.

    One connection is kept open between calls.
    """

    def __init__(self) -> None:
        super().__init__(verify=_trust(), trust_env=False)
        self._deadline = _Deadline()
        backend = _CheckedBackend(self._deadline)
        self._pool = httpcore.ConnectionPool(ssl_context=_trust(), network_backend=backend, max_connections=1)

    @property
    def is_connected(self) -> bool:
        """True when a connection of an earlier call waits to be used again."""
        return any(connection.is_idle() for connection in self._pool.connections)

    def begin(self, seconds: float) -> None:
        """Let the next call end within ``seconds`` from now."""
        self._deadline.restart(seconds)


class _Deadline:
    """The end of a call. A limit for each read alone would let a peer drip its answer for hours."""

    def __init__(self) -> None:
        self._ends = 0.0

    def restart(self, seconds: float) -> None:
        """Move the end to ``seconds`` from now."""
        self._ends = time.monotonic() + seconds

    def left(self, wanted: float | None) -> float:
        """Return how many seconds the next step may take; raises ReadTimeout when none are left."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("The call took too long.")
        return left if wanted is None else min(left, wanted)


class _CheckedBackend(httpcore.SyncBackend):
    """Connects to an address that was checked, under the name that was asked for."""

    def __init__(self, deadline: _Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            address = resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("The name has no address.") from error
        left = self._deadline.left(timeout)
        return _TimedStream(super().connect_tcp(address, port, left, local_address, socket_options), self._deadline)


class _TimedStream(httpcore.NetworkStream):
    """A stream that nothing holds open beyond the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


@cache
def _trust() -> ssl.SSLContext:
    """Return the authorities we trust; reading them takes longer than most calls."""
    return ssl.create_default_context()
