"""How many statements the database sees for a request, besides BEGIN, COMMIT and savepoints."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gaap_notify.models import Notification
from tests.notify.tokens import NotifyClient

pytestmark = pytest.mark.django_db

TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK")


@pytest.fixture(autouse=True)
def _snapshots(settings):
    settings.GAAP_SNAPSHOT_SECONDS = 60


@pytest.fixture
def live_notify(live_key):
    return NotifyClient(live_key.api_key)


def statements(call):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        answer = call()
    return answer, [query["sql"] for query in seen if not query["sql"].startswith(TRANSACTION)]


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_accepting_takes_one_statement(live_notify, sms_body, email_body, channel):
    body = {"sms": sms_body, "email": email_body}[channel]
    assert live_notify.send(channel, body).status_code == 201
    answer, seen = statements(lambda: live_notify.send(channel, body))
    assert answer.status_code == 201
    assert len(seen) == (1 if connection.vendor == "postgresql" else 2)
    tables = re.findall(r'INSERT INTO "(\w+)"', " ".join(seen))
    assert tables == ["gaap_notify_notification", "gaap_outboxevent"]


@pytest.mark.parametrize("rows", [1, 30, 260])
def test_listing_takes_three_at_any_size(notify, send_sms, rows):
    for _ in range(rows):
        send_sms()
    last = Notification.objects.newest_first()[0]
    notify.get("/v2/notifications")
    for path in ("/v2/notifications", f"/v2/notifications?older_than={last.pk}"):
        answer, seen = statements(lambda path=path: notify.get(path))
        assert answer.status_code == 200
        assert len(seen) <= 3


def test_reading_one_takes_one(notify, send_sms):
    found = send_sms()
    notify.get(f"/v2/notifications/{found.id}")
    answer, seen = statements(lambda: notify.get(f"/v2/notifications/{found.id}"))
    assert answer.status_code == 200
    assert len(seen) == 1
