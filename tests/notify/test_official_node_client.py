"""The official Node client, unchanged but for its base address, against the running suite: every method it has."""

import base64
import gc

import pytest

from gaap.testing.plugin import TESTER
from gaap_notify.models import ReplyTo
from gaap_notify.services.received import keep_received_text
from gaap_notify.services.setup import change_settings
from gaap_notify.services.templates import create_template
from tests.node.modules import run
from tests.notify.pdfs import make_pdf

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.node]


@pytest.fixture
def answers(live_server, settings, eager, service, test_key, sms_template, email_template):
    """What every method of the client answered."""
    settings.GAAP_BASE_URL = live_server.url
    change_settings(
        service, permissions=["sms", "email", "letter"], contact_details="help@transport.example", by=TESTER
    )
    file = create_template(service, type="email", name="File", subject="Yours", body="Get ((doc))", by=TESTER)
    letter = create_template(service, type="letter", name="Licence", subject="Hello", body="Dear ((name))", by=TESTER)
    reply_to = ReplyTo.objects.create(service=service, email="help@transport.example")
    keep_received_text(service, user_number="447700900111", notify_number="07700900222", content="Hello")
    given = {
        "baseUrl": live_server.url,
        "key": test_key.text,
        "sms": str(sms_template.pk),
        "email": str(email_template.pk),
        "letter": str(letter.pk),
        "file": str(file.pk),
        "replyTo": str(reply_to.pk),
        "pdf": base64.b64encode(make_pdf()).decode(),
    }
    found = run("notify_client.js", given)
    gc.collect()
    return found


def test_every_method(answers):
    assert answers["sms"]["content"]["body"] == "Hello Ann"
    assert answers["email"]["sanitised_content"]["name"]["sanitised"] == "\\[x\\]\\(\\)"
    assert answers["email"]["content"]["one_click_unsubscribe_url"] == "https://transport.example/stop"
    assert answers["letter"]["content"] == {"body": "Dear Ann", "subject": "Hello"}
    assert answers["precompiled"] == {**answers["precompiled"], "reference": "node", "postage": "first"}
    assert answers["refused"]["errors"][0]["error"] == "BadRequestError"
    assert answers["noPdf"] == {"status": 400}
    assert answers["one"]["status"] == "delivered"
    assert answers["fetched"] == {"type": "application/json", "text": '{"a": 1}'}
    assert answers["asked"] == {"status": 200, "asks": True}
    assert [entry["type"] for entry in answers["all"]["notifications"]] == ["email"]
    assert answers["older"]["notifications"] == []
    assert answers["pdfStart"] == "%PDF-"
    assert answers["template"]["body"] == answers["version"]["body"] == "Hello ((name))"
    assert [entry["name"] for entry in answers["templates"]["templates"]] == ["Licence"]
    assert answers["preview"]["subject"] == "Paid 1"
    assert [entry["content"] for entry in answers["received"]["received_text_messages"]] == ["Hello"]
