"""A service with templates, and callers of its API."""

import pytest

from gaap.testing.plugin import TESTER
from gaap_notify.services.sending import SendOrder, send_notification
from gaap_notify.services.templates import create_template
from tests.notify.tokens import NotifyClient


@pytest.fixture
def sms_template(service):
    return create_template(service, type="sms", name="Reminder", body="Hello ((name))", by=TESTER)


@pytest.fixture
def email_template(service):
    return create_template(
        service, type="email", name="Receipt", subject="Paid ((amount))", body="Dear ((name))\n\nThank you.", by=TESTER
    )


@pytest.fixture
def notify(test_key):
    """A caller with the service's test key."""
    return NotifyClient(test_key.api_key)


@pytest.fixture
def sms_body(sms_template):
    """A request for a text message that is accepted."""
    return {"phone_number": "07700900111", "template_id": str(sms_template.pk), "personalisation": {"name": "Ngọc"}} | {
        "phone_number": "07700900123"
    }


@pytest.fixture
def email_body(email_template):
    """A request for an email that is accepted."""
    return {
        "email_address": "ngoc@example.org",
        "template_id": str(email_template.pk),
        "personalisation": {"name": "Ngọc", "amount": "£10"},
    }


@pytest.fixture
def send_sms(service, sms_template):
    """Return a function that accepts a text message for sending."""

    def send(recipient="07700900123", *, key_type="test", **details):
        return send_notification(
            SendOrder(
                service=service,
                channel="sms",
                template_id=sms_template.pk,
                recipient=recipient,
                personalisation={"name": "Ngọc"},
                key_type=key_type,
                **details,
            )
        )

    return send


@pytest.fixture
def send_email(service, email_template):
    """Return a function that accepts an email for sending."""

    def send(recipient="ngoc@example.org", *, key_type="test", **details):
        return send_notification(
            SendOrder(
                service=service,
                channel="email",
                template_id=email_template.pk,
                recipient=recipient,
                personalisation={"name": "Ngọc", "amount": "£10"},
                key_type=key_type,
                **details,
            )
        )

    return send


@pytest.fixture
def eager(settings):
    """Run tasks at once, in the caller's thread, as soon as their transaction is through."""
    from celery import current_app

    before = current_app.conf.task_always_eager
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = before
