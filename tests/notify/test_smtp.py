"""Real SMTP: emails handed to a mail server on loopback, and what becomes of its refusals."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage as ReceivedMail

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.test import override_settings

from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_notify.models import Notification, SandboxMessage
from gaap_notify.services.delivery import work_on_notification
from gaap_notify.services.sending import SendOrder, send_notification
from gaap_notify.services.templates import TemplateParts, create_template
from gaap_notify.services.unsubscribing.links import open_address
from tests.processes import free_port


class MailServer:
    """Takes emails, or answers as a test wants."""

    def __init__(self) -> None:
        self.mails: list[ReceivedMail] = []
        self.raw: list[bytes] = []
        self.answer_to_recipient = "250 OK"
        self.answer_to_data = "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answer_to_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.raw.append(content)
        self.mails.append(message_from_bytes(content, policy=policy.default))
        return self.answer_to_data


@pytest.fixture
def server() -> Iterator[MailServer]:
    handler = MailServer()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    options = {"backend": "django.core.mail.backends.smtp.EmailBackend", "host": "127.0.0.1", "port": port}
    configured = {
        "PROVIDERS": {"email": {"relay": {"BACKEND": "smtp", "OPTIONS": options}}},
        "DEFAULT": {"email": "relay"},
        "EMAIL_DOMAIN": "notify.example",
    }
    with override_settings(GAAP_NOTIFY=configured):
        yield handler
    controller.stop()


def deliver(send_email):
    message = send_email(key_type="live", unsubscribe_url="https://transport.example/stop")
    work_on_notification(message.id)
    return Notification.objects.get()


def test_email_arrives(server, send_email):
    row = deliver(send_email)
    (mail,) = server.mails
    assert mail["To"] == "ngoc@example.org"
    assert mail["From"] == "Renew a vehicle registration <noreply@notify.example>"
    assert mail["Subject"] == "Paid £10"
    assert mail["Message-ID"] == f"<{row.pk}@notify.example>"
    assert mail["List-Unsubscribe"] == "<https://transport.example/stop>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain, html = (part.get_content() for part in mail.iter_parts())
    assert plain.split() == ["Dear", "Ngọc", "Thank", "you."]
    assert "Dear Ngọc" in html


def test_our_own_link_arrives_in_one_piece(server, service):
    """A long address must not be folded or encoded on its way: no mail program would follow it."""
    parts = TemplateParts(has_unsubscribe_link=True)
    template = create_template(service, type="email", name="N", subject="S", body="B", parts=parts, by=TESTER)
    to = f"{'a' * 60}@{'b' * 60}.example.org"
    order = SendOrder(service=service, channel="email", template_id=template.pk, recipient=to, key_type="live")
    accepted = send_notification(order)
    work_on_notification(accepted.id)
    (raw,) = server.raw
    (line,) = re.findall(rb"^List-Unsubscribe: ?(?:\r\n )?<(http[^\s>]+)>\r?$", raw, re.MULTILINE)
    token = line.decode().rsplit("/", 1)[1]
    assert open_address(accepted.id, token) == to
    plain, html = (part.get_content() for part in server.mails[0].iter_parts())
    assert f"/unsubscribe/{accepted.id}/" in plain
    assert f"/unsubscribe/{accepted.id}/" in html


def test_what_the_server_has_taken_counts_as_delivered(server, send_email):
    row = deliver(send_email)
    assert (row.status, row.provider, row.due_at) == ("delivered", "relay", None)
    assert row.provider_id == f"<{row.pk}@notify.example>"
    assert row.sent_at is not None
    assert not SandboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("recipient", "data", "status"),
    [
        ("550 no such user", "250 OK", "permanent-failure"),
        ("451 try later", "250 OK", "created"),
        ("250 OK", "554 refused", "technical-failure"),
        ("250 OK", "452 full", "created"),
    ],
)
def test_refusals(server, send_email, recipient, data, status):
    server.answer_to_recipient, server.answer_to_data = recipient, data
    row = deliver(send_email)
    assert row.status == status
    assert row.failure
    assert "ngoc@example.org" not in row.failure


def test_email_that_cannot_be_written(server, send_email, service):
    """Whatever is wrong with it, it is not tried for ever, and its address is in no failure."""
    Service.objects.update(name="Renew\nBcc: x@example.org")
    row = deliver(send_email)
    assert row.status == "technical-failure"
    assert row.failure == "The email cannot be written (ValueError)."


def test_server_that_is_not_there(send_email):
    options = {"backend": "django.core.mail.backends.smtp.EmailBackend", "host": "127.0.0.1", "port": free_port()}
    configured = {
        "PROVIDERS": {"email": {"relay": {"BACKEND": "smtp", "OPTIONS": options}}},
        "DEFAULT": {"email": "relay"},
    }
    with override_settings(GAAP_NOTIFY=configured):
        row = deliver(send_email)
    assert row.status == "created"
    assert row.failure == "The mail server cannot be reached (ConnectionRefusedError)."


def test_message_in_the_servers_queue_twice_has_one_id(server, send_email):
    """A repeat after a worker died carries the same Message-ID, by which mail systems know it."""
    row = deliver(send_email)
    from gaap.clock import now

    Notification.objects.update(status="created", due_at=now())
    work_on_notification(row.pk)
    assert len({mail["Message-ID"] for mail in server.mails}) == 1
