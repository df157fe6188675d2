"""The console's pages about messages: spreadsheets, search, one message's story, conversations."""

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gaap.actors import SYSTEM
from gaap.audit.models import AuditEvent
from gaap_notify.models import Job, Notification
from gaap_notify.services.jobs import write_due_chunks
from gaap_notify.services.notifications import change_status
from gaap_notify.services.received import keep_received_text
from tests.console.conftest import browser_of, colleague

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(service):
    return browser_of(colleague(service, "caseworker"))


@pytest.fixture
def address(service):
    def of(name, *arguments):
        return reverse(f"notify-console-{name}", args=[service.pk, *arguments])

    return of


def sheet(text, name="may.csv"):
    return SimpleUploadedFile(name, text.encode(), content_type="text/csv")


GOOD = "email address,name,amount\nngoc@example.org,Ngọc,£10\nnia@example.org,=Nia,£20\n"


def test_spreadsheet_is_taken_and_its_results_are_handed_out(browser, address, email_template):
    upload = {"template": str(email_template.pk), "file": sheet(GOOD)}
    answer = browser.post(address("new-job"), upload)
    job = Job.objects.get()
    assert answer["Location"] == address("job", job.pk)
    assert (job.rows, job.key_type, job.created_by) == (2, "live", "caseworker@transport.example")
    assert "0 / 2" in browser.get(address("job", job.pk)).content.decode()
    write_due_chunks()
    assert "2 / 2" in browser.get(address("jobs")).content.decode()
    download = browser.get(address("job-results", job.pk))
    rows = list(csv.reader(io.StringIO(b"".join(download.streaming_content).decode())))
    assert [row[:4] for row in rows[1:]] == [
        ["1", "ngoc@example.org", "", "created"],
        ["2", "nia@example.org", "", "created"],
    ]
    assert AuditEvent.objects.filter(action="job_results_downloaded").count() == 1


def test_faulty_rows_are_shown_and_nothing_is_sent(browser, address, email_template):
    text = "email address,name,amount\nnobody,Ngọc,£10\nnia@example.org,Nia,£20\n"
    page = browser.post(address("new-job"), {"template": str(email_template.pk), "file": sheet(text)}).content.decode()
    assert 'href="#id_file"' in page
    assert re.search(r'<th scope="row">1</th><td>[^<]*Not a valid email address', page)
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"file": ""}, "file"), ({"template": ""}, "template"), ({"scheduled_for": "soon"}, "scheduled_for")],
)
def test_form_says_what_is_missing(browser, address, email_template, changes, field):
    upload = {"template": str(email_template.pk), "file": sheet(GOOD), **changes}
    assert f'href="#id_{field}"' in browser.post(address("new-job"), upload).content.decode()


def test_spreadsheet_is_cancelled(browser, address, email_template):
    browser.post(address("new-job"), {"template": str(email_template.pk), "file": sheet(GOOD)})
    job = Job.objects.get()
    browser.post(address("cancel-job", job.pk))
    job.refresh_from_db()
    assert (job.status, write_due_chunks()) == ("cancelled", 0)


def test_message_is_found_and_its_story_is_told(browser, address, send_email):
    found = Notification.objects.get(pk=send_email(reference="case 7").id)
    send_email("nia@example.org")
    change_status(found, "sending", by=SYSTEM)
    for query in ({"to": "NGOC@example.org"}, {"reference": "case 7"}, {"status": "sending"}):
        page = browser.get(address("messages"), query).content.decode()
        assert page.count("/notify/messages/") >= 1
        assert str(found.pk) in page
        assert page.count("<tr>") == 2
    assert "ngoc@example.org" not in browser.get(address("messages")).content.decode()
    page = browser.get(address("message", found.pk)).content.decode()
    assert "ngoc@example.org" in page
    assert page.index("Waiting to be sent") < page.rindex("On its way")
    assert AuditEvent.objects.filter(action="notification_viewed").count() == 1


def test_other_services_messages_are_not_there(browser, address, service, other_service, send_email):
    found = Notification.objects.get(pk=send_email().id)
    Notification.objects.update(service=other_service)
    assert browser.get(address("message", found.pk)).status_code == 404
    assert str(found.pk) not in browser.get(address("messages")).content.decode()


def test_conversation_goes_both_ways(browser, address, service, send_sms):
    send_sms("07700900123")
    text = keep_received_text(service, user_number="447700900123", notify_number="07700900222", content="Thank you")
    assert "Thank you" in browser.get(address("received")).content.decode()
    page = browser.get(address("conversation", text.pk)).content.decode()
    assert page.index("Hello Ngoc") < page.index("Thank you")
