"""A service's receiver of webhooks: keeps what it was sent and answers as it is told."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from standardwebhooks.webhooks import Webhook

from tests.loopback import QuietHandler, serve


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

    def answer(self, handler: QuietHandler) -> None:
        """Keep the request and answer it."""
        body = handler.read_body()
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.received.append(Received(handler.path, headers, body))
        reply = self.replies.popleft() if self.replies else self.default
        time.sleep(reply.seconds)
        handler.send(reply.status, reply.body, reply.headers)


class _Handler(QuietHandler):
    receiver: Receiver

    def setup(self) -> None:
        super().setup()
        self.receiver.connections += 1
        self.protocol_version = "HTTP/1.1" if self.receiver.keeps_alive else "HTTP/1.0"

    def do_POST(self) -> None:
        self.receiver.answer(self)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver on a free loopback port."""
    receiver = Receiver()
    with serve(_Handler, receiver=receiver) as address:
        receiver.url = f"{address}/events"
        yield receiver
