"""What every test of webhooks needs: a receiver, a webhook of the service, events, and a worker to send them."""

import pytest
from django.db import transaction

from gaap.clock import now
from gaap.components import EventType
from gaap.events.placing import place_waiting
from gaap.outbox.services import emit
from gaap.testing.plugin import TESTER
from gaap.webhooks.events import EVENTS
from gaap.webhooks.models import Delivery, Subscription
from gaap.webhooks.services.sending import take_turn
from gaap.webhooks.services.subscriptions import create_subscription
from gaap.webhooks.signing import new_secret
from tests.platform.receiver import receiving

KNOWN = {event.name: event for event in (*EVENTS, EventType("parcel_sent", "Sent."), EventType("parcel_lost", "Lost."))}


@pytest.fixture(autouse=True)
def embedded(settings, monkeypatch):
    """Loopback is allowed, and parcels can be sent."""
    settings.GAAP_EMBEDDED = True
    for module in ("outbox.services", "events.serializers", "webhooks.services.subscriptions"):
        monkeypatch.setattr(f"gaap.{module}.known_events", lambda: KNOWN)


@pytest.fixture
def receiver():
    with receiving() as running:
        yield running


@pytest.fixture
def secret():
    return new_secret()


@pytest.fixture
def webhook(service, receiver, secret):
    """A webhook that wants to hear of parcels."""
    return create_subscription(
        service, url=receiver.url, events=["parcel_sent", "parcel_lost"], secret=secret, by=TESTER
    )


@pytest.fixture
def happen(service):
    """Return a function that lets something happen and gives it its place in the stream."""

    def event(subject="parcel/1", *, name="parcel_sent", **data):
        with transaction.atomic():
            written = emit(name, service_id=service.pk, subject=subject, data=data)
        place_waiting()
        return written

    return event


@pytest.fixture
def work(webhook):
    """Return a function that sends what is due to the webhook and returns its newest delivery."""

    def turn(subscription: Subscription = webhook) -> Delivery:
        take_turn(subscription.pk)
        return Delivery.objects.filter(subscription=subscription).latest("sequence")

    return turn


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until the test moves it."""
    return MovableClock(monkeypatch)


class MovableClock:
    """The suite's idea of now, everywhere it is asked for; the machine's own time goes on."""

    MODULES = (
        "work",
        "webhooks.models.subscriptions",
        "webhooks.services.sending",
        "webhooks.services.batches",
        "webhooks.services.outcomes",
        "webhooks.services.health",
        "webhooks.services.subscriptions",
        "webhooks.services.secrets",
        "webhooks.services.queueing",
        "webhooks.services.replays",
        "webhooks.services.retention",
    )

    def __init__(self, monkeypatch):
        self._moment = now()
        for module in self.MODULES:
            monkeypatch.setattr(f"gaap.{module}.now", self.now)

    def now(self):
        """Return the time at which the clock stands."""
        return self._moment

    def move(self, change):
        """Let so much time pass."""
        self._moment += change
