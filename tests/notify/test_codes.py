"""Codes that the platform sends in its own name."""

import logging
import uuid
from typing import get_args

import pytest
from django.db import transaction

from gaap.organisations.models import Service
from gaap_notify.models import Notification, SandboxMessage, Template
from gaap_notify.public import RecipientError, normalise_recipient, send_code
from gaap_notify.services.codes import Purpose, code_text
from gaap_notify.services.delivery import work_on_notification
from gaap_notify.services.platform_service import PLATFORM_SERVICE_ID

CODE = "493817"
LANGUAGES = ["en", "cy", "vi"]
PURPOSES = get_args(Purpose)


def send(recipient="ngoc@example.org", *, language="en", purpose="sign_in", channel=None):
    channel = channel or ("email" if "@" in recipient else "sms")
    return send_code(
        channel=channel, recipient=recipient, code=CODE, language=language, purpose=purpose, brand="Example Account"
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("recipient", ["ngoc@example.org", "+84912345678"])
def test_code_arrives_in_the_persons_language(db, recipient, purpose, language):
    found = send(recipient, language=language, purpose=purpose)
    work_on_notification(found)
    taken = SandboxMessage.objects.get(notification_id=found)
    assert CODE in taken.body
    assert "Example Account" in taken.body
    assert CODE not in taken.subject
    if taken.channel == "email":
        assert f'<html lang="{language}"' in taken.html


def test_every_text_differs_by_purpose_and_language():
    from django.utils.translation import override

    for channel in ("sms", "email"):
        texts = set()
        for language in LANGUAGES:
            with override(language):
                texts |= {code_text(channel, purpose) for purpose in PURPOSES}
        assert len(texts) == 9


def test_vietnamese_keeps_its_letters(db):
    work_on_notification(send("+84912345678", language="vi"))
    assert "mã" in SandboxMessage.objects.get().body


def test_text_is_removed_once_it_is_sent(db):
    found = send()
    assert CODE in Notification.objects.get().body
    work_on_notification(found)
    row = Notification.objects.get()
    assert row.is_secret
    assert CODE not in row.body
    assert "((code))" in row.body


def test_text_is_removed_when_it_cannot_be_sent(db):
    work_on_notification(send("refused@simulator.notify"))
    row = Notification.objects.get()
    assert row.status == "technical-failure"
    assert CODE not in row.body


def test_it_takes_the_quick_queue(db, monkeypatch):
    woken = []
    monkeypatch.setattr("gaap_notify.services.sending.wake_task", lambda name, *args: woken.append((name, *args)))
    send()
    assert woken == [("deliver_secret",)]


def test_it_leaves_after_the_callers_commit(db):
    with transaction.atomic():
        send()
        transaction.set_rollback(True)
    assert not Notification.objects.exists()


def test_service_and_templates_are_made_once(db):
    for _ in range(2):
        send()
    assert Service.objects.filter(pk=PLATFORM_SERVICE_ID).count() == 1
    assert Template.objects.count() == 1


def test_template_follows_the_catalogue(db, monkeypatch):
    send()
    monkeypatch.setattr("gaap_notify.services.codes.code_text", lambda *_: ("New", "New ((code)) ((brand))"))
    found = send()
    assert list(Template.objects.values_list("current__number", flat=True)) == [2]
    assert Notification.objects.get(pk=found).body == f"New {CODE} Example Account"


@pytest.mark.parametrize(("channel", "recipient"), [("email", "nobody"), ("sms", "123"), ("sms", "07700 900 ABC")])
def test_malformed_recipients(db, channel, recipient):
    with pytest.raises(RecipientError):
        send(recipient, channel=channel)


def test_simulated_recipients_of_the_contract_get_their_codes(db):
    assert Notification.objects.filter(pk=send("07700900000")).exists()


def test_normalising():
    assert normalise_recipient(" Ngoc@Example.ORG ", channel="email") == "ngoc@example.org"
    assert normalise_recipient("0912 345 678", channel="sms", default_region="VN") == "84912345678"


def test_code_is_in_no_log_and_no_event(db, caplog):
    from gaap.outbox.models import OutboxEvent

    caplog.set_level(logging.DEBUG)
    for recipient in ("canary@example.org", "unavailable@simulator.notify"):
        work_on_notification(send(recipient))
    told = caplog.text + str(list(OutboxEvent.objects.values()))
    assert CODE not in told
    assert "canary@example.org" not in told


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_first_codes_at_once_share_one_service():
    from tests.platform.parallel import in_parallel

    found = in_parallel([send] * 6)
    assert len(set(found)) == 6
    assert all(isinstance(one, uuid.UUID) for one in found)
    assert Service.objects.filter(pk=PLATFORM_SERVICE_ID).count() == 1
