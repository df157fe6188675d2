"""A receiver that is slow, hangs or fails holds up itself and nobody else."""

import time
from queue import SimpleQueue
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from gaap.testing.plugin import TESTER
from gaap.webhooks import tasks
from gaap.webhooks.models import Delivery, Subscription
from gaap.webhooks.services.subscriptions import create_subscription
from gaap.webhooks.styles.standard import StandardStyle
from tests.platform.receiver import Reply, receiving
from tests.platform.webhook_fixtures import *  # noqa: F403

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

EVENTS = 12


class Workers:
    """Threads in place of Celery's workers: two on the queue of the healthy, one on that of the others."""

    def __init__(self) -> None:
        self.queues: dict[str, SimpleQueue[Any]] = {
            tasks.send_waiting.name: SimpleQueue(),
            tasks.send_waiting_slowly.name: SimpleQueue(),
        }
        names = [tasks.send_waiting.name] * 2 + [tasks.send_waiting_slowly.name]
        self._threads = [Thread(target=self._work, args=(self.queues[name],)) for name in names]

    def wake(self, task, *args) -> None:
        """Stand in for ``gaap.work.wake``."""
        self.queues[task.name].put((task, args))

    def __enter__(self) -> "Workers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        for queue in self.queues.values():
            queue.put(None)
            queue.put(None)
        for thread in self._threads:
            thread.join()

    @staticmethod
    def _work(queue) -> None:
        while waiting := queue.get():
            task, args = waiting
            task(*args)
        connection.close()


@pytest.fixture
def workers(monkeypatch):
    waiting = Workers()
    monkeypatch.setattr(tasks, "wake", waiting.wake)
    return waiting


@pytest.mark.parametrize(
    "bad",
    [Reply(200, seconds=1.1), Reply(200, seconds=5), Reply(500, seconds=0.3)],
    ids=["slow", "hangs", "fails"],
)
def test_bad_receivers_hold_up_nobody(service, workers, happen, monkeypatch, bad):
    monkeypatch.setattr(StandardStyle, "timeout_seconds", 2.0)
    with receiving() as quick, receiving() as first, receiving() as second:
        first.default = second.default = bad
        for receiver in (first, second):
            create_subscription(service, url=receiver.url, events=["parcel_sent"], by=TESTER)
        healthy = create_subscription(service, url=quick.url, events=["parcel_sent"], by=TESTER)
        for number in range(EVENTS):
            happen(f"parcel/{number}")
        with workers:
            wait_until(lambda: len(quick.received) == EVENTS)
            sent_meanwhile = len(first.received) + len(second.received)
            Subscription.objects.exclude(pk=healthy.pk).update(status="disabled")
        assert sent_meanwhile < EVENTS, "the others were not waited for"
        assert Delivery.objects.filter(subscription=healthy, status="delivered").count() == EVENTS


def test_slow_ones_move_to_their_queue_and_back(webhook, receiver, work, happen):
    receiver.replies.append(Reply(200, seconds=1.05))
    happen()
    work()
    webhook.refresh_from_db()
    assert not webhook.is_healthy
    happen()
    work()
    webhook.refresh_from_db()
    assert webhook.is_healthy


def wait_until(is_true) -> None:
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline, "held up"
        time.sleep(0.02)
