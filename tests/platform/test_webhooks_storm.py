"""A storm: relays, senders and receivers are killed at random, and yet every event arrives, in order, and no other.

``GAAP_TEST_STORM_EVENTS`` says how many events there are, ``GAAP_TEST_STORM_SECONDS`` how long it is from one kill of a
worker, or of a receiver, to the next.
"""

import logging
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from gaap.events.feed import FeedQuery, read_page
from gaap.outbox.models import OutboxEvent
from gaap.outbox.services import emit
from gaap.testing.plugin import TESTER
from gaap.webhooks.models import Delivery, DeliveryAttempt
from gaap.webhooks.services.subscriptions import create_subscription
from tests.platform.parallel import in_parallel
from tests.platform.webhook_fixtures import *  # noqa: F403
from tests.project import ROOT, python_path

logger = logging.getLogger(__name__)

EVENTS = int(os.environ.get("GAAP_TEST_STORM_EVENTS", "100"))
SUBJECTS = max(10, EVENTS // 20)
WRITERS = 4
SECONDS_BETWEEN_KILLS = float(os.environ.get("GAAP_TEST_STORM_SECONDS", "1"))
SECONDS_WITHOUT_RECEIVER = 0.3
PATIENCE_SECONDS = 300 + EVENTS
SCRIPTS = ROOT / "tests/platform/storm"


class Program:
    """A program that runs beside the test."""

    def __init__(self, name: str, *arguments: object) -> None:
        self._command = [sys.executable, str(SCRIPTS / name), *(str(argument) for argument in arguments)]
        self._environ = {
            **os.environ,
            "DATABASE_URL": _database_url(),
            "PYTHONPATH": os.pathsep.join([python_path(), str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        self.start()

    def start(self) -> None:
        """Run it."""
        self._process = subprocess.Popen(
            self._command, env=self._environ, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def send(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill it and its children without a warning."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def end(self) -> str:
        """Let it end itself and return what it printed."""
        self._process.terminate()
        return self._process.communicate(timeout=60)[0]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_every_event_arrives_in_order_and_no_other(service, tmp_path):
    files = [tmp_path / "first", tmp_path / "second"]
    with ExitStack() as stack:
        receivers = [_receiver(service, file) for file in files]
        for receiver in receivers:
            stack.callback(receiver.kill)
        workers = Program("worker.py")
        stack.callback(workers.kill)
        with _killing(receivers) as receiver_kills:
            in_parallel([partial(_write, service, number) for number in range(WRITERS)])
            _wait_until(lambda: _count_delivered() > EVENTS)
        workers.send(signal.SIGUSR1)
        _wait_until(lambda: not _is_busy())
        worker_kills = int(workers.end())
    stream = [event for event in _read_stream(service) if event.name == "parcel_sent"]
    assert len(stream) == len({event.pk for event in stream}) == EVENTS
    assert _in_order((event.subject, event.data["count"]) for event in stream)
    for file in files:
        _tells_the_same_story(file, stream)
    assert not Delivery.objects.filter(status="failed").exists()
    assert min(worker_kills, len(receiver_kills)) > 0
    tally = (EVENTS, worker_kills, len(receiver_kills), DeliveryAttempt.objects.count())
    logger.info("%d events, %d workers and %d receivers killed, %d attempts kept", *tally)


@contextmanager
def _killing(receivers: list[Program]) -> Iterator[list[Program]]:
    """Kill a receiver every now and then within the block, and start it again after a while."""
    is_over, killed = Event(), []

    def kill() -> None:
        while not is_over.wait(SECONDS_BETWEEN_KILLS):
            receiver = random.choice(receivers)
            receiver.kill()
            killed.append(receiver)
            is_over.wait(SECONDS_WITHOUT_RECEIVER)
            receiver.start()

    thread = Thread(target=kill, daemon=True)
    thread.start()
    try:
        yield killed
    finally:
        is_over.set()
        thread.join()


def _count_delivered() -> int:
    return Delivery.objects.filter(status="delivered").count()


def _write(service, number):
    """Write this writer's share, the subjects shared with nobody, some in transactions that stay open a while."""
    counts = dict.fromkeys(range(number, SUBJECTS, WRITERS), 0)
    for _ in range(EVENTS // WRITERS):
        subject = random.choice(list(counts))
        counts[subject] += 1
        with transaction.atomic():
            emit("parcel_sent", service_id=service.pk, subject=f"parcel/{subject}", data={"count": counts[subject]})
            time.sleep(random.choice([0, 0, 0, 0.01]))
        if random.random() < 0.1:
            _write_and_roll_back(service)


def _write_and_roll_back(service):
    with transaction.atomic():
        emit("parcel_sent", service_id=service.pk, subject="parcel/never", data={"count": 1})
        transaction.set_rollback(True)


def _tells_the_same_story(file: Path, stream: list[OutboxEvent]) -> None:
    """Compare what arrived, each event at its first arrival, with the feed."""
    arrived = dict.fromkeys(line for line in file.read_text(encoding="ascii").splitlines() if " parcel/" in line)
    told = [f"{event.id} {event.position:020d} {event.subject}" for event in stream]
    assert sorted(arrived) == sorted(told)
    assert _in_order((line.split()[2], line.split()[1]) for line in arrived)


def _in_order(pairs: Iterable[tuple[str, Any]]) -> bool:
    """Tell whether the second of each pair rises for each first one."""
    last: dict[str, Any] = {}
    for subject, value in pairs:
        if subject in last and not last[subject] < value:
            return False
        last[subject] = value
    return True


def _read_stream(service) -> list[OutboxEvent]:
    found: list[OutboxEvent] = []
    position, has_more = 0, True
    while has_more:
        page = read_page(FeedQuery(service.pk, after=position, limit=97))
        found += page.events
        position, has_more = page.position, page.has_more
    return found


def _is_busy() -> bool:
    return OutboxEvent.objects.unplaced().exists() or Delivery.objects.waiting().exists()


def _wait_until(is_true) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert time.monotonic() < deadline, "too slow"
        time.sleep(0.2)


def _receiver(service, file: Path) -> Program:
    port = _free_port()
    file.touch()
    webhook = create_subscription(service, url=f"http://127.0.0.1:{port}/", events=["*"], by=TESTER)
    return Program("receiver.py", port, file, webhook.secrets.get().secret)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _database_url() -> str:
    at = connection.settings_dict
    return f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
