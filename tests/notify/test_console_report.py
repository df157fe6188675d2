"""The console's report: what became of messages, what they cost, how soon they were handed over."""

import csv
import io
import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from gaap.clock import now
from gaap.testing.plugin import TESTER
from gaap_notify.conf import conf
from gaap_notify.models import Letter, Notification
from gaap_notify.services.reporting import Period, allowance_of, report_of
from gaap_notify.services.templates import create_template, current_version
from tests.console.conftest import browser_of, colleague

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 20, 12, tzinfo=ZoneInfo("UTC"))
MAY = Period(date(2026, 5, 1), date(2026, 5, 31))


@pytest.fixture
def rates(settings):
    settings.GAAP_NOTIFY = {
        **getattr(settings, "GAAP_NOTIFY", {}),
        "SMS_RATE": 0.02,
        "LETTER_RATES": {"second": [0.5, 0.75]},
        "SMS_ALLOWANCE": 10,
    }


@pytest.fixture
def browser(service):
    return browser_of(colleague(service, "viewer"))


@pytest.fixture
def address(service):
    def of(name):
        return reverse(f"notify-console-{name}", args=[service.pk])

    return of


@pytest.fixture
def sent(service, sms_template, email_template):
    """Return a function that puts one message of the past into the database."""
    templates = {"sms": sms_template, "email": email_template}

    def put(channel, *, status="delivered", after=None, created_at=NOON, of=service, template=None, **columns):
        version = current_version(template or templates[channel])
        return Notification.objects.create(
            service=of,
            template_version=version,
            type=channel,
            status=status,
            recipient="a",
            address="a",
            body="b",
            created_at=created_at,
            sent_at=None if after is None else created_at + timedelta(seconds=after),
            **{"key_type": "live", **columns},
        )

    return put


@pytest.fixture
def busy(sent, rates):
    sent("sms", after=2, fragments=2)
    sent("sms", after=60, fragments=1, rate_multiplier=3, key_type="team")
    sent("sms", status="permanent-failure", after=5, fragments=1)
    sent("sms", status="created", fragments=4)
    sent("email", after=10)
    sent("email", status="temporary-failure", after=11, created_at=NOON + timedelta(days=1))
    sent("email", after=1, key_type="test")


def test_figures_are_those_of_the_messages(service, busy):
    report = report_of(service.pk, MAY)
    whole = report.whole
    assert (whole.total, whole.reached, whole.lost, whole.waiting) == (6, 3, 2, 1)
    sms, email = report.by_channel["sms"], report.by_channel["email"]
    assert (sms.total, sms.units, round(sms.cost, 4)) == (4, 2 + 3 + 1, 0.12)
    assert (sms.handed_over, sms.in_time, sms.share_in_time) == (3, 2, 66.7)
    assert (email.total, email.cost, email.share_in_time) == (2, 0, 50.0)
    assert [(row.template, figures.total) for row, figures in report.by_template] == [("Reminder", 4), ("Receipt", 2)]
    assert [(day, figures.total) for day, figures in report.by_day] == [(date(2026, 5, 21), 1), (date(2026, 5, 20), 5)]
    assert report.by_failure == [("email", "temporary-failure", 1), ("sms", "permanent-failure", 1)]


def test_nothing_sent_is_nothing_counted(service):
    whole = report_of(service.pk, MAY).whole
    assert (whole.total, whole.cost, whole.share_in_time) == (0, 0, None)


@pytest.mark.parametrize(
    ("moment", "is_counted"),
    [
        ("2026-04-30T23:59:59", False),
        ("2026-05-01T00:00:00", True),
        ("2026-05-31T23:59:59", True),
        ("2026-06-01T00:00:00", False),
    ],
    ids=["the day before", "first moment", "last moment", "the day after"],
)
def test_days_are_those_of_the_platform(service, sent, settings, moment, is_counted):
    sent("email", created_at=datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(settings.TIME_ZONE)))
    assert report_of(service.pk, MAY).whole.total == is_counted


def test_letters_cost_by_their_sheets(service, sent, rates):
    notice = create_template(service, type="letter", name="Notice", subject="N", body="B", by=TESTER)
    for pages, after in ((2, 5), (3, 5), (4, None)):
        letter = sent("letter", template=notice, status="sending" if after else "created", after=after)
        Letter.objects.create(notification=letter, postage="second", pages=pages)
    figures = report_of(service.pk, MAY).by_channel["letter"]
    assert (figures.total, figures.cost, figures.handed_over) == (3, 1.25, 0)


def test_forgotten_messages_still_count(service, sent):
    sent("email", forgotten_at=now())
    assert report_of(service.pk, MAY).whole.total == 1


def test_other_services_messages_do_not_count(service, other_service, sent):
    theirs = create_template(other_service, type="email", name="Theirs", subject="A", body="B", by=TESTER)
    sent("email", of=other_service, template=theirs)
    assert report_of(service.pk, MAY).whole.total == 0


def test_number_of_questions_does_not_grow(service, sent, busy, django_assert_num_queries):
    for number in range(5):
        template = create_template(service, type="email", name=str(number), subject="A", body="B", by=TESTER)
        for day in range(10):
            sent("email", template=template, created_at=NOON - timedelta(days=day))
    with django_assert_num_queries(2):
        assert report_of(service.pk, MAY).whole.total == 56


@pytest.mark.parametrize(
    ("today", "begin"),
    [
        (date(2026, 3, 31), date(2025, 4, 1)),
        (date(2026, 4, 1), date(2026, 4, 1)),
        (date(2026, 12, 31), date(2026, 4, 1)),
    ],
    ids=["last day", "first day", "within"],
)
def test_the_year_of_free_messages_begins_in_april(today, begin):
    assert conf.year_begins(today) == begin


def test_free_fragments_are_used_up(service, sent, rates):
    year = conf.year_begins(now().date())
    first = datetime(year.year, year.month, year.day, 12, tzinfo=ZoneInfo("UTC"))
    sent("sms", created_at=first, after=1, fragments=4, rate_multiplier=2)
    sent("sms", created_at=first - timedelta(days=1), after=1, fragments=4)
    sent("sms", created_at=first, fragments=4)
    allowance = allowance_of(service.pk)
    assert (allowance.total, allowance.used, allowance.left) == (10, 8, 2)
    sent("sms", created_at=first, after=1, fragments=4)
    assert allowance_of(service.pk).left == 0


def test_page_shows_the_period_asked_for(browser, address, busy):
    page = browser.get(address("report"), {"since": "2026-05-01", "until": "2026-05-31"}).content.decode()
    assert "66.7%" in page
    assert "Not delivered: no such recipient" in page
    assert re.search(r"Free fragments a year</dt><dd>10<", page)
    assert "since=2026-05-01&amp;until=2026-05-31" in page
    assert "Nothing was sent" in browser.get(address("report")).content.decode()


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"since": "", "until": "2026-05-31"}, "since"),
        ({"since": "2026-05-01", "until": "soon"}, "until"),
        ({"since": "2026-05-31", "until": "2026-05-30"}, "until"),
        ({"since": "2026-01-01", "until": "2026-04-03"}, "until"),
        ({"since": "99999-01-01", "until": "2026-04-03"}, "since"),
        ({"since": "0001-01-01", "until": "0001-01-01"}, "since"),
        ({"since": "2026-04-03", "until": "9999-12-31"}, "until"),
    ],
)
def test_form_says_what_is_wrong(browser, address, asked, field):
    answer = browser.get(address("report"), asked)
    assert answer.status_code == 200
    assert f'href="#id_{field}"' in answer.content.decode()
    assert browser.get(address("report-download"), asked).status_code == 200


def test_the_longest_period_is_counted(browser, address):
    page = browser.get(address("report"), {"since": "2026-01-01", "until": "2026-04-02"}).content.decode()
    assert 'href="#id_until"' not in page


def test_csv_holds_every_row_and_no_formula(browser, address, service, sent, busy):
    evil = create_template(service, type="email", name='=HYPERLINK("x")', subject="A", body="B", by=TESTER)
    sent("email", template=evil, after=1)
    answer = browser.get(address("report-download"), {"since": "2026-05-01", "until": "2026-05-31"})
    assert answer["Content-Disposition"] == 'attachment; filename="messages-2026-05-01-2026-05-31.csv"'
    head, *rows = csv.reader(io.StringIO(answer.content.decode()))
    assert head[0] == "Day"
    assert sum(int(row[5]) for row in rows) == 7
    assert [row[1] for row in rows].count('\'=HYPERLINK("x")') == 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_strangers_see_nothing(service, address, stranger):
    for name in ("report", "report-download"):
        assert browser_of(stranger).get(address(name)).status_code == 404
