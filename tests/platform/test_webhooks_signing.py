"""Signatures: what we send is verified by the library that receivers use, and nothing else is."""

import base64
import random
import time
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from gaap.testing.plugin import TESTER
from gaap.webhooks.errors import WebhookStateError
from gaap.webhooks.models import WebhookSecret
from gaap.webhooks.services.secrets import rotate_secret, usable_secrets
from gaap.webhooks.services.sending import take_turn
from gaap.webhooks.signing import SecretError, new_secret, secret_key, sign
from tests.platform.receiver import Received
from tests.platform.webhook_fixtures import *  # noqa: F403

DELIVERIES = 100


def test_vector_of_the_specification():
    signature = sign(
        b'{"test": 2432232314}',
        secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_signs_with_every_secret():
    secrets = [new_secret(), new_secret()]
    signature = sign(b"{}", secrets=secrets, id="a", timestamp=int(time.time()))
    headers = {"webhook-id": "a", "webhook-timestamp": str(int(time.time())), "webhook-signature": signature}
    for secret in secrets:
        Webhook(secret).verify(b"{}", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(b"{}", headers)


@pytest.mark.parametrize(
    "secret",
    [
        "", "whsec_", "secret", "whsec_?", base64.b64encode(b"x" * 32).decode(),
        "whsec_" + base64.b64encode(b"x" * 23).decode(), "whsec_" + base64.b64encode(b"x" * 65).decode(),
        "whsec_ümlaut",
    ],
)  # fmt: skip
def test_refuses_what_is_no_secret(secret):
    with pytest.raises(SecretError):
        secret_key(secret)


@pytest.fixture
def delivered(webhook, receiver, happen):
    """A hundred deliveries as they arrived."""
    for number in range(DELIVERIES):
        happen(f"parcel/{number}", text="mười nghìn đồng", number=number)
    while len(receiver.received) < DELIVERIES:
        take_turn(webhook.pk)
    return list(receiver.received)


@pytest.mark.django_db
def test_all_are_verified_and_none_that_was_changed(delivered, secret):
    assert sum(is_genuine(received, secret) for received in delivered) == DELIVERIES
    randomly = random.Random(7)
    assert sum(is_genuine(with_one_byte_changed(received, randomly), secret) for received in delivered) == 0
    assert sum(is_genuine(with_another_time(received, 1), secret) for received in delivered) == 0
    assert sum(is_genuine(with_another_time(received, -1), secret) for received in delivered) == 0
    assert sum(is_genuine(with_another_id(received), secret) for received in delivered) == 0


@pytest.mark.django_db
def test_old_deliveries_are_refused(webhook, receiver, happen, secret, work, monkeypatch):
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 600)
    happen()
    work()
    assert not is_genuine(receiver.received[0], secret)


@pytest.mark.django_db
def test_signs_with_the_machines_time_when_the_clock_is_moved(webhook, receiver, happen, secret, work, clock):
    """Only the suite's clock can be moved, and the receiver would think the message old or from the future."""
    clock.move(timedelta(days=3))
    happen()
    work()
    assert is_genuine(receiver.received[0], secret)


@pytest.mark.django_db
def test_rotation_loses_none(webhook, receiver, happen, secret, work, clock):
    """The receiver takes the new secret over at some time in the overlap; every delivery verifies with what it has."""
    old, verified = secret, 0
    for number in range(60):
        if number == 20:
            fresh = rotate_secret(webhook, overlap=timedelta(hours=1), by=TESTER).secret
        if number == 40:
            clock.move(timedelta(hours=2))
        happen(f"parcel/{number}")
        work()
        verified += is_genuine(receiver.received[-1], old if number < 30 else fresh)
    assert verified == 60
    assert not is_genuine(receiver.received[-1], old)


@pytest.mark.django_db
def test_overlap_never_lengthens_an_earlier_one(webhook, clock):
    rotate_secret(webhook, overlap=timedelta(hours=1), by=TESTER)
    rotate_secret(webhook, overlap=timedelta(hours=9), by=TESTER)
    clock.move(timedelta(hours=2))
    assert len(usable_secrets(webhook)) == 2


@pytest.mark.django_db
def test_without_overlap_the_old_one_ends_at_once(webhook, secret):
    fresh = rotate_secret(webhook, overlap=timedelta(), by=TESTER)
    assert usable_secrets(webhook) == [fresh.secret]


@pytest.mark.django_db
def test_only_so_many_secrets(webhook):
    for _ in range(4):
        rotate_secret(webhook, overlap=timedelta(days=7), by=TESTER)
    with pytest.raises(WebhookStateError):
        rotate_secret(webhook, overlap=timedelta(days=7), by=TESTER)


@pytest.mark.django_db
def test_secrets_are_sealed_in_the_database(webhook, secret):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT secret FROM {WebhookSecret._meta.db_table}")
        ((stored,),) = cursor.fetchall()
    assert secret not in stored
    assert secret.removeprefix("whsec_") not in stored


def is_genuine(received: Received, secret: str) -> bool:
    try:
        received.verify(secret)
    except (WebhookVerificationError, UnicodeDecodeError):
        return False
    return True


def with_one_byte_changed(received: Received, randomly: random.Random) -> Received:
    body = bytearray(received.body)
    body[randomly.randrange(len(body))] ^= 1 << randomly.randrange(8)
    return Received(received.path, received.headers, bytes(body))


def with_another_time(received: Received, seconds: int) -> Received:
    moved = str(int(received.headers["webhook-timestamp"]) + seconds)
    return Received(received.path, {**received.headers, "webhook-timestamp": moved}, received.body)


def with_another_id(received: Received) -> Received:
    return Received(received.path, {**received.headers, "webhook-id": received.id[:-1] + "!"}, received.body)
