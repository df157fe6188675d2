"""A provider that is slow, busy, broken and hangs up, workers that are killed, hints that are lost, a broker that
restarts, receipts that come twice and in the wrong order: every text ends, none is lost, none is sent twice, and the
provider's book is ours.

GAAP_TEST_MESSAGES sets how many there are (default 120; 20000 for the long run).
"""

import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from notifications_python_client.notifications import NotificationsAPIClient
from twilio.request_validator import RequestValidator

from gaap_notify.services.delivery import LARGEST_BATCH
from gaap_site.celery import queue_names
from tests.faults.line import Line, line_to
from tests.faults.suite import Suite, database_of_its_own, delete_queues
from tests.notify.tokens import make_token
from tests.notify.twilio_peer import ACCOUNT, TOKEN, Peer, Refusal, twilio_peer
from tests.processes import wait_until_done

pytestmark = [pytest.mark.postgresql, pytest.mark.rabbitmq]

MESSAGES = int(os.environ.get("GAAP_TEST_MESSAGES", "120"))
#: So many that they are still on their way when the codes come.
CAMPAIGN = max(4000, MESSAGES * 10)
KILLS = 3
#: Longer than it takes to notice that the connection has gone, and for a try to come back in vain.
BROKER_AWAY_SECONDS = 3
REPORTERS = 4
#: Four in so many messages meet a fault: a provider that says "too many" is left alone for a second each time.
CYCLE = max(10, MESSAGES // 100)
#: Four receipts are posted for each message.
PATIENCE_SECONDS = 90 + MESSAGES / 25


def service(name: str) -> dict[str, Any]:
    template = {"type": "sms", "versions": [{"name": "Reminder", "body": "No ((number))"}]}
    notify = {"permissions": ["sms"], "sms_prefix": False, "templates": [template]}
    keys = [{"name": "faults", "type": "live"}]
    return {"name": name, "organisation": "Transport", "mode": "live", "api_keys": keys, "notify": notify}


DOCUMENT = {"organisations": [{"name": "Transport"}], "services": [service("Campaign"), service("Codes")]}
WAITING = {
    "parts": "SELECT count(*) FROM gaap_notify_jobchunk",
    "notifications": "SELECT count(*) FROM gaap_notify_notification WHERE due_at IS NOT NULL",
    "receipts": "SELECT count(*) FROM gaap_notify_receipt WHERE due_at IS NOT NULL",
}

#: How many seconds each code waited, and how many of the campaign's messages were handed over meanwhile.
WAITS_OF_CODES = """
SELECT extract(epoch FROM code.sent_at - code.created_at), (
    SELECT count(*) FROM gaap_notify_notification AS other WHERE other.service_id = '{campaign}'
    AND other.sent_at > code.created_at AND other.sent_at < code.sent_at
) FROM gaap_notify_notification AS code WHERE code.service_id = '{codes}'
"""


class FaultyPeer(Peer):
    """Fails some messages the first time that they come, each in its way, while it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()
        self.is_faulty = True

    def refusal_for(self, fields: dict[str, str]) -> Refusal | None:
        """Return the fault that this message meets, if any."""
        number = int(fields["Body"].rpartition(" ")[2])
        self.seen[fields["Body"]] += 1
        if not self.is_faulty or self.seen[fields["Body"]] > 1:
            return None
        if number % CYCLE == 4:
            time.sleep(0.5)
        kinds = {1: Refusal(429, 20429, headers=(("Retry-After", "1"),)), 2: Refusal(503), 3: Refusal(hangs_up=True)}
        return kinds.get(number % CYCLE)


@pytest.fixture
def peer() -> Iterator[FaultyPeer]:
    with twilio_peer(peer=FaultyPeer()) as running:
        assert isinstance(running, FaultyPeer)
        yield running


@pytest.fixture
def line(broker_url: str) -> Iterator[Line]:
    with line_to(broker_url) as laid:
        yield laid


@pytest.fixture
def suite(tmp_path: Path, peer: Peer, line: Line, postgresql_url: str) -> Iterator[Suite]:
    name = f"gaap_faults_{uuid4().hex[:12]}"
    options = {"account_sid": ACCOUNT, "auth_token": TOKEN, "base_url": peer.url}
    notify = {"PROVIDERS": {"sms": {"twilio": {"BACKEND": "twilio", "OPTIONS": options}}}, "DEFAULT": {"sms": "twilio"}}
    with database_of_its_own(postgresql_url, name) as database_url:
        suite = Suite(
            tmp_path,
            database_url=database_url,
            broker_url=line.url,
            name=name,
            environ={"GAAP_NOTIFY": json.dumps({**notify, "BULK_ROWS": 1_000_000})},
        )
        yield suite
        forget_hints(suite)


def forget_hints(suite: Suite) -> None:
    """Do what a broker does that loses everything: the queues are gone."""
    delete_queues(suite.broker_url, [suite.queue_prefix + queue for queue in queue_names()])


def send_bulk(suite: Suite, made: dict[str, Any], *, messages: int) -> None:
    """Send a table of texts, five thousand rows at a time."""
    key, template = made["api_keys"][0]["key"], made["notify"]["templates"][0]["id"]
    for start in range(0, messages, 5000):
        rows = [[f"07400{number:06d}", str(number)] for number in range(start, min(messages, start + 5000))]
        claims = {"iss": key[-73:-37], "iat": int(time.time())}
        answer = httpx.post(
            f"{suite.base_url}/v2/notifications/bulk",
            json={"name": "Campaign", "template_id": template, "rows": [["phone number", "number"], *rows]},
            headers={"Authorization": f"Bearer {make_token(key[-36:], claims)}"},
            timeout=120,
        )
        assert answer.status_code == 201, answer.text


def report(suite: Suite, peer: Peer, stop: threading.Event, place: int) -> None:
    """Post receipts for every message of the peer's book that is this reporter's: twice each, in any order."""
    reported = place
    with httpx.Client(base_url=suite.base_url, timeout=60) as client:
        while not stop.is_set() or reported < len(peer.book):
            for message in peer.book[reported::REPORTERS]:
                words = ["sent", "delivered", "delivered", "queued"]
                random.shuffle(words)
                for word in words:
                    post_receipt(client, suite, message["sid"], word)
                reported += REPORTERS
            time.sleep(0.05)


@contextmanager
def reporting(suite: Suite, peer: Peer) -> Iterator[None]:
    """Report within the block, and at its end what is left."""
    stop = threading.Event()
    with ThreadPoolExecutor(REPORTERS) as pool:
        reports = [pool.submit(report, suite, peer, stop, place) for place in range(REPORTERS)]
        try:
            yield
        finally:
            stop.set()
        for each in reports:
            each.result(timeout=PATIENCE_SECONDS)


def post_receipt(client: httpx.Client, suite: Suite, sid: str, word: str) -> None:
    path = "/providers/notify/sms/twilio/receipts"
    fields = {"MessageSid": sid, "MessageStatus": word}
    signature = RequestValidator(TOKEN).compute_signature(f"{suite.base_url}{path}", fields)
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    assert client.post(path, content=urlencode(fields), headers=headers).status_code == 204


def waiting(suite: Suite) -> dict[str, int]:
    counts = {name: int(suite.query(statement)[0][0]) for name, statement in WAITING.items()}
    return {name: count for name, count in counts.items() if count}


def wait_for_book(peer: Peer, size: int) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while len(peer.book) < size and time.monotonic() < ends:
        time.sleep(0.05)
    assert len(peer.book) >= size


def test_every_text_ends_and_none_is_sent_twice(suite: Suite, peer: FaultyPeer, line: Line) -> None:
    made = suite.set_up(DOCUMENT)["services"][0]
    with suite.running():
        with reporting(suite, peer):
            send_bulk(suite, made, messages=MESSAGES)
            wait_for_book(peer, MESSAGES // 2)
            peer.is_faulty = False
            for kill in range(1, KILLS + 1):
                wait_for_book(peer, MESSAGES // 2 + kill * MESSAGES // (2 * (KILLS + 2)))
                suite.worker.kill()
                forget_hints(suite)
                suite.worker.start()
            with line.cut():
                time.sleep(BROKER_AWAY_SECONDS)
            wait_for_book(peer, MESSAGES)
        wait_until_done(lambda: waiting(suite), patience_seconds=PATIENCE_SECONDS)
    ours = suite.query("SELECT provider_id, status FROM gaap_notify_notification")
    assert Counter(status for _, status in ours) == {"delivered": MESSAGES}
    assert sorted(sid for sid, _ in ours) == sorted(message["sid"] for message in peer.book)
    assert max(Counter(message["body"] for message in peer.book).values()) == 1


def test_one_code_does_not_wait_for_anothers_campaign(suite: Suite, peer: FaultyPeer) -> None:
    peer.is_faulty = False
    campaign, codes = suite.set_up(DOCUMENT)["services"]
    client = NotificationsAPIClient(codes["api_keys"][0]["key"], base_url=suite.base_url)
    template = codes["notify"]["templates"][0]["id"]
    with suite.running():
        send_bulk(suite, campaign, messages=CAMPAIGN)
        wait_for_book(peer, 20)
        for number in range(20):
            client.send_sms_notification(f"07500{number:06d}", template, {"number": str(10_000_000 + number)})
            time.sleep(0.1)
        waiting_of_campaign = suite.query("SELECT count(*) FROM gaap_notify_notification WHERE status = 'created'")
        wait_for_book(peer, min(CAMPAIGN, len(peer.book) + 100))
    assert waiting_of_campaign[0][0] > 100, "the campaign was over too soon to prove anything"
    waits = suite.query(WAITS_OF_CODES.format(codes=codes["id"], campaign=campaign["id"]))
    assert len(waits) == 20
    # In the order of acceptance each would wait for thousands. The busier the machine, the longer a batch takes.
    assert sorted(overtaking for _, overtaking in waits)[18] < 2 * LARGEST_BATCH, waits
    if "GAAP_TEST_MESSAGES" in os.environ:
        assert sorted(float(seconds) for seconds, _ in waits)[18] < 2, waits
