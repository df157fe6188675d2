"""A service that has sent for years lists its messages as quickly as one that began last week."""

import json

import pytest
from django.db import connection

from gaap.clock import now
from gaap_notify.models import Notification
from gaap_notify.services.notifications import list_notifications
from gaap_notify.services.results import search_messages
from gaap_notify.services.retention import EMPTY
from tests.benchmarks.growth.filling import Past, digest_of, moment_of, uuid_of, write

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]

FORGOTTEN, KEPT = 4000, 20
OTHERS = 4000
#: The messages of all would be hundreds of pages.
MOST_PAGES = 90


def past_of(row, count, salt, *, first, last, **columns):
    moment = moment_of(count, first=first, last=last)
    usual = {"id": uuid_of(moment, salt), "recipient_digest": digest_of(salt), "created_at": moment}
    return Past(row, count, {**usual, **columns}, {"now": now()})


@pytest.fixture
def kept(send_sms, other_service):
    """What is still kept of the service's messages of half a year; another service has much more of this week."""
    row = Notification.objects.get(pk=send_sms(key_type="live").id)
    emptied = dict.fromkeys(EMPTY, "''")
    write(
        past_of(row, FORGOTTEN, "old", first=180.0, last=7.0, **emptied, forgotten_at="%(now)s", status="'delivered'")
    )
    found = past_of(row, KEPT, "new", first=7.0, last=0.1)
    write(found)
    write(past_of(row, OTHERS, "theirs", first=7.0, last=0.1, service_id=f"'{other_service.pk}'::uuid"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE gaap_notify_notification")
    return found


def pages_read(work, django_assert_max_num_queries):
    """Do the work and return how many pages of the database its last question about messages looked at."""
    with django_assert_max_num_queries(9) as asked:
        work()
    statement = next(each["sql"] for each in reversed(asked.captured_queries) if "notify_notification" in each["sql"])
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement.replace("%", "%%"))
        (found,) = cursor.fetchone()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def test_a_page_past_the_last_message_reads_nothing_forgotten(service, kept, django_assert_max_num_queries):
    (oldest,) = kept.names("id", [1])
    found = []

    def work():
        found.extend(list_notifications(service.pk, key_type="live", older_than=oldest))

    assert pages_read(work, django_assert_max_num_queries) <= MOST_PAGES
    assert found == []


def test_the_console_reads_what_it_shows(service, kept, django_assert_max_num_queries):
    found: list[Notification] = []
    looked_at = pages_read(lambda: found.extend(search_messages(service.pk)[:51]), django_assert_max_num_queries)
    assert looked_at <= MOST_PAGES
    assert len(found) == KEPT + 1


def test_somebody_is_found_without_knowing_the_service(kept, django_assert_max_num_queries):
    digests = kept.names("recipient_digest", [3])
    rows = Notification.objects.filter(recipient_digest__in=digests, forgotten_at__isnull=True)
    found: list[Notification] = []
    assert pages_read(lambda: found.extend(rows), django_assert_max_num_queries) <= MOST_PAGES
    assert [str(row.pk) for row in found] == [str(key) for key in kept.names("id", [3])]
