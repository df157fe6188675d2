"""The public performance page: open to everybody, about nobody, and cheap."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gaap.clock import now
from gaap.testing.plugin import TESTER
from gaap_notify.models import DailyCount
from gaap_notify.services.performance import DAYS, forget_performance, measure, performance
from gaap_notify.services.templates import create_template

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh():
    forget_performance()
    yield
    forget_performance()


@pytest.fixture
def today():
    return timezone.localtime(now()).date()


@pytest.fixture
def count(service, sms_template, email_template, today):
    """Return a function that puts counts of a day into the database."""
    letter = create_template(service, type="letter", name="Notice", subject="N", body="B", by=TESTER)
    templates = {"sms": sms_template, "email": email_template, "letter": letter}

    def put(channel, ago, *, sent=0, in_time=0, of=service, status="delivered", messages=None):
        sums = {"letters": sent} if channel == "letter" else {"handed_over": sent, "in_time": in_time}
        DailyCount.objects.create(
            service=of,
            day=today - timedelta(days=ago),
            template=templates[channel],
            type=channel,
            status=status,
            messages=sent if messages is None else messages,
            **sums,
        )

    return put


def test_days_weeks_and_the_whole(count, today):
    count("email", 1, sent=30, in_time=27)
    count("email", 1, sent=10, in_time=9, status="temporary-failure")
    count("sms", 1, sent=60, in_time=60)
    count("letter", 2, sent=5)
    count("sms", 8, sent=7, in_time=0)
    count("email", 3, status="technical-failure", messages=4)
    found = measure(today)
    first, second = found.days[:2]
    assert (first.since, first.numbers, first.share_in_time) == (today - timedelta(days=1), [40, 60, 0], 96.0)
    assert (second.numbers, second.share_in_time) == ([0, 0, 5], None)
    assert [week.total for week in found.weeks] == [105, 7, 0, 0]
    assert [week.since for week in found.weeks[:2]] == [today - timedelta(days=7), today - timedelta(days=14)]
    assert (found.whole.total, found.ever, found.services) == (112, 112, 1)
    assert len(found.days) == DAYS


def test_today_and_long_ago_are_in_no_day(count, today):
    count("email", 0, sent=3)
    count("email", DAYS, sent=5)
    count("email", DAYS + 1, sent=7)
    found = measure(today)
    assert (found.whole.total, found.ever) == (5, 15)


def test_a_service_on_trial_does_not_count(count, service, today):
    count("email", 1, sent=3)
    type(service).objects.filter(pk=service.pk).update(is_live=False)
    found = measure(today)
    assert (found.whole.total, found.ever, found.services) == (0, 0, 0)


def test_three_questions_however_much_there_is(count, today, django_assert_num_queries):
    for ago in range(DAYS):
        for channel in ("email", "sms", "letter"):
            count(channel, ago, sent=ago)
    with django_assert_num_queries(3):
        measure(today)


def test_many_readers_ask_once(count, django_assert_num_queries):
    count("email", 1, sent=3)
    with django_assert_num_queries(3):
        for _ in range(5):
            assert performance().whole.total == 3


def test_everybody_may_read_and_nobody_is_named(client, count, service):
    count("email", 1, sent=1234, in_time=617)
    answer = client.get("/performance")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "1234" in text.replace(",", "")
    assert "50.0%" in text
    assert service.name not in text
    assert "Receipt" not in text
    assert client.post("/performance").status_code == 405


def test_without_any_message_it_says_so(client):
    assert "None were sent" in client.get("/performance").content.decode()


@pytest.mark.parametrize(("language", "words"), [("cy", "Sut mae negeseuon"), ("vi", "Tình hình gửi tin nhắn")])
def test_in_every_language(client, language, words):
    assert words in client.get(f"/performance?lang={language}").content.decode()
