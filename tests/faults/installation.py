"""The whole suite with everything around it, each as processes of its own that may be hurt: its servers, a provider of
texts that reports, a receiver of webhooks, and whoever starts again what has ended.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from twilio.request_validator import RequestValidator

from gaap.clock import OFFSET_FILE
from tests.faults.line import Line, line_to
from tests.faults.load import Address
from tests.faults.servers import Servers, servers
from tests.faults.suite import Suite
from tests.loopback import QuietHandler, serve
from tests.notify.twilio_peer import ACCOUNT, TOKEN, Peer, twilio_peer
from tests.processes import Program

LOOKS_EVERY_SECONDS = 0.25
REPORTS_EVERY_SECONDS = 1.0
RECEIPTS = "/providers/notify/sms/twilio/receipts"


def service(name: str, *, mode: str, template: str, **parts: Any) -> dict[str, Any]:
    """Declare a service with one key and one template of a channel."""
    version = {"name": "Receipt", "body": "No ((number))", **({"subject": "Receipt"} if template == "email" else {})}
    notify = {"permissions": [template], "templates": [{"type": template, "versions": [version]}]}
    keys = [{"name": "faults", "type": "live" if mode == "live" else "test"}]
    return {"name": name, "organisation": "Transport", "mode": mode, "api_keys": keys, "notify": notify, **parts}


#: Texts go to a provider with a book of its own; emails and payments to the sandbox, whose books are in the database.
DOCUMENT = {
    "organisations": [{"name": "Transport"}],
    "services": [
        service("Remind", mode="live", template="sms"),
        service(
            "Renew",
            mode="trial",
            template="email",
            payments={
                "settings": {"card_api": True, "receipts": False},
                "gateway_accounts": [{"provider": "sandbox", "mode": "test"}],
            },
        ),
    ],
}


class Supervisor:
    """Starts again what has ended, as systemd or Kubernetes does; nobody else does anything after a fault."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self._programs = programs
        self._away: set[Program] = set()
        self._lock = threading.Lock()
        self._is_over = threading.Event()

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look after the programs within the block."""
        thread = threading.Thread(target=self._look)
        thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            thread.join()

    @contextmanager
    def away(self, *programs: Program) -> Iterator[None]:
        """Leave programs as they are within the block."""
        with self._lock:
            self._away |= set(programs)
        try:
            yield
        finally:
            with self._lock:
                self._away -= set(programs)

    def _look(self) -> None:
        while not self._is_over.wait(LOOKS_EVERY_SECONDS):
            with self._lock:
                for program in self._programs:
                    if program not in self._away and program.has_ended():
                        program.start()


@dataclass
class Receiver:
    """What a webhook was told: of each event its id, whom it is about and what happened."""

    events: dict[str, tuple[str, str]] = field(default_factory=dict)

    def take(self, event: Mapping[str, Any]) -> None:
        """Remember an event; one that comes again, under its id, is the same one."""
        self.events[event["id"]] = (str(event["subject"]).partition("/")[2], event["type"])

    def told(self) -> set[tuple[str, str]]:
        """Return the ids of what happened to whom."""
        return set(self.events.copy().values())

    def told_twice(self, subjects: set[str]) -> list[str]:
        """Return what was told of these under two ids."""
        counts = Counter(known for known in self.events.copy().values() if known[0] in subjects)
        return [f"{name} of {subject} {times} times" for (subject, name), times in counts.items() if times > 1]


class _ReceiverHandler(QuietHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        self.receiver.take(json.loads(self.read_body()))
        self.send(204)


@dataclass
class Installation:
    """Everything that runs."""

    folder: Path
    servers: Servers
    suite: Suite
    #: The worker's way to the database, and everybody's to the provider of texts.
    database_line: Line
    provider_line: Line
    peer: Peer
    receiver: Receiver
    supervisor: Supervisor
    services: list[dict[str, Any]]

    @property
    def address(self) -> Address:
        """Where and with what the two services call."""
        texts, others = self.services
        return Address(
            self.suite.base_url,
            text_key=texts["api_keys"][0]["key"],
            text_template=texts["notify"]["templates"][0]["id"],
            key=others["api_keys"][0]["key"],
            email_template=others["notify"]["templates"][0]["id"],
            now=self.now,
        )

    def now(self) -> float:
        """Return the suite's time in seconds, which can be moved."""
        with suppress(FileNotFoundError):
            return time.time() + float((self.folder / "data" / OFFSET_FILE).read_text(encoding="ascii"))
        return time.time()

    def move_clock(self, change: str) -> None:
        """Move the clock of all processes, such as by ``+5m``."""
        self.suite.manage("clock", change)

    def set_clock_right(self) -> None:
        """Undo every move."""
        if abs(self.now() - time.time()) > 1:
            self.suite.manage("clock", "reset")

    def numbers_in_peers_book(self) -> list[str]:
        """Return whom the provider of texts took a message to: national numbers without their zero."""
        return [message["to"].removeprefix("+44") for message in list(self.peer.book)]

    def subscribe(self, url: str) -> None:
        """Have both services told of everything at an address."""
        for made in self.services:
            key = made["api_keys"][0]["key"]
            answer = httpx.post(
                f"{self.suite.base_url}/v1/webhooks",
                json={"url": url, "events": ["*"]},
                headers={"Authorization": f"Bearer {key}"},
                timeout=60,
                trust_env=False,
            )
            assert answer.status_code == httpx.codes.CREATED, answer.text


@contextmanager
def installation(folder: Path, *, lease_seconds: int, peer: Peer) -> Iterator[Installation]:
    """Run everything for the block; ``folder`` is one that everybody may enter."""
    receiver = Receiver()
    with ExitStack() as running:
        its_servers = running.enter_context(servers(folder))
        database_line = running.enter_context(line_to(its_servers.database_url))
        running.enter_context(twilio_peer(peer=peer))
        provider_line = running.enter_context(line_to(peer.url))
        suite = _suite(
            folder,
            its_servers,
            worker_database_url=database_line.url,
            provider_url=provider_line.url,
            lease_seconds=lease_seconds,
        )
        services = suite.set_up(DOCUMENT)["services"]
        running.enter_context(suite.running())
        ours = (suite.web, suite.worker, suite.scheduler)
        supervisor = Supervisor([*ours, its_servers.postgresql, its_servers.rabbitmq, its_servers.redis])
        running.enter_context(supervisor.looking())
        made = Installation(
            folder, its_servers, suite, database_line, provider_line, peer, receiver, supervisor, services
        )
        made.subscribe(running.enter_context(serve(_ReceiverHandler, receiver=receiver)))
        running.enter_context(_reporting(made))
        yield made


def _suite(
    folder: Path, its_servers: Servers, *, worker_database_url: str, provider_url: str, lease_seconds: int
) -> Suite:
    options = {"account_sid": ACCOUNT, "auth_token": TOKEN, "base_url": provider_url}
    notify = {"PROVIDERS": {"sms": {"twilio": {"BACKEND": "twilio", "OPTIONS": options}}}, "DEFAULT": {"sms": "twilio"}}
    return Suite(
        folder,
        database_url=its_servers.database_url,
        broker_url=its_servers.broker_url,
        name="faults",
        environ={
            "REDIS_URL": its_servers.redis_url,
            "GAAP_NOTIFY": json.dumps(notify),
            "GAAP_WORK_LEASE_SECONDS": str(lease_seconds),
            "GAAP_REQUESTS_AT_ONCE": "8",
            "WEB_CONCURRENCY": "2",
        },
        serving=("--config", "python:gaap_site.web_server"),
        worker_database_url=worker_database_url,
    )


@contextmanager
def _reporting(made: Installation) -> Iterator[None]:
    """Report every text of the provider's book as delivered, until the suite has taken the report."""
    is_over = threading.Event()

    def report() -> None:
        reported = 0
        with httpx.Client(base_url=made.suite.base_url, timeout=10, trust_env=False) as client:
            while not is_over.wait(LOOKS_EVERY_SECONDS):
                with suppress(httpx.TransportError):
                    while reported < len(made.peer.book) and _is_reported(
                        client, made, made.peer.book[reported]["sid"]
                    ):
                        reported += 1

    thread = threading.Thread(target=report)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _is_reported(client: httpx.Client, made: Installation, sid: str) -> bool:
    fields = {"MessageSid": sid, "MessageStatus": "delivered"}
    signature = RequestValidator(TOKEN).compute_signature(f"{made.suite.base_url}{RECEIPTS}", fields)
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    return client.post(RECEIPTS, content=urlencode(fields), headers=headers).status_code == httpx.codes.NO_CONTENT
