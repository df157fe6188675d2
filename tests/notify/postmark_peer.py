"""Postmark's side of the wire, on loopback: it keeps what it was sent and answers as it is told."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.loopback import QuietHandler, serve

WEBHOOK_SECRET = "sender:long-and-secret"


@dataclass
class Peer:
    """What it knows, and how it answers."""

    url: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    status: int = 200
    code: int = 0
    words: str = "OK"


class _Handler(QuietHandler):
    peer: Peer

    def do_POST(self) -> None:
        given = json.loads(self.read_body())
        peer = self.peer
        peer.tokens.append(self.headers.get("X-Postmark-Server-Token"))
        if peer.status == 200:
            peer.sent.append(given)
        answer = {"ErrorCode": peer.code, "Message": peer.words, "MessageID": f"pm-{len(peer.sent)}", "To": given["To"]}
        self.send_json(peer.status, answer)


@contextmanager
def postmark_peer() -> Iterator[Peer]:
    """Run the peer for the block."""
    peer = Peer()
    with serve(_Handler, peer=peer) as address:
        peer.url = f"{address}/"
        yield peer


def options(url: str) -> dict[str, Any]:
    """Return the options of a provider that speaks to the peer."""
    return {"esp": "postmark", "webhook_secret": WEBHOOK_SECRET, "server_token": "token", "api_url": url}
