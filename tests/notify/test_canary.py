"""Planted values that must show nowhere: no recipient, text or secret in logs, events, or the audit."""

import logging

import pytest

from gaap.audit.models import AuditEvent
from gaap.observing import tracing
from gaap.observing.otlp import Collector
from gaap.outbox.models import OutboxEvent
from gaap_notify.models import Notification, Receipt, SandboxMessage
from tests.notify.tokens import NotifyClient
from tests.platform.collector import collecting

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "07700900777"
ADDRESS = "canary.bird@example.org"
WORD = "sulphur-crested"
CANARIES = (NUMBER, NUMBER[1:], ADDRESS, WORD)


@pytest.fixture
def told():
    """What a collector of traces is told."""
    with collecting() as collector:
        sender = Collector(collector.url)
        tracing.begin(sender.tell)
        yield collector, sender
        tracing.end()


@pytest.fixture
def everything(told, caplog, eager, settings, test_key, sms_template, email_template):
    """Every log line at the finest level, every event, audit event and trace of a day in the life of Notify."""
    caplog.set_level(logging.DEBUG)
    notify = NotifyClient(test_key.api_key)
    given = {"name": WORD, "amount": WORD}
    for recipient in (NUMBER, "07700900004", "0770090000"):
        notify.send("sms", {"phone_number": recipient, "template_id": str(sms_template.pk), "personalisation": given})
    for recipient in (ADDRESS, "refused@simulator.notify", f"{ADDRESS}..", f"{ADDRESS}\r\nBcc: {ADDRESS}"):
        notify.send(
            "email", {"email_address": recipient, "template_id": str(email_template.pk), "personalisation": given}
        )
    for row in Notification.objects.all():
        notify.get(f"/v2/notifications/{row.pk}")
    notify.get("/v2/notifications", {"reference": WORD[:5]})
    notify.post("/providers/notify/email/sandbox/receipts", WORD, content_type="text/plain")
    lines = [record.getMessage() + str(record.args) for record in caplog.records]
    collector, sender = told
    sender.close()
    traces = b"".join(collector.bodies).decode(errors="replace")
    return "\n".join([*lines, caplog.text, traces, str([*OutboxEvent.objects.values(), *AuditEvent.objects.values()])])


def test_nothing_is_told(everything, test_key):
    assert SandboxMessage.objects.count() == 2
    assert Receipt.objects.filter(outcome="refused").count() == 1
    assert "unavailable to this recipient" in everything
    assert "notify.provider_call" in everything
    assert "POST /providers/notify/" in everything
    found = [canary for canary in (*CANARIES, test_key.api_key.secret, test_key.text) if canary in everything]
    assert found == []
