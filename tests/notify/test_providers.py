"""Every provider passes the contract suite; a new one joins by being there."""

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from gaap_notify.conf import ProviderConfig
from gaap_notify.providers import REGISTRIES, make_provider
from gaap_notify.testing.providers import EMAIL, LETTERS, SMS, ProviderContract
from tests.notify import postmark_peer
from tests.notify.sftp_peer import sftp_peer
from tests.notify.twilio_peer import ACCOUNT, TOKEN, twilio_peer

MESSAGES = {"sms": SMS, "email": EMAIL, "letter": LETTERS}
OPTIONS = {("email", "smtp"): {"backend": "django.core.mail.backends.locmem.EmailBackend"}}
KNOWN = [(channel, backend) for channel, registry in REGISTRIES.items() for backend in registry.identifiers()]


@pytest.fixture(params=KNOWN, ids="/".join)
def known(request):
    return request.param


@pytest.fixture
def provider(known, db, tmp_path):
    channel, backend = known
    with twilio_peer() as peer, sftp_peer(tmp_path) as printer, postmark_peer.postmark_peer() as post:
        simulated = {
            ("email", "anymail"): postmark_peer.options(post.url),
            ("sms", "twilio"): {"account_sid": ACCOUNT, "auth_token": TOKEN, "base_url": peer.url},
            ("letter", "folder"): {"path": str(tmp_path)},
            ("letter", "sftp"): printer,
        }
        yield make_provider(channel, ProviderConfig("under-test", backend, {**OPTIONS, **simulated}.get(known, {})))


@pytest.fixture
def message(known):
    return MESSAGES[known[0]]


class TestKnownProviders(ProviderContract):
    """The providers that are shipped."""


def test_what_is_shipped():
    assert [
        *(("email", "anymail"), ("email", "sandbox"), ("email", "smtp"), ("sms", "sandbox"), ("sms", "twilio")),
        *(("letter", "folder"), ("letter", "sandbox"), ("letter", "sftp")),
    ] == KNOWN


def test_messages_show_no_personal_data_when_printed():
    printed = f"{SMS!r} {EMAIL!r}"
    for secret in ("447700900123", "Xin chào", "ngoc@example.org", "£10"):
        assert secret not in printed


def test_email_as_django_sends_it():
    provider = make_provider("email", ProviderConfig("smtp", "smtp", OPTIONS["email", "smtp"]))
    accepted = provider.send(EMAIL)
    (sent,) = mail.outbox
    assert sent.subject == "Đã nhận £10"
    assert sent.from_email == "Renew a vehicle registration <renew-vehicle@notify.example>"
    assert sent.to == ["ngoc@example.org"]
    assert sent.reply_to == ["help@transport.example"]
    assert sent.body == "Xin chào\n"
    assert isinstance(sent, EmailMultiAlternatives)
    assert [kind for _, kind in sent.alternatives] == ["text/html"]
    assert sent.extra_headers["List-Unsubscribe"] == "<https://transport.example/stop>"
    assert accepted.provider_id == sent.extra_headers["Message-ID"] == f"<{EMAIL.id}@notify.example>"
