"""A nursery of relays and senders that kills one of them every now and then: ``python worker.py``.

The children are forked, so that a new one is at work at once. SIGUSR1 ends the killing, SIGTERM ends everything and
prints how many were killed.
"""

import os
import random
import signal
import sys
import time
from datetime import timedelta

import django

django.setup()

from gaap.connections import CheckedTransport  # noqa: E402
from gaap.events.placing import place_waiting  # noqa: E402
from gaap.outbox.relay import relay_waiting  # noqa: E402
from gaap.webhooks.services import batches, sending  # noqa: E402
from gaap.webhooks.styles.standard import StandardStyle  # noqa: E402

IDLE_SECONDS = 0.02
SECONDS_BETWEEN_KILLS = float(os.environ.get("GAAP_TEST_STORM_SECONDS", "1"))


def relay() -> bool:
    """Place and publish one batch."""
    return bool(place_waiting(50) + relay_waiting(50))


def send() -> bool:
    """Send to every webhook that something is due to."""
    found = sending.subscriptions_with_due()
    for subscription in found:
        sending.take_turn(subscription.pk)
    return bool(found)


def work(kind: str) -> None:
    """Work for ever, with short waits in place of the long ones."""
    StandardStyle.ladder = [timedelta(seconds=0.2)] * 1000
    StandardStyle.timeout_seconds = 1.0
    StandardStyle.disables_after = None
    batches.LEASE_MARGIN = timedelta(seconds=0.5)
    while True:
        if not {"relay": relay, "send": send}[kind]():
            time.sleep(IDLE_SECONDS)


class Nursery:
    """The children, and whether they still have something to fear."""

    def __init__(self) -> None:
        self.kills = 0
        self.is_calm = self.is_over = False
        self._children: dict[int, str] = {}
        signal.signal(signal.SIGUSR1, lambda *_: setattr(self, "is_calm", True))
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "is_over", True))

    def bear(self, kind: str) -> None:
        """Fork a child that works."""
        pid = os.fork()
        if not pid:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            work(kind)
        self._children[pid] = kind

    def kill(self, pid: int) -> str:
        """Kill a child without a warning and return what it did."""
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return self._children.pop(pid)

    def run(self) -> None:
        """Kill one after another until it is over, then all."""
        CheckedTransport().close()  # reads the authorities once, and not in each child
        for kind in ("relay", "relay", "send", "send", "send"):
            self.bear(kind)
        while not self.is_over:
            time.sleep(SECONDS_BETWEEN_KILLS)
            if not self.is_calm:
                self.bear(self.kill(random.choice(list(self._children))))
                self.kills += 1
        for pid in list(self._children):
            self.kill(pid)


nursery = Nursery()
nursery.run()
sys.stdout.write(f"{nursery.kills}\n")
