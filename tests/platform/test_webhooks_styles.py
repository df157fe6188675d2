"""A contract's own webhooks on the same engine: a component brings the style, the kernel brings the rest."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar

import pytest

from gaap.testing.plugin import TESTER
from gaap.webhooks.models import Delivery
from gaap.webhooks.services.queueing import queue_delivery
from gaap.webhooks.services.sending import take_turn
from gaap.webhooks.services.subscriptions import create_subscription, disable_subscription
from gaap.webhooks.styles.base import Message, Style, styles
from tests.platform.webhook_fixtures import *  # noqa: F403

pytestmark = pytest.mark.django_db


class ParcelStyle(Style):
    """A contract with an HMAC over the body, two repeats, and no order."""

    timeout_seconds: ClassVar[float] = 3.0
    ladder: ClassVar[Sequence[timedelta]] = (timedelta(seconds=60), timedelta(minutes=5))

    def headers(self, message: Message) -> Mapping[str, str]:
        key = message.secrets[0].encode()
        return {"Parcel-Signature": hmac.new(key, message.body, hashlib.sha256).hexdigest()}

    def is_retried(self, status: int | None) -> bool:
        return status is None or status == 429 or status >= 500


@pytest.fixture
def contract(service, receiver, monkeypatch):
    styles.get("standard")
    monkeypatch.setitem(styles._classes, "parcels", ParcelStyle)
    return create_subscription(
        service, url=receiver.url, events=["parcel.sent"], style="parcels", secret="parcel_secret", by=TESTER
    )


@pytest.fixture
def queue(contract):
    def one(message_id="m1", body='{"parcel": 1}'):
        return queue_delivery(contract, message_id=message_id, type="parcel.sent", subject="parcel/1", body=body)

    return one


def test_is_sent_as_the_contract_says(contract, receiver, queue):
    queue(body='{"parcel": "Đà Nẵng"}')
    take_turn(contract.pk)
    (received,) = receiver.received
    expected = hmac.new(b"parcel_secret", received.body, hashlib.sha256).hexdigest()
    assert received.body == '{"parcel": "Đà Nẵng"}'.encode()
    assert received.headers["parcel-signature"] == expected
    assert received.headers["content-type"] == "application/json"
    assert "webhook-signature" not in received.headers


def test_climbs_its_own_ladder(clock, contract, receiver, queue):
    receiver.reply(500, 500, 500)
    delivery = queue()
    waits = []
    for _ in range(2):
        take_turn(contract.pk)
        delivery.refresh_from_db()
        waits.append((delivery.due_at - clock.now()).total_seconds())
        clock.move(timedelta(seconds=waits[-1]))
    take_turn(contract.pk)
    delivery.refresh_from_db()
    contract.refresh_from_db()
    assert (waits, delivery.status, contract.status) == ([60, 300], "failed", "active")


def test_is_not_retried_when_the_contract_says_so(contract, receiver, queue):
    receiver.reply(404)
    delivery = queue()
    take_turn(contract.pk)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.failure) == ("failed", "HTTP 404")


def test_without_order_nothing_waits(contract, receiver, queue):
    receiver.reply(500)
    queue("m1", '"1"'), queue("m2", '"2"')
    take_turn(contract.pk)
    assert [received.body for received in receiver.received] == [b'"1"', b'"2"']


def test_events_of_the_stream_are_not_sent_to_it(contract, receiver, happen):
    happen()
    assert not Delivery.objects.exists()


def test_nothing_is_queued_for_a_disabled_one(contract, queue):
    disable_subscription(contract, reason="requested", by=TESTER)
    assert queue() is None


def test_body_is_sealed_in_the_database(contract, queue):
    from django.db import connection

    queue(body='{"name": "Nguyễn Thị Hoa"}')
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT body FROM {Delivery._meta.db_table}")
        ((stored,),) = cursor.fetchall()
    assert "Hoa" not in stored
