"""How many messages a day (spec A.12): counted without counting rows, and given back when nothing was accepted."""

import pytest

from gaap.keys.services import create_api_key
from gaap.testing.plugin import TESTER
from gaap_notify.models import Notification
from gaap_notify.services import daily_limits
from gaap_notify.services.daily_limits import daily_limit
from tests.notify.tokens import NotifyClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def live_notify(live_key, monkeypatch):
    monkeypatch.setattr(daily_limits, "DAILY", {"email": 2, "sms": 2, "letter": 2})
    return NotifyClient(live_key.api_key)


def test_one_too_many_is_refused_in_the_contracts_words(live_notify, sms_body, email_body):
    assert [live_notify.send("sms", sms_body).status_code for _ in range(3)] == [201, 201, 429]
    answer = live_notify.send("sms", "no json")
    assert answer.json()["errors"] == [
        {"error": "TooManyRequestsError", "message": "Exceeded send limits (sms: 2) for today"}
    ]
    assert live_notify.send("email", email_body).status_code == 201
    assert Notification.objects.count() == 3


def test_refused_messages_count_nothing(live_notify, sms_body):
    for _ in range(5):
        assert live_notify.send("sms", {**sms_body, "phone_number": "nonsense"}).status_code == 400
    assert live_notify.send("sms", sms_body).status_code == 201


def test_test_keys_count_apart(live_notify, notify, sms_body):
    statuses = [client.send("sms", sms_body).status_code for client in (notify, notify, live_notify, live_notify)]
    assert statuses == [201] * 4


def test_next_day_begins_anew(live_notify, sms_body, monkeypatch):
    from datetime import timedelta

    from gaap.clock import now

    for _ in range(3):
        live_notify.send("sms", sms_body)
    monkeypatch.setattr(daily_limits, "now", lambda: now() + timedelta(days=1))
    assert live_notify.send("sms", sms_body).status_code == 201


@pytest.mark.parametrize(("key_type", "limit"), [("team", 50), ("test", 250_000)])
def test_trial_services_may_send_less(trial_service, key_type, limit):
    create_api_key(trial_service, name="x", type=key_type, by=TESTER)
    assert daily_limit(trial_service, key_type=key_type, channel="sms") == limit
