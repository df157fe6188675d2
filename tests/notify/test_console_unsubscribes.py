"""The console's page about who unsubscribed: reports, their table, marking them as completed."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.clock import move_clock
from gaap.testing.plugin import TESTER
from gaap_notify.models import Notification, UnsubscribeReport, UnsubscribeRequest
from gaap_notify.services.sending import SendOrder, send_notification
from gaap_notify.services.templates import TemplateParts, create_template
from gaap_notify.services.unsubscribing.reports import NothingToReportError, make_report, purge_unsubscribes
from gaap_notify.services.unsubscribing.requests import Subscriber, subscribe_again, unsubscribe
from tests.console.conftest import browser_of, colleague

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(service):
    return browser_of(colleague(service, "caseworker"))


@pytest.fixture
def address(service):
    return lambda name, *arguments: reverse(f"notify-console-{name}", args=[service.pk, *arguments])


@pytest.fixture
def gone(service):
    """Return a function that lets somebody unsubscribe from emails of the service."""
    parts = TemplateParts(has_unsubscribe_link=True)
    template = create_template(service, type="email", name="=News", subject="S", body="B", parts=parts, by=TESTER)

    def leave(email):
        order = SendOrder(service=service, channel="email", template_id=template.pk, recipient=email, key_type="live")
        accepted = send_notification(order)
        person = Subscriber(Notification.objects.select_related("template_version").get(pk=accepted.id), email)
        unsubscribe(person)
        return person

    return leave


def rows_of(answer):
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_at_first_there_is_nothing(browser, address):
    text = browser.get(address("unsubscribes")).content.decode()
    assert "Nobody is waiting to be put into a report." in text
    assert "Make a report" not in text


def test_a_report_is_made_taken_away_and_completed(browser, address, gone):
    gone("+ngoc@example.org")
    gone("nia@example.org")
    assert "2 people are in no report yet." in browser.get(address("unsubscribes")).content.decode()
    answer = browser.post(address("new-unsubscribe-report"))
    assert answer["Location"] == address("unsubscribes")
    report = UnsubscribeReport.objects.get()
    text = browser.get(address("unsubscribes")).content.decode()
    assert "<td>2</td>" in text
    assert "Nobody is waiting" in text
    download = browser.get(address("unsubscribe-report", report.pk))
    assert download["Content-Type"] == "text/csv; charset=utf-8"
    head, *rows = rows_of(download)
    assert head[0] == "Email address"
    assert [row[:2] for row in rows] == [["'+ngoc@example.org", "'=News"], ["nia@example.org", "'=News"]]
    assert [row[5] for row in rows] == ["", ""]
    browser.post(address("complete-unsubscribe-report", report.pk), {"completed": "yes"})
    report.refresh_from_db()
    assert report.completed_at is not None
    assert "Open again" in browser.get(address("unsubscribes")).content.decode()
    browser.post(address("complete-unsubscribe-report", report.pk), {"completed": "no"})
    assert UnsubscribeReport.objects.filter(completed_at__isnull=True).exists()
    actions = AuditEvent.objects.filter(action__startswith="unsubscribe_report").order_by("id")
    assert [event.action.removeprefix("unsubscribe_report_") for event in actions] == [
        *("made", "downloaded", "completed", "reopened"),
    ]
    assert "ngoc" not in str([vars(event) for event in actions])


def test_marking_it_twice_is_one_act(browser, address, gone):
    gone("nia@example.org")
    browser.post(address("new-unsubscribe-report"))
    report = UnsubscribeReport.objects.get()
    for _ in range(2):
        browser.post(address("complete-unsubscribe-report", report.pk), {"completed": "yes"})
    assert AuditEvent.objects.filter(action="unsubscribe_report_completed").count() == 1


def test_who_took_it_back_before_is_in_no_report_and_afterwards_is_marked(browser, address, gone, service):
    subscribe_again(gone("early@example.org"))
    later = gone("late@example.org")
    make_report(service, by=TESTER)
    subscribe_again(later)
    report = UnsubscribeReport.objects.get()
    (row,) = rows_of(browser.get(address("unsubscribe-report", report.pk)))[1:]
    assert row[0] == "late@example.org"
    assert row[5]
    assert "<td>0</td>" in browser.get(address("unsubscribes")).content.decode()


def test_a_second_report_holds_only_who_came_since(browser, address, gone, service):
    gone("first@example.org")
    make_report(service, by=TESTER)
    with pytest.raises(NothingToReportError):
        make_report(service, by=TESTER)
    browser.post(address("new-unsubscribe-report"))
    assert UnsubscribeReport.objects.count() == 1
    gone("second@example.org")
    browser.post(address("new-unsubscribe-report"))
    assert [report.requests.get().recipient for report in UnsubscribeReport.objects.order_by("created_at")] == [
        *("first@example.org", "second@example.org"),
    ]


def test_reports_go_after_ninety_days(gone, service):
    gone("nia@example.org")
    make_report(service, by=TESTER)
    try:
        move_clock(timedelta(days=89))
        assert purge_unsubscribes(100) == 0
        move_clock(timedelta(days=91))
        assert purge_unsubscribes(100) == 1
    finally:
        move_clock(None)
    assert not UnsubscribeRequest.objects.exists()
    assert not UnsubscribeReport.objects.exists()


def test_the_list_asks_as_much_for_many_reports_as_for_one(
    browser, address, gone, service, django_assert_max_num_queries
):
    for index in range(3):
        gone(f"person{index}@example.org")
        make_report(service, by=TESTER)
    with django_assert_max_num_queries(12):
        assert browser.get(address("unsubscribes")).content.decode().count("<td>1</td>") == 3


def test_others_may_not(service, address, gone, stranger):
    gone("nia@example.org")
    report = make_report(service, by=TESTER)
    pages = [
        ("get", address("unsubscribes")),
        ("post", address("new-unsubscribe-report")),
        ("get", address("unsubscribe-report", report.pk)),
        ("post", address("complete-unsubscribe-report", report.pk)),
    ]
    viewer, outsider = browser_of(colleague(service, "viewer")), browser_of(stranger)
    for method, path in pages:
        assert getattr(viewer, method)(path).status_code == 403
        assert getattr(outsider, method)(path).status_code == 404


def test_another_services_report_is_not_found(other_service, gone, service):
    gone("nia@example.org")
    report = make_report(service, by=TESTER)
    theirs = browser_of(colleague(other_service, "admin"))
    for method, name in (("get", "unsubscribe-report"), ("post", "complete-unsubscribe-report")):
        path = reverse(f"notify-console-{name}", args=[other_service.pk, report.pk])
        assert getattr(theirs, method)(path).status_code == 404
