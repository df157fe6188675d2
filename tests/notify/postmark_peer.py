"""Postmark's side of the wire, on loopback: it keeps what it was sent and answers as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

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


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    peer: Peer

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        peer = self.peer
        peer.tokens.append(self.headers.get("X-Postmark-Server-Token"))
        if peer.status == 200:
            peer.sent.append(given)
        answer = {"ErrorCode": peer.code, "Message": peer.words, "MessageID": f"pm-{len(peer.sent)}", "To": given["To"]}
        content = json.dumps(answer).encode()
        self.send_response(peer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def postmark_peer() -> Iterator[Peer]:
    """Run the peer for the block."""
    peer = Peer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"peer": peer}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    peer.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def options(url: str) -> dict[str, Any]:
    """Return the options of a provider that speaks to the peer."""
    return {"esp": "postmark", "webhook_secret": WEBHOOK_SECRET, "server_token": "token", "api_url": url}
