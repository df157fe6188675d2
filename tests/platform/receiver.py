"""A service's receiver of webhooks: keeps what it was sent and answers as it is told."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The message's id."""
        return self.headers["webhook-id"]

    def verify(self, secret: str):
        """Return the event if the signature stands; raises WebhookVerificationError."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass(frozen=True)
class Reply:
    """An answer to give, after so many seconds."""

    status: int = 204
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    seconds: float = 0.0


class Receiver:
    """Answers with the prepared replies one after another, and with ``default`` after that."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.default = Reply()
        self.replies: deque[Reply] = deque()
        self.url = ""
        self.connections = 0
        self.keeps_alive = False

    def reply(self, *statuses: int) -> None:
        """Prepare answers with these statuses."""
        self.replies.extend(Reply(status) for status in statuses)

    @property
    def ids(self) -> list[str]:
        """The ids in the order of arrival."""
        return [received.id for received in self.received]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Keep the request and answer it."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.received.append(Received(handler.path, headers, body))
        reply = self.replies.popleft() if self.replies else self.default
        time.sleep(reply.seconds)
        handler.send_response(reply.status)
        for name, value in reply.headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        handler.wfile.write(reply.body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address) -> None:
        """Say nothing of callers that hung up."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver on a free loopback port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            super().setup()
            receiver.connections += 1
            self.protocol_version = "HTTP/1.1" if receiver.keeps_alive else "HTTP/1.0"

        def do_POST(self) -> None:
            receiver.answer(self)

        def log_message(self, *args: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/events"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
