"""Emails of the console: rows first, sent by a worker, forgotten once they are sent."""

from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.test import Client
from pytest_django.fixtures import Settings

from gaap.clock import now
from gaap.console.models import ConsoleEmail
from gaap.console.services.delivery import RETRY_MINUTES, deliver_email, purge_emails
from gaap.console.services.emails import queue_email
from gaap.console.tasks import sweep_emails

pytestmark = pytest.mark.django_db


class BrokenBackend(EmailBackend):
    """A mail server that hangs up."""

    def send_messages(self, messages):
        raise SMTPServerDisconnected


@pytest.fixture
def _on_real_services(settings: Settings) -> None:
    """A deployment that sends emails through Django's setting."""
    settings.GAAP_EMBEDDED = False
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []


def queued() -> ConsoleEmail:
    return queue_email("nia@transport.example", subject="Your code", text="123456")


@pytest.mark.usefixtures("_on_real_services")
def test_an_email_is_sent_once_and_its_text_forgotten() -> None:
    email = queued()
    deliver_email(email.pk)
    deliver_email(email.pk)
    assert [(message.to, message.body) for message in mail.outbox] == [(["nia@transport.example"], "123456")]
    email.refresh_from_db()
    assert (email.text, email.due_at) == ("", None)
    assert email.sent_at is not None


def test_nothing_leaves_a_transaction_that_fails() -> None:
    with transaction.atomic():
        queued()
        transaction.set_rollback(True)
    assert not ConsoleEmail.objects.exists()


@pytest.mark.usefixtures("_on_real_services")
def test_what_no_wake_up_reached_is_swept() -> None:
    queued()
    sweep_emails()
    assert len(mail.outbox) == 1


@pytest.mark.usefixtures("_on_real_services")
def test_a_failure_is_tried_again_and_given_up_in_the_end(settings: Settings) -> None:
    settings.EMAIL_BACKEND = f"{BrokenBackend.__module__}.{BrokenBackend.__qualname__}"
    email = queued()
    waits = []
    for _ in range(len(RETRY_MINUTES) + 1):
        ConsoleEmail.objects.update(due_at=now())
        deliver_email(email.pk)
        email.refresh_from_db()
        waits.append(email.due_at and round((email.due_at - now()).total_seconds() / 60))
    assert waits == [*RETRY_MINUTES, None]
    assert (email.failure, email.text, email.sent_at) == ("SMTPServerDisconnected", "", None)


def test_an_embedded_instance_keeps_emails_in_its_outbox(client: Client) -> None:
    deliver_email(queued().pk)
    found = client.get("/outbox.json", {"to": "nia@transport.example"}).json()["messages"]
    assert [(message["subject"], message["body"]) for message in found] == [("Your code", "123456")]


@pytest.mark.usefixtures("_on_real_services")
def test_old_emails_are_forgotten_and_waiting_ones_are_not() -> None:
    old, waiting, fresh = queued(), queued(), queued()
    ConsoleEmail.objects.exclude(pk=waiting.pk).update(due_at=None)
    ConsoleEmail.objects.exclude(pk=fresh.pk).update(created_at=now() - timedelta(days=8))
    assert purge_emails() == 1
    assert set(ConsoleEmail.objects.values_list("pk", flat=True)) == {waiting.pk, fresh.pk}
    assert not ConsoleEmail.objects.filter(pk=old.pk).exists()
