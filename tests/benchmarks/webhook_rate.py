"""How many webhooks leave in a second, to a receiver on loopback.

The control sends the same bodies to the same receiver over one kept connection, without a database.
"""

import os
import time
from collections.abc import Callable, Iterable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from uuid import UUID

from tests.benchmarks.figures import Figure, Turns

DELIVERIES = int(os.environ.get("GAAP_BENCH_DELIVERIES", "2000"))
SUBJECTS = 200
BODY_BYTES = 300
ENGINE, CALLS = "webhooks: one worker", "the calls alone"


class Receiver(BaseHTTPRequestHandler):
    """Takes everything and keeps the connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Take one message."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.wfile.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def measure(rounds: int) -> Iterable[Figure]:
    """Yield the figure; Django must be set up on a database of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    receiver = get_context("fork").Process(target=server.serve_forever, daemon=True)
    receiver.start()
    url = f"http://127.0.0.1:{server.server_port}/"
    webhook_id = subscribe(url)
    try:
        turns = Turns({CALLS: partial(calls_alone, url), ENGINE: partial(engine, webhook_id)}).run(rounds=rounds)
    finally:
        receiver.kill()
    yield turns.figure(ENGINE, control=CALLS, least=500)


def rate(work: Callable[[], object]) -> float:
    """Return how many deliveries a second the work made."""
    began = time.perf_counter()
    work()
    return DELIVERIES / (time.perf_counter() - began)


def calls_alone(url: str) -> float:
    """Make the calls and nothing else."""
    from gaap.http import Door

    def work() -> None:
        with Door() as door:
            for _ in range(DELIVERIES):
                door.call("POST", url, body=b"x" * BODY_BYTES)

    return rate(work)


def subscribe(url: str) -> UUID:
    """Let a service have its events sent to the receiver; returns the webhook's key."""
    from gaap.organisations.services import create_organisation, create_service
    from gaap.testing.plugin import TESTER
    from gaap.webhooks.services.subscriptions import create_subscription

    organisation = create_organisation("Ministry of Transport", type="central", by=TESTER)
    service = create_service("Renew", organisation=organisation, by=TESTER)
    return create_subscription(service, url=url, events=["webhook_enabled"], by=TESTER).pk


def engine(webhook_id: UUID) -> float:
    """Write events and their deliveries, and send them all."""
    from django.db import transaction

    from gaap.events.placing import place_waiting
    from gaap.outbox.services import emit
    from gaap.webhooks.models import Delivery, Subscription
    from gaap.webhooks.services.sending import take_turn

    service_id = Subscription.objects.get(pk=webhook_id).service_id
    with transaction.atomic():
        for number in range(DELIVERIES):
            subject = f"webhook/{number % SUBJECTS}"
            emit("webhook_enabled", service_id=service_id, subject=subject, data={"status": "active"})
    while place_waiting():
        pass

    def work() -> None:
        while take_turn(webhook_id):
            pass
        left = Delivery.objects.waiting().count()
        if left:
            raise RuntimeError(f"{left} deliveries still wait.")

    return rate(work)
