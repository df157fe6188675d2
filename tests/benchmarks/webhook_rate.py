"""How many webhooks leave in a second, to a receiver on loopback: ``python -m tests.benchmarks.webhook_rate``.

The control sends the same bodies to the same receiver over one kept connection, without a database.
"""

import os
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context

from tests.benchmarks.surroundings import say, set_up_suite

DELIVERIES = int(os.environ.get("GAAP_BENCH_DELIVERIES", "2000"))
SUBJECTS = 200
BODY_BYTES = 300


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


def main() -> None:
    """Measure and print."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    receiver = get_context("fork").Process(target=server.serve_forever, daemon=True)
    receiver.start()
    url = f"http://127.0.0.1:{server.server_port}/"
    with set_up_suite():
        engine = measure(prepared(url))
        control = measure(calls_alone(url))
    receiver.kill()
    say(f"{DELIVERIES} deliveries (load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)")
    for name, (rate, cpu) in {"control: the calls alone": control, "the engine, one worker": engine}.items():
        say(f"  {name:26} {rate:8.0f}/s   x {rate / control[0]:.3f}   {cpu:.2f} ms of this process's CPU each")


def measure(work: Callable[[], object]) -> tuple[float, float]:
    """Return how many deliveries a second the work made, and the milliseconds of CPU that each took."""
    began, spent = time.perf_counter(), time.process_time()
    work()
    cpu = (time.process_time() - spent) / DELIVERIES * 1000
    return DELIVERIES / (time.perf_counter() - began), cpu


def calls_alone(url: str) -> Callable[[], None]:
    """Return a function that makes the calls and nothing else."""
    from gaap.http import Door

    def work() -> None:
        with Door() as door:
            for _ in range(DELIVERIES):
                door.call("POST", url, body=b"x" * BODY_BYTES)

    return work


def prepared(url: str) -> Callable[[], None]:
    """Write the events and their deliveries, and return a function that sends them."""
    from django.db import transaction

    from gaap.events.placing import place_waiting
    from gaap.organisations.services import create_organisation, create_service
    from gaap.outbox.services import emit
    from gaap.testing.plugin import TESTER
    from gaap.webhooks.models import Delivery
    from gaap.webhooks.services.sending import take_turn
    from gaap.webhooks.services.subscriptions import create_subscription

    organisation = create_organisation("Ministry of Transport", type="central", by=TESTER)
    service = create_service("Renew", organisation=organisation, by=TESTER)
    webhook = create_subscription(service, url=url, events=["webhook_enabled"], by=TESTER)
    with transaction.atomic():
        for number in range(DELIVERIES):
            emit(
                "webhook_enabled",
                service_id=service.pk,
                subject=f"webhook/{number % SUBJECTS}",
                data={"status": "active"},
            )
    while place_waiting():
        pass

    def work() -> None:
        while take_turn(webhook.pk):
            pass
        left = Delivery.objects.waiting().count()
        if left:
            raise RuntimeError(f"{left} deliveries still wait")

    return work


if __name__ == "__main__":
    main()
