"""The official Python client, unchanged but for its base address, against the running suite."""

import gc
import io
import time
from typing import Any

import pytest
import requests
from notifications_python_client import authentication
from notifications_python_client.errors import HTTPError
from notifications_python_client.notifications import NotificationsAPIClient
from notifications_python_client.utils import prepare_upload

from gaap.keys.services import create_api_key, revoke_api_key
from gaap.testing.plugin import TESTER
from gaap_notify.models import Notification
from gaap_notify.services import notifications, received
from gaap_notify.services.received import keep_received_text
from gaap_notify.services.setup import change_settings
from gaap_notify.services.templates import change_template, create_template
from tests.notify.pdfs import make_pdf

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connect(live_server, eager):
    """Return a function that makes a client from the text of a key; their connections are closed in the end."""
    clients = []

    def make(key):
        clients.append(NotificationsAPIClient(key, base_url=live_server.url))
        return clients[-1]

    yield make
    for client in clients:
        client.request_session.close()
    # Caught exceptions hold on to their responses: each would keep a thread of the server and its database connection.
    gc.collect()


@pytest.fixture
def client(connect, test_key):
    return connect(test_key.text)


@pytest.fixture
def text(client, sms_template):
    return client.send_sms_notification("07700900123", str(sms_template.pk), {"name": "Ann"}, "case 12")


@pytest.fixture
def email(client, email_template):
    given = {"name": "Ann", "amount": "£10"}
    return client.send_email_notification("ann@example.org", str(email_template.pk), given, "case 13")


def refusal(call):
    """What the client says of a refused call: status and the first error's class and message."""
    with pytest.raises(HTTPError) as caught:
        call()
    fault: Any = caught.value.message[0]
    return caught.value.status_code, fault["error"], fault["message"]


def test_send_a_text_and_read_it(client, text):
    assert text["content"]["body"] == "Hello Ann"
    found = client.get_notification_by_id(text["id"])
    assert found["status"] == "delivered"
    assert found["phone_number"] == "07700900123"
    assert found["reference"] == "case 12"
    assert found["completed_at"] is not None


def test_send_an_email_and_read_it(client, email):
    assert email["content"]["subject"] == "Paid £10"
    found = client.get_notification_by_id(email["id"])
    assert found["status"] == "delivered"
    assert found["email_address"] == "ann@example.org"


def test_email_with_everything_the_client_can_say(client, service, email_template):
    from gaap_notify.models import ReplyTo

    address = ReplyTo.objects.create(service=service, email="help@transport.example")
    sent = client.send_email_notification(
        email_address="ann@example.org",
        template_id=str(email_template.pk),
        personalisation={"name": "[x](https://evil.example)", "amount": "1"},
        reference="case 14",
        email_reply_to_id=str(address.pk),
        one_click_unsubscribe_url="https://transport.example/stop",
        sanitise_content_for=["name"],
    )
    assert sent["sanitised_content"]["name"]["sanitised"] == "\\[x\\]\\(\\)"
    assert sent["content"]["one_click_unsubscribe_url"] == "https://transport.example/stop"


def test_list(client, text, email):
    everything = client.get_all_notifications()["notifications"]
    assert [entry["id"] for entry in everything] == [email["id"], text["id"]]
    some = client.get_all_notifications(status=["delivered", "sending"], template_type="sms", include_jobs=True)
    assert [entry["id"] for entry in some["notifications"]] == [text["id"]]
    assert client.get_all_notifications(reference="case 13")["notifications"][0]["id"] == email["id"]
    assert client.get_all_notifications(older_than=text["id"])["notifications"] == []


def test_iterator_reads_every_page(client, sms_template, monkeypatch):
    monkeypatch.setattr(notifications, "PAGE_SIZE", 2)
    sent = [client.send_sms_notification("07700900123", str(sms_template.pk), {"name": "x"})["id"] for _ in range(5)]
    assert [entry["id"] for entry in client.get_all_notifications_iterator()] == sent[::-1]


def test_iterator_over_nothing(client):
    assert list(client.get_all_notifications_iterator()) == []


def test_templates(client, sms_template, email_template):
    change_template(sms_template, name="Reminder", body="Dear ((name))", by=TESTER)
    assert client.get_template(str(sms_template.pk))["version"] == 2
    assert client.get_template_version(str(sms_template.pk), 1)["body"] == "Hello ((name))"
    assert [entry["type"] for entry in client.get_all_templates()["templates"]] == ["email", "sms"]
    assert [entry["name"] for entry in client.get_all_templates("sms")["templates"]] == ["Reminder"]
    preview = client.post_template_preview(str(email_template.pk), {"name": "Ann", "amount": "1"})
    assert preview["subject"] == "Paid 1"


def test_simulated_failures(client, sms_template, email_template):
    texts = {"07700900003": "temporary-failure", "07700900002": "permanent-failure"}
    emails = {"temp-fail@simulator.notify": "temporary-failure", "perm-fail@simulator.notify": "permanent-failure"}
    given = {"name": "x", "amount": "1"}
    for number, status in texts.items():
        sent = client.send_sms_notification(number, str(sms_template.pk), given)
        assert client.get_notification_by_id(sent["id"])["status"] == status
    for address, status in emails.items():
        sent = client.send_email_notification(address, str(email_template.pk), given)
        assert client.get_notification_by_id(sent["id"])["status"] == status
    assert len(client.get_all_notifications("failed")["notifications"]) == 4


def test_smoke_recipient_leaves_nothing(client, sms_template):
    sent = client.send_sms_notification("07700900111", str(sms_template.pk), {"name": "x"})
    assert not Notification.objects.exists()
    assert refusal(lambda: client.get_notification_by_id(sent["id"])) == (404, "NoResultFound", "No result found")


def test_refused_keys(connect, client, test_key, monkeypatch):
    wrong_secret = f"{test_key.text[:-12]}{'0' * 12}"
    nobody = "key-3b9a0f4e-4b0e-4a8f-9d7e-0b9a0f4e4b0e-5c1d2e3f-4a5b-4c6d-8e7f-5c1d2e3f4a5b"
    told = {
        connect(wrong_secret): "Invalid token: API key not found",
        connect(nobody): "Invalid token: service not found",
    }
    for stranger, message in told.items():
        assert refusal(stranger.get_all_templates) == (403, "AuthError", message)
    revoke_api_key(test_key.api_key, by=TESTER)
    assert refusal(client.get_all_templates) == (403, "AuthError", "Invalid token: API key revoked")
    monkeypatch.setattr(authentication, "epoch_seconds", lambda: int(time.time()) - 120)
    clock = "Error: Your system clock must be accurate to within 30 seconds"
    assert refusal(client.get_all_templates) == (403, "AuthError", clock)


def test_refused_messages(client, service, sms_template, email_template):
    def text(number, template, given):
        return lambda: client.send_sms_notification(number, str(template.pk), given)

    def email(address, template, given):
        return lambda: client.send_email_notification(address, str(template.pk), given)

    name = {"name": "x", "amount": "1"}
    missing = (400, "BadRequestError", "Missing personalisation: name")
    malformed = (400, "ValidationError", "phone_number Not enough digits")
    assert refusal(email("ann@example.org", email_template, {"amount": "1"})) == missing
    assert refusal(text("077", sms_template, name)) == malformed
    assert refusal(text("07700900123", service, name)) == (400, "BadRequestError", "Template not found")
    assert refusal(email("ann", email_template, name))[:2] == (400, "ValidationError")


def test_team_key_reaches_only_the_team(connect, service, member, email_template):
    team = connect(create_api_key(service, name="team", type="team", by=TESTER).text)
    given = {"name": "x", "amount": "1"}

    def send():
        team.send_email_notification("stranger@example.org", str(email_template.pk), given)

    assert refusal(send) == (400, "BadRequestError", "Can’t send to this recipient using a team-only API key")
    assert team.send_email_notification(member.email, str(email_template.pk), given)["id"]


def test_key_with_dashes_in_its_name(connect, service):
    issued = create_api_key(service, name="My very-own key", type="test", by=TESTER)
    assert connect(issued.text).get_all_templates() == {"templates": []}


@pytest.fixture
def letter_template(service):
    change_settings(service, permissions=["sms", "email", "letter"], by=TESTER)
    return create_template(service, type="letter", name="Licence", subject="Hello", body="Dear ((name))", by=TESTER)


def test_letters(client, letter_template):
    address = {"address_line_1": "Ann", "address_line_2": "1 Long Street", "postcode": "SW1A 1AA"}
    sent = client.send_letter_notification(str(letter_template.pk), {"name": "Ann", **address}, "case 15")
    assert sent["content"] == {"body": "Dear Ann", "subject": "Hello"}
    found = client.get_notification_by_id(sent["id"])
    assert (found["status"], found["postcode"]) == ("received", "SW1A 1AA")
    assert client.get_pdf_for_letter(sent["id"]).read().startswith(b"%PDF-")
    assert [entry["id"] for entry in client.get_all_notifications("received", "letter")["notifications"]] == [
        sent["id"]
    ]


def test_precompiled_letters(client, letter_template):
    sent = client.send_precompiled_letter_notification("case 16", io.BytesIO(make_pdf()), "first")
    assert sent == {"id": sent["id"], "reference": "case 16", "postage": "first"}
    assert client.get_notification_by_id(sent["id"])["line_1"] == "Mr John Jones"
    assert client.get_pdf_for_letter(sent["id"]).read() == make_pdf()


def test_pdf_of_something_else(client, text):
    told = (400, "BadRequestError", "Notification is not a letter")
    assert refusal(lambda: client.get_pdf_for_letter(text["id"])) == told


def test_files(client, service, live_server, settings):
    settings.GAAP_BASE_URL = live_server.url
    change_settings(service, contact_details="help@transport.example", by=TESTER)
    template = create_template(service, type="email", name="File", subject="Yours", body="Get ((doc))", by=TESTER)

    def send(**details):
        file = prepare_upload(io.BytesIO(b"a,b"), **details)
        sent = client.send_email_notification("ann@example.org", str(template.pk), {"doc": file})
        assert client.get_notification_by_id(sent["id"])["status"] == "delivered"
        return sent["content"]["body"].removeprefix("Get ")

    url = send(filename="amounts.csv", confirm_email_before_download=False, retention_period="1 week")
    fetched = requests.get(url.replace("?", "/download?"), timeout=60)
    assert (fetched.content, fetched.headers["Content-Type"]) == (b"a,b", "text/csv")
    asked = requests.get(send(), timeout=60)
    assert (asked.status_code, 'name="email"' in asked.text) == (200, True)
    unsupported = refusal(lambda: send(filename="x.exe"))
    assert unsupported[:2] == (400, "BadRequestError")


def test_received_texts(client, service, monkeypatch):
    monkeypatch.setattr(received, "PAGE_SIZE", 2)
    kept = [
        str(keep_received_text(service, user_number="447700900111", notify_number="07700900222", content="Hello").pk)
        for _ in range(5)
    ]
    assert [entry["id"] for entry in client.get_received_texts()["received_text_messages"]] == kept[:2:-1]
    assert [entry["id"] for entry in client.get_received_texts_iterator()] == kept[::-1]
