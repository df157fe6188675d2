"""Twilio's side of the wire, on loopback: it keeps a book of what it took and answers as it is told."""

import threading
import time
from base64 import b64decode
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.loopback import QuietHandler, serve

ACCOUNT = "AC" + "0" * 32
TOKEN = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Refusal:
    """An answer that is no success.

    ``hangs_up`` takes the message and closes the line without an answer; ``is_garbage`` takes it and answers with
    something that nobody can read.
    """

    status: int = 400
    code: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    hangs_up: bool = False
    is_garbage: bool = False

    @property
    def takes(self) -> bool:
        """Whether the message is taken although the answer does not say so."""
        return self.hangs_up or self.is_garbage


@dataclass
class Peer:
    """What the peer knows. ``refuse`` is asked for each message, ``seconds`` is how slow it is."""

    url: str = ""
    book: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    refusals: deque[Refusal] = field(default_factory=deque)
    refusal: Refusal | None = None
    seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def refusal_for(self, fields: dict[str, str]) -> Refusal | None:
        """Return how a message is refused; None takes it."""
        return self.refusals.popleft() if self.refusals else self.refusal

    def take(self, fields: dict[str, str]) -> dict[str, Any]:
        """Write a message into the book and return it as Twilio shows it."""
        with self.lock:
            message = {
                "sid": f"SM{len(self.book):032x}",
                "account_sid": ACCOUNT,
                "to": fields["To"],
                "from": fields.get("From"),
                "body": fields["Body"],
                "status": "queued",
                "date_created": format_datetime(datetime.now(UTC)),
                "status_callback": fields.get("StatusCallback"),
            }
            self.book.append(message)
        return message


class _Handler(QuietHandler):
    peer: Peer

    def do_POST(self) -> None:
        body = self.read_body().decode()
        fields = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        self.peer.requests.append(("POST", self.path, fields))
        time.sleep(self.peer.seconds)
        refusal = self.peer.refusal_for(fields)
        if self.headers.get("Authorization", "").partition(" ")[2] != "" and not self._is_known():
            refusal = Refusal(401, 20003)
        if refusal is not None and not refusal.takes:
            answer = {"status": refusal.status, "code": refusal.code or None, "message": "refused"}
            self.send_json(refusal.status, answer, refusal.headers)
            return
        message = self.peer.take(fields)
        if refusal is not None and refusal.hangs_up:
            self.close_connection = True
            self.connection.close()
            return
        if refusal is not None:
            self.send(201, b"<html>\xff", (("Content-Type", "text/html"),))
            return
        self.send_json(201, message)

    def do_GET(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.peer.requests.append(("GET", self.path, query))
        if self.peer.refusal is not None and not self.peer.refusal.takes:
            status = self.peer.refusal.status
            self.send_json(status, {"status": status, "code": 0, "message": "refused"})
            return
        found = [message for message in reversed(self.peer.book) if message["to"] == query.get("To")]
        self.send_json(200, {"messages": found, "page": 0, "page_size": 50, "next_page_uri": None})

    def _is_known(self) -> bool:
        return b64decode(self.headers["Authorization"].partition(" ")[2]).decode() == f"{ACCOUNT}:{TOKEN}"


@contextmanager
def twilio_peer(port: int = 0, *, peer: Peer | None = None) -> Iterator[Peer]:
    """Run the peer for the block."""
    peer = peer or Peer()
    with serve(_Handler, port=port, peer=peer) as peer.url:
        yield peer
