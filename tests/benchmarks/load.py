"""HTTP requests as fast as they are answered, over a few kept connections, at next to no cost for the one who asks.

An ordinary client library takes longer to ask than the suite to answer, and the machine would measure that. What is
asked is therefore ready as bytes, and of an answer only its status and its length are read.
"""

import json
import math
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

CONNECTIONS = 4
PATIENCE_SECONDS = 60
RECEIVED_BYTES = 65536


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    head: bytes
    body: bytes

    @property
    def status(self) -> int:
        return int(self.head[9:12])

    def document(self) -> Any:
        """Return the body, read as JSON."""
        return json.loads(self.body)

    def header(self, name: str) -> str:
        """Return a header's value, or an empty text."""
        return next(iter(self.headers(name)), "")

    def headers(self, name: str) -> list[str]:
        """Return the values of every header of that name."""
        lines = (line.partition(b":") for line in self.head.split(b"\r\n")[1:])
        return [value.strip().decode() for found, _, value in lines if found.lower() == name.lower().encode()]


#: Yields requests and is given their answers.
Flow = Generator[bytes, Answer, None]


@dataclass
class Load:
    """What a number of requests came to: how they were answered, how long each took, and all of them."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    lasted: float = 0.0

    @property
    def rate(self) -> float:
        """How many were answered in a second."""
        return len(self.seconds) / self.lasted

    def percentile(self, share: float) -> float:
        """Return the seconds within which this share (0 to 1) of the requests was answered."""
        return sorted(self.seconds)[max(0, math.ceil(share * len(self.seconds)) - 1)]


def request_bytes(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, document: object = None, body: bytes = b""
) -> bytes:
    """Write a request as it goes over the wire, with `document` as JSON or `body` as it is."""
    parts = urlsplit(url)
    lines = [f"{method} {parts.path}{'?' + parts.query if parts.query else ''} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if document is not None:
        body = json.dumps(document).encode()
        lines.append("Content-Type: application/json")
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def times_of(loads: Sequence[Load]) -> dict[str, float]:
    """Return the median and the 95th percentile of the seconds that requests took: of several loads the middle one."""
    shares = {"middle": 0.5, "slow": 0.95}
    return {name: statistics.median(load.percentile(share) for load in loads) for name, share in shares.items()}


def run_load(address: str, requests: Sequence[bytes], *, connections: int = CONNECTIONS) -> Load:
    """Send every request to `address` ("host:port") once, so many at a time, and return what came of it."""
    return run_flows(address, [_one(request) for request in requests], connections=connections)


def run_flows(address: str, flows: Sequence[Flow], *, connections: int = CONNECTIONS, per_second: float = 0.0) -> Load:
    """Go every flow once, so many at a time; each yields requests and is given the answers.

    A flow counts as one, with the status of its last answer. With ``per_second`` flows begin at that rate however soon
    others end, each over a connection of its own as somebody who has just come, and each lasts from when it was due, so
    that waiting for a connection counts.
    """
    began = time.perf_counter()
    due = [began + number / per_second if per_second else 0.0 for number in range(len(flows))]
    load, waiting, lock = Load(), iter(zip(due, flows, strict=True)), threading.Lock()
    askers = [threading.Thread(target=_ask, args=(address, waiting, load, lock)) for _ in range(connections)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    load.lasted = time.perf_counter() - began
    return load


def _one(request: bytes) -> Flow:
    yield request


def _ask(address: str, waiting: Iterator[tuple[float, Flow]], load: Load, lock: threading.Lock) -> None:
    with ExitStack() as kept:
        connection: Connection | None = None
        while True:
            with lock:
                due, flow = next(waiting, (0.0, None))
            if flow is None:
                return
            time.sleep(max(0.0, due - time.perf_counter()))
            began = due or time.perf_counter()
            if connection is None or due:
                connection = kept.enter_context(closing(Connection(address)))
            answer = _go(flow, connection)
            load.seconds.append(time.perf_counter() - began)
            if due:
                # One that stays open and silent would take a thread from those who come.
                kept.close()
            with lock:
                load.statuses[answer.status] += 1


def _go(flow: Flow, connection: "Connection") -> Answer:
    answer = connection.send(next(flow))
    while True:
        try:
            request = flow.send(answer)
        except StopIteration:
            return answer
        answer = connection.send(request)


class Connection:
    """One kept connection. A server may end it between two requests; then there is another."""

    def __init__(self, address: str) -> None:
        host, _, port = address.partition(":")
        self._target = (host, int(port))
        self._socket = self._open()

    def send(self, request: bytes) -> Answer:
        """Send a request and return its answer."""
        try:
            self._socket.sendall(request)
            head, rest = self._head()
        except ConnectionError:
            self.close()
            self._socket = self._open()
            self._socket.sendall(request)
            head, rest = self._head()
        answer, parts = Answer(head, rest), [rest]
        if answer.header("transfer-encoding"):
            return Answer(head, self._chunks(rest))
        left = int(answer.header("content-length")) - len(rest)
        while left > 0:
            parts.append(self._receive())
            left -= len(parts[-1])
        return Answer(head, b"".join(parts))

    def _chunks(self, received: bytes) -> bytes:
        """Return a body that is sent in chunks as it goes over the wire: pages are counted here and not read."""
        while not received.endswith(b"0\r\n\r\n"):
            received += self._receive()
        return received

    def close(self) -> None:
        self._socket.close()

    def _open(self) -> socket.socket:
        made = socket.create_connection(self._target, PATIENCE_SECONDS)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def _head(self) -> tuple[bytes, bytes]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, _, rest = received.partition(b"\r\n\r\n")
        return head, rest

    def _receive(self) -> bytes:
        received = self._socket.recv(RECEIVED_BYTES)
        if not received:
            raise ConnectionResetError("The server has ended the connection.")
        return received
