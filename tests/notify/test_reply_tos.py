"""Addresses for answers: asked by email, confirmed behind a link, used by nobody before that."""

import re
from datetime import timedelta
from threading import Thread
from uuid import uuid4

import pytest
from django.core import signing
from django.core.cache import cache
from django.db import connection, connections
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.clock import now
from gaap.privacy.people import Subject
from gaap.privacy.subjects import erase_subject, export_subject
from gaap.testing.plugin import TESTER
from gaap_notify.console.forms.one_offs import FillForm
from gaap_notify.errors import BadRequestError, NoResultFoundError
from gaap_notify.models import Notification, ReplyTo, WaitingReplyTo
from gaap_notify.models.waiting_reply_tos import LINK_KEPT, WISH_KEPT
from gaap_notify.services.one_offs import write_one_off
from gaap_notify.services.reply_tos import asking, links
from gaap_notify.services.reply_tos.asking import ask_again, propose_reply_to, purge_waiting
from gaap_notify.services.reply_tos.confirming import confirm_reply_to, find_question
from gaap_notify.services.senders import SenderError
from gaap_notify.services.service_settings import find_reply_to
from gaap_notify.services.setup import change_settings, set_reply_to
from gaap_notify.services.templates import current_version
from tests.console.conftest import browser_of, colleague

pytestmark = pytest.mark.django_db

OFFICE = "office@transport.example"
OTHER = "other@transport.example"


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def browser(service):
    return browser_of(colleague(service, "developer"))


@pytest.fixture
def address(service):
    return lambda name, *arguments: reverse(f"notify-console-{name}", args=[service.pk, *arguments])


@pytest.fixture
def ask(service):
    """Return a function that asks an address in the team's name."""

    def propose(email=OFFICE, *, is_default=False, id=None, of=service):
        return propose_reply_to(of, email, is_default=is_default, by=TESTER, id=id)

    return propose


def emails_to(recipient):
    return [row for row in Notification.objects.order_by("created_at") if row.recipient == recipient]


def path_in(message):
    """The path of the link that the email's readers follow."""
    found = re.search(r"https?://[^/\s]+(/reply-to/\S+)", message.body)
    assert found, message.body
    return found[1]


def path_of(waiting):
    return reverse("notify-confirm-reply-to", args=[links.sign_link(waiting)])


def test_the_whole_way(browser, address, client, service):
    answer = browser.post(
        address("new-sender", "reply-to"), {"email": " Office@Transport.example ", "is_default": "on"}
    )
    assert answer["Location"] == address("senders")
    shown = browser.get(address("senders")).content.decode()
    assert "We have sent an email to office@transport.example." in shown
    assert "Not confirmed yet" in shown
    assert not ReplyTo.objects.exists()
    (message,) = emails_to(OFFICE)
    assert service.name in message.subject
    page = client.get(path_in(message))
    assert page.status_code == 200
    assert OFFICE in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"
    answer = client.post(path_in(message))
    assert (answer.status_code, answer["Location"]) == (303, path_in(message))
    assert "The address is confirmed" in client.get(path_in(message)).content.decode()
    row = ReplyTo.objects.get()
    assert (row.email, row.is_default, row.service) == (OFFICE, True, service)
    assert find_reply_to(service.pk, None) == OFFICE
    assert not WaitingReplyTo.objects.exists()
    assert "Not confirmed yet" not in browser.get(address("senders")).content.decode()


def test_who_did_what_is_written_down_without_the_address_until_it_is_used(browser, address, client):
    browser.post(address("new-sender", "reply-to"), {"email": OFFICE})
    (asked,) = AuditEvent.objects.filter(action__startswith="reply_to")
    assert (asked.action, asked.actor_label) == ("reply_to_asked", "developer@transport.example")
    assert OFFICE not in str([vars(event) for event in AuditEvent.objects.all()])
    waiting = WaitingReplyTo.objects.get()
    client.post(path_of(waiting))
    confirmed, made = AuditEvent.objects.filter(action__startswith="reply_to").order_by("id")[1:]
    assert (confirmed.action, confirmed.actor_kind, confirmed.target_id) == (
        "reply_to_confirmed",
        "citizen",
        str(waiting.pk),
    )
    assert (made.action, made.after) == ("reply_to_set", {"email": OFFICE, "is_default": False})


def test_looking_changes_nothing(client, ask):
    waiting = ask()
    for method in ("get", "head", "options"):
        for _ in range(2):
            assert getattr(client, method)(path_of(waiting)).status_code == 200
    assert WaitingReplyTo.objects.get() == waiting
    assert not ReplyTo.objects.exists()


def test_a_post_needs_the_page(service, ask):
    from django.test import Client

    stranger = Client(enforce_csrf_checks=True)
    assert stranger.post(path_of(ask())).status_code == 403
    assert not ReplyTo.objects.exists()


def test_an_unconfirmed_address_is_no_address_for_programs(notify, service, email_body, ask, client):
    waiting = ask(is_default=True)
    body = {**email_body, "email_reply_to_id": str(waiting.pk)}
    answer = notify.send("email", body)
    message = f"email_reply_to_id {waiting.pk} does not exist in database for service id {service.pk}"
    assert (answer.status_code, answer.json()["errors"]) == (400, [{"error": "BadRequestError", "message": message}])
    bulk = {"name": "Many", "template_id": body["template_id"], "csv": "email address,name,amount\na@b.example,A,1"}
    bulk = {**bulk, "email_reply_to_id": str(waiting.pk)}
    many = notify.post("/v2/notifications/bulk", bulk, content_type="application/json")
    assert (many.status_code, many.json()["errors"][0]["message"]) == (400, message)
    assert notify.send("email", email_body).status_code == 201
    assert Notification.objects.get(service=service).sender == ""
    client.post(path_of(waiting))
    assert notify.send("email", body).status_code == 201
    assert Notification.objects.filter(service=service).latest("created_at").sender == OFFICE


def test_the_console_sends_with_no_unconfirmed_address(service, email_template, ask):
    set_reply_to(service, OTHER, is_default=True, by=TESTER)
    set_reply_to(service, "third@transport.example", is_default=False, by=TESTER)
    waiting, version = ask(), current_version(email_template)
    shown = str(FillForm(None, version=version, service=service))
    assert shown.count("<option") == 2
    assert str(waiting.pk) not in shown
    change_settings(service, permissions=["email"], by=TESTER)
    with pytest.raises(BadRequestError):
        write_one_off(version, {}, service=service, recipient="a@b.example", sender_id=waiting.pk)


def test_a_standing_address_is_used_until_the_new_one_is_confirmed(browser, address, client, service):
    row = set_reply_to(service, OFFICE, is_default=True, by=TESTER)
    browser.post(address("sender", "reply-to", row.pk), {"email": OTHER, "is_default": "on"})
    assert find_reply_to(service.pk, row.pk) == OFFICE
    shown = browser.get(address("senders")).content.decode()
    assert f"in place of {OFFICE}" in shown
    client.post(path_in(emails_to(OTHER)[0]))
    assert find_reply_to(service.pk, row.pk) == OTHER
    assert find_reply_to(service.pk, None) == OTHER
    assert ReplyTo.objects.count() == 1


def test_of_two_wishes_for_one_address_the_later_counts(client, service, ask):
    row = set_reply_to(service, OFFICE, is_default=False, by=TESTER)
    first, second = ask(OTHER, id=row.pk), ask("third@transport.example", id=row.pk)
    assert client.get(path_of(first)).status_code == 404
    client.post(path_of(second))
    assert find_reply_to(service.pk, row.pk) == "third@transport.example"


def test_only_the_default_is_changed_at_once(browser, address, service):
    row = set_reply_to(service, OFFICE, is_default=False, by=TESTER)
    browser.post(address("sender", "reply-to", row.pk), {"email": OFFICE, "is_default": "on"})
    assert find_reply_to(service.pk, None) == OFFICE
    assert not WaitingReplyTo.objects.exists()
    assert not emails_to(OFFICE)


def test_removing_the_standing_address_ends_the_link_of_its_successor(browser, address, client, service, ask):
    row = set_reply_to(service, OFFICE, is_default=False, by=TESTER)
    path = path_of(ask(OTHER, id=row.pk))
    browser.post(address("remove-sender", "reply-to", row.pk))
    assert client.post(path).status_code == 404
    assert not ReplyTo.objects.exists()


def test_an_operators_word_needs_no_link(client, service, ask):
    path = path_of(ask())
    set_reply_to(service, "Office@Transport.example", is_default=False, by=TESTER)
    assert not WaitingReplyTo.objects.exists()
    assert "The address is confirmed" in client.get(path).content.decode()
    client.post(path)
    assert ReplyTo.objects.count() == 1


def test_an_address_that_stands_meanwhile_keeps_being_the_default(client, service, ask):
    waiting = ask()
    ReplyTo.objects.create(service=service, email=OFFICE, is_default=True)
    client.post(path_of(waiting))
    assert ReplyTo.objects.get().is_default


def test_confirming_again_changes_nothing(client, ask):
    waiting = ask()
    path = path_of(waiting)
    for _ in range(3):
        assert client.post(path).status_code == 303
    assert ReplyTo.objects.get().pk == waiting.pk
    assert AuditEvent.objects.filter(action="reply_to_confirmed").count() == 1


def _resigned(waiting, **changes):
    until = int((waiting.asked_at + LINK_KEPT).timestamp())
    facts = {"id": str(waiting.pk), "service": str(waiting.service_id), "digest": waiting.email_digest, "until": until}
    return signing.Signer(key="another key", salt=links._SALT, sep=".").sign_object([*{**facts, **changes}.values()])


def test_forged_links(client, ask):
    waiting = ask()
    token = links.sign_link(waiting)
    content, signature = token.rsplit(".", 1)
    forged = [
        _resigned(waiting),
        signing.Signer(salt="another purpose", sep=".").sign_object([str(waiting.pk)]),
        token[:-1],
        f"{token}x",
        f"{content[:-2]}.{signature}",
        content,
        str(waiting.pk),
        "x",
    ]
    for text in forged:
        for method in ("get", "post"):
            answer = getattr(client, method)(reverse("notify-confirm-reply-to", args=[text]))
            assert answer.status_code == 404, text
            assert "This link does not work" in answer.content.decode()
    assert not ReplyTo.objects.exists()


@pytest.mark.parametrize(("early", "status"), [(timedelta(minutes=1), 303), (timedelta(0), 404)])
def test_a_link_has_its_time(client, ask, early, status):
    waiting = ask()
    waiting.asked_at = now() - LINK_KEPT + early
    waiting.save()
    assert client.post(path_of(waiting)).status_code == status
    assert ReplyTo.objects.exists() == (status == 303)


def test_an_expired_one_says_so_and_is_asked_again(browser, address, client, ask):
    waiting = ask()
    WaitingReplyTo.objects.update(asked_at=now() - LINK_KEPT)
    assert "Nobody confirmed in time" in browser.get(address("senders")).content.decode()
    answer = browser.post(address("ask-again", waiting.pk), follow=True).content.decode()
    assert "We have sent an email to" in answer
    assert "Not confirmed yet" in answer
    assert client.post(path_in(emails_to(OFFICE)[1])).status_code == 303
    assert ReplyTo.objects.exists()


def test_a_link_of_another_service_opens_its_own_alone(client, service, other_service, ask):
    mine, theirs = ask(), ask(of=other_service)
    until = int((theirs.asked_at + LINK_KEPT).timestamp())
    for mixed in (
        [str(mine.pk), str(other_service.pk), mine.email_digest, until],
        [str(theirs.pk), str(service.pk), theirs.email_digest, until],
    ):
        token = links._signer().sign_object(mixed)
        assert client.post(reverse("notify-confirm-reply-to", args=[token])).status_code == 404
    client.post(path_of(theirs))
    assert ReplyTo.objects.get().service == other_service
    assert WaitingReplyTo.objects.get() == mine


def test_the_second_email_within_a_minute_is_not_sent(browser, address, ask):
    waiting = ask()
    answer = browser.post(address("ask-again", waiting.pk), follow=True).content.decode()
    assert "Wait a minute" in answer
    assert len(emails_to(OFFICE)) == 1
    assert not ask_again(waiting, by=TESTER)


def test_a_wish_is_removed_after_asking(browser, address, client, ask):
    waiting = ask()
    path = path_of(waiting)
    assert "<h1>Remove this" in browser.get(address("remove-waiting", waiting.pk)).content.decode()
    assert WaitingReplyTo.objects.exists()
    assert browser.post(address("remove-waiting", waiting.pk))["Location"] == address("senders")
    assert browser.post(address("remove-waiting", waiting.pk)).status_code == 404
    assert browser.post(address("ask-again", waiting.pk)).status_code == 404
    assert client.post(path).status_code == 404
    assert AuditEvent.objects.filter(action="reply_to_wish_removed").count() == 1
    waiting.asked_at = now() - LINK_KEPT
    with pytest.raises(NoResultFoundError):
        ask_again(waiting, by=TESTER)


def test_asked_already(browser, address, ask):
    ask()
    answer = browser.post(address("new-sender", "reply-to"), {"email": OFFICE})
    text = answer.content.decode()
    assert "We have asked this address already" in text
    assert 'href="#id_email"' in text
    assert len(emails_to(OFFICE)) == 1


def test_so_many_wait_at_most(browser, address, ask):
    for number in range(asking.MOST_WAITING):
        ask(f"office{number}@transport.example")
    text = browser.post(address("new-sender", "reply-to"), {"email": OFFICE}).content.decode()
    assert "Too many addresses wait" in text
    assert not emails_to(OFFICE)


def test_so_many_are_asked_in_a_day_at_most(browser, address, ask):
    for number in range(asking.MOST_ASKED):
        last = ask(f"office{number}@transport.example")
        WaitingReplyTo.objects.exclude(pk=last.pk).delete()
    WaitingReplyTo.objects.update(asked_at=now() - asking.PAUSE)
    text = browser.post(address("new-sender", "reply-to"), {"email": OFFICE}).content.decode()
    assert "has asked too many addresses today" in text
    assert "asked too many" in browser.post(address("ask-again", last.pk), follow=True).content.decode()
    with pytest.raises(SenderError):
        ask()
    assert not emails_to(OFFICE)


def test_an_address_that_cannot_be_written_to_is_refused(browser, address, monkeypatch):
    from gaap_notify.recipients import RecipientError

    def refuse(email):
        raise RecipientError("email_address Not a valid email address")

    monkeypatch.setattr(asking, "send_platform_email", refuse)
    text = browser.post(address("new-sender", "reply-to"), {"email": OFFICE}).content.decode()
    assert "Enter an email address in the right form" in text
    assert not WaitingReplyTo.objects.exists()


def test_the_wish_and_its_email_stand_or_fall_together(ask, monkeypatch):
    def die(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(asking, "record", die)
    with pytest.raises(RuntimeError):
        ask()
    assert not WaitingReplyTo.objects.exists()
    assert not emails_to(OFFICE)


def test_a_services_name_is_no_link_in_the_platforms_email(service, ask):
    service.name = "Won! Go to https://bad.example/now"
    service.save()
    ask()
    (message,) = emails_to(OFFICE)
    assert "bad.example" not in message.body + message.subject.replace("bad. example", "")
    assert "/reply-to/" in message.body


def test_only_developers_of_the_service_may(service, other_service, stranger, ask):
    waiting = ask()
    people = [
        (browser_of(colleague(service, "caseworker")), service, 403),
        (browser_of(stranger), service, 404),
        (browser_of(colleague(other_service, "admin")), other_service, 404),
    ]
    for person, at, status in people:
        for name in ("ask-again", "remove-waiting"):
            path = reverse(f"notify-console-{name}", args=[at.pk, waiting.pk])
            assert person.post(path).status_code == status
    assert people[0][0].get(reverse("notify-console-senders", args=[service.pk])).content.decode().count(OFFICE) >= 1
    assert WaitingReplyTo.objects.get() == waiting


def test_an_unknown_address_is_not_replaced(ask, other_service):
    theirs = set_reply_to(other_service, OFFICE, is_default=False, by=TESTER)
    for unknown in (uuid4(), theirs.pk):
        with pytest.raises(NoResultFoundError):
            ask(OTHER, id=unknown)


@pytest.mark.parametrize("language", ["en", "cy", "vi"])
def test_the_email_and_the_page_in_each_language(browser, address, client, language):
    browser.post(f"{address('new-sender', 'reply-to')}?lang={language}", {"email": OFFICE})
    (message,) = emails_to(OFFICE)
    words = {"en": "come to this address", "cy": "cyfeiriad hwn", "vi": "địa chỉ này"}[language]
    assert words in message.subject
    page = client.get(f"{path_in(message)}?lang={language}").content.decode()
    assert words in page


def test_a_wish_is_forgotten(ask):
    ask()
    old = ask(OTHER)
    WaitingReplyTo.objects.filter(pk=old.pk).update(asked_at=now() - WISH_KEPT - timedelta(minutes=1))
    assert purge_waiting(10) == 1
    assert WaitingReplyTo.objects.get().email == OFFICE


def test_a_person_can_have_it_shown_and_erased(ask):
    ask()
    subject = Subject(emails=frozenset({OFFICE}))
    assert "waiting_reply_to" in [found.noun for found in export_subject(subject, by=TESTER, purpose="they asked")]
    erase_subject(subject, by=TESTER, purpose="they asked")
    assert not WaitingReplyTo.objects.exists()


def test_the_address_is_encrypted_at_rest(ask):
    ask()
    with connection.cursor() as cursor:
        cursor.execute("SELECT email, email_digest FROM gaap_notify_waitingreplyto")
        assert "office" not in str(cursor.fetchall())


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_confirms(service, ask):
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    question = find_question(links.sign_link(ask(is_default=True)))
    assert question is not None
    done = []

    def press():
        try:
            done.append(confirm_reply_to(question))
        finally:
            connections.close_all()

    threads = [Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False] * 7 + [True]
    assert ReplyTo.objects.get().is_default
    assert AuditEvent.objects.filter(action="reply_to_set").count() == 1
