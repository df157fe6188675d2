"""Five hundred messages accepted over HTTP while the worker is killed three times: none is lost, none is sent twice."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from notifications_python_client.notifications import NotificationsAPIClient

from gaap_site.celery import queue_names
from tests.faults.suite import Suite, database_of_its_own, delete_queues
from tests.processes import wait_until_done

pytestmark = [pytest.mark.postgresql, pytest.mark.rabbitmq]

MESSAGES = 500
SENDERS = 4
KILL_AFTER = (100, 250, 400)
PATIENCE_SECONDS = 45  # a lease, the sweeper's grace and its pause make 23 at most

DOCUMENT = {
    "organisations": [{"name": "Ministry of Transport", "type": "central"}],
    "services": [
        {
            "name": "Renew a vehicle registration",
            "organisation": "Ministry of Transport",
            "mode": "trial",
            "api_keys": [{"name": "faults", "type": "test"}],
            "notify": {
                "permissions": ["email"],
                "templates": [
                    {"type": "email", "versions": [{"name": "Receipt", "subject": "Receipt", "body": "No ((number))"}]}
                ],
            },
        }
    ],
}

#: What still waits, by what it waits for.
WAITING = {
    "notifications": "SELECT count(*) FROM gaap_notify_notification WHERE due_at IS NOT NULL AND status = 'created'",
    "supplier's reports": "SELECT count(*) FROM gaap_notify_sandboxmessage WHERE due_at IS NOT NULL",
    "receipts": "SELECT count(*) FROM gaap_notify_receipt WHERE due_at IS NOT NULL",
    "events": "SELECT count(*) FROM gaap_outboxevent WHERE published_at IS NULL",
}


@pytest.fixture
def suite(tmp_path: Path, postgresql_url: str, broker_url: str) -> Iterator[Suite]:
    name = f"gaap_faults_{uuid4().hex[:12]}"
    with database_of_its_own(postgresql_url, name) as database_url:
        suite = Suite(tmp_path, database_url=database_url, broker_url=broker_url, name=name)
        yield suite
        delete_queues(broker_url, [suite.queue_prefix + queue for queue in queue_names()])


def test_nothing_is_lost_or_doubled_when_workers_are_killed(suite: Suite) -> None:
    made = suite.set_up(DOCUMENT)["services"][0]
    with suite.running():
        accepted = send_while_killing(
            suite, key=made["api_keys"][0]["key"], template=made["notify"]["templates"][0]["id"]
        )
        assert len(set(accepted)) == MESSAGES
        wait_until_done(partial(waiting, suite), patience_seconds=PATIENCE_SECONDS)
    delivered = suite.query("SELECT id::text FROM gaap_notify_notification WHERE status = 'delivered'")
    taken = suite.query("SELECT notification_id::text FROM gaap_notify_sandboxmessage")
    assert sorted(row[0] for row in delivered) == sorted(accepted)
    assert sorted(row[0] for row in taken) == sorted(accepted)
    assert events_per_message(suite) == {(MESSAGES, 1)}


def waiting(suite: Suite) -> dict[str, int]:
    """Count what still waits, leaving out what does not."""
    counts = {name: int(suite.query(statement)[0][0]) for name, statement in WAITING.items()}
    return {name: count for name, count in counts.items() if count}


def events_per_message(suite: Suite) -> set[tuple[int, int]]:
    """Return how many messages have how many events that say they were delivered."""
    rows = suite.query(
        "SELECT count(*), events FROM (SELECT count(*) AS events FROM gaap_outboxevent"
        " WHERE name = 'notification_delivered' GROUP BY subject) AS per_message GROUP BY events"
    )
    return {(int(messages), int(events)) for messages, events in rows}


def reached(accepted: list[str], threshold: int) -> bool:
    return len(accepted) >= threshold


def send_while_killing(suite: Suite, *, key: str, template: str) -> list[str]:
    """Send all messages from several threads; at certain numbers of accepted ones, kill the worker and restart it."""
    accepted: list[str] = []
    has_grown = threading.Condition()

    def send(number: int) -> None:
        client = NotificationsAPIClient(key, base_url=suite.base_url)
        sent = client.send_email_notification(f"n{number}@example.org", template, {"number": str(number)})
        with has_grown:
            accepted.append(sent["id"])
            has_grown.notify_all()

    with ThreadPoolExecutor(SENDERS) as senders:
        results = [senders.submit(send, number) for number in range(MESSAGES)]
        for threshold in KILL_AFTER:
            with has_grown:
                assert has_grown.wait_for(partial(reached, accepted, threshold), timeout=60)
            suite.worker.kill()
            suite.worker.start()
        for result in results:
            result.result(timeout=60)
    return accepted
