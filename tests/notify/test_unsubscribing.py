"""Unsubscribing from a service's emails: the link, what following it does, the way back, what is sent later."""

import re
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from gaap.audit.models import AuditEvent
from gaap.clock import move_clock
from gaap.outbox.models import OutboxEvent
from gaap.privacy.people import Subject
from gaap.privacy.subjects import erase_subject, export_subject
from gaap.testing.plugin import TESTER
from gaap_notify.models import Notification, SandboxMessage, Suppression, UnsubscribeRequest
from gaap_notify.services.delivery import work_on_notification
from gaap_notify.services.outgoing import as_outgoing
from gaap_notify.services.retention import forget
from gaap_notify.services.sending import SendOrder, send_notification
from gaap_notify.services.service_settings import settings_of
from gaap_notify.services.setup import change_settings
from gaap_notify.services.suppressions import lift_suppression, suppress
from gaap_notify.services.templates import TemplateParts, change_template, create_template, current_version
from gaap_notify.services.unsubscribing.links import open_address, seal_address
from gaap_notify.services.unsubscribing.requests import find_subscriber, unsubscribe

pytestmark = pytest.mark.django_db
PERSON = "ngoc@example.org"


def news_of(service, *, has_link=True, name="News"):
    parts = TemplateParts(has_unsubscribe_link=has_link)
    return create_template(service, type="email", name=name, subject="News", body="New here", parts=parts, by=TESTER)


@pytest.fixture
def news(service):
    """A template of emails that have the link."""
    return news_of(service)


@pytest.fixture
def send(service, news):
    """Return a function that accepts an email, tries to hand it over, and returns its row."""

    def sent(to=PERSON, *, template=None, key_type="live", **details):
        template = template or news
        order = SendOrder(
            service=template.service,
            channel="email",
            template_id=template.pk,
            recipient=to,
            key_type=key_type,
            **details,
        )
        accepted = send_notification(order)
        work_on_notification(accepted.id)
        return Notification.objects.get(pk=accepted.id)

    return sent


@pytest.fixture
def clock():
    yield lambda **time: move_clock(timedelta(**time))
    move_clock(None)


def outgoing(row):
    return as_outgoing(row, settings=settings_of(row.service_id))


def path_of(row):
    """The path of the link in the email as the provider got it."""
    taken = SandboxMessage.objects.get(notification_id=row.pk)
    url = taken.headers["List-Unsubscribe"].strip("<>")
    return "/" + url.split("/", 3)[3]


@pytest.fixture
def link(send):
    return path_of(send())


def test_the_email_has_the_link_and_the_headers_of_one_click(send):
    row = send()
    taken = SandboxMessage.objects.get(notification_id=row.pk)
    assert taken.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = taken.headers["List-Unsubscribe"].strip("<>")
    assert f'href="{url}"' in taken.html
    assert taken.body.endswith(f"Unsubscribe from these emails: {url}\n")
    assert PERSON not in url


def test_without_the_box_ticked_there_is_neither(send, service):
    row = send(template=news_of(service, has_link=False, name="Decision"))
    taken = SandboxMessage.objects.get(notification_id=row.pk)
    assert "List-Unsubscribe" not in taken.headers
    assert "nsubscribe" not in taken.body + taken.html


def test_a_callers_own_address_goes_into_the_headers_and_ours_stays_in_the_email(send):
    row = send(unsubscribe_url="https://transport.example/stop")
    message = outgoing(row)
    assert message.headers["List-Unsubscribe"] == "<https://transport.example/stop>"
    assert f"/unsubscribe/{row.pk}/" in message.html
    assert f"/unsubscribe/{row.pk}/" in message.text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Unsubscribe from these emails"),
        ("cy", "Dad-danysgrifio o’r negeseuon e-bost hyn"),
        ("vi", "Hủy đăng ký nhận các email này"),
    ],
)
def test_the_link_speaks_the_emails_language(send, language, words):
    row = send(language=language)
    assert words in outgoing(row).text


def test_the_answer_of_the_api_is_as_ever(notify, news):
    answer = notify.send("email", {"email_address": PERSON, "template_id": str(news.pk)}).json()
    assert answer["content"]["body"] == "New here"
    assert answer["content"]["one_click_unsubscribe_url"] is None
    preview = notify.post(f"/v2/template/{news.pk}/preview", "{}", content_type="application/json").json()
    assert preview["body"] == "New here"
    assert "unsubscribe/example" in preview["html"]


def test_looking_changes_nothing(client, link):
    for _ in range(2):
        answer = client.get(link)
        assert answer.status_code == 200
        assert "Unsubscribe from emails" in answer.content.decode()
    assert client.head(link).status_code == 200
    assert not Suppression.objects.exists()


def test_nothing_of_the_page_is_kept_or_told_to_others(client, link):
    answer = client.get(link)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert PERSON not in answer.content.decode()


def test_a_mail_program_unsubscribes_with_one_post(link, service):
    program = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = program.post(link, {"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.content) == (200, b"")
    assert not answer.cookies
    found = Suppression.objects.get()
    assert (found.service, found.channel, found.reason) == (service, "email", "unsubscribed")
    assert UnsubscribeRequest.objects.get().recipient == PERSON


def test_a_person_unsubscribes_with_one_button(client, link):
    answer = client.post(link, {"confirmed": "yes"})
    assert (answer.status_code, answer["Location"]) == (303, link)
    text = client.get(link).content.decode()
    assert "You are unsubscribed" in text
    assert "Get these emails again" in text
    (event,) = OutboxEvent.objects.filter(name="recipient_unsubscribed")
    assert event.data.keys() == {"template_id"}
    (entry,) = AuditEvent.objects.filter(action="recipient_unsubscribed")
    assert (entry.actor_kind, PERSON in str(vars(entry))) == ("citizen", False)


def test_afterwards_the_service_sends_no_email_with_a_link_and_every_other_one(client, link, send, service):
    client.post(link)
    held = send()
    assert (held.status, held.failure) == ("permanent-failure", "The recipient gets no more messages.")
    assert send("nia@example.org").status != "permanent-failure"
    assert send(unsubscribe_url="https://transport.example/stop").status == "permanent-failure"
    assert send(template=news_of(service, has_link=False, name="Decision")).status != "permanent-failure"
    assert send(key_type="test").status != "permanent-failure"


def test_what_had_been_accepted_before_is_held_too(client, link, news):
    order = SendOrder(
        service=news.service, channel="email", template_id=news.pk, recipient=f" {PERSON.upper()}", key_type="live"
    )
    waiting = send_notification(order)
    client.post(link)
    work_on_notification(waiting.id)
    assert Notification.objects.get(pk=waiting.id).status == "permanent-failure"


def test_another_service_is_not_concerned(client, link, send, other_service):
    client.post(link)
    change_settings(other_service, permissions=["email"], by=TESTER)
    type(other_service).objects.filter(pk=other_service.pk).update(is_live=True)
    other_service.refresh_from_db()
    assert send(template=news_of(other_service)).status != "permanent-failure"


def test_it_can_be_taken_back(client, link, send):
    client.post(link)
    again = f"{link}/again"
    assert client.get(again)["Location"] == link
    assert Suppression.objects.exists()
    answer = client.post(again)
    assert (answer.status_code, answer["Location"]) == (303, f"{link}?again=1")
    assert "You get these emails again" in client.get(answer["Location"]).content.decode()
    assert send().status != "permanent-failure"
    assert UnsubscribeRequest.objects.get().withdrawn_at is not None
    assert [event.name for event in OutboxEvent.objects.filter(name__startswith="recipient_").order_by("id")] == [
        "recipient_unsubscribed",
        "recipient_resubscribed",
    ]


def test_taking_back_needs_a_page_of_ours(link):
    elsewhere = Client(enforce_csrf_checks=True)
    elsewhere.post(link)
    assert elsewhere.post(f"{link}/again").status_code == 403
    assert Suppression.objects.exists()


def test_taking_back_what_never_was_changes_nothing(client, link):
    assert client.post(f"{link}/again")["Location"] == link
    assert not OutboxEvent.objects.filter(name="recipient_resubscribed").exists()


def test_there_is_no_way_back_from_an_address_that_bounced(client, link, service):
    suppress(PERSON, channel="email", reason="bounced", service=service)
    text = client.get(link).content.decode()
    assert "You are unsubscribed" in text
    assert "Get these emails again" not in text
    assert client.post(f"{link}/again")["Location"] == link
    assert Suppression.objects.get().reason == "bounced"


def test_once_an_operator_lifted_it_one_may_unsubscribe_anew(client, link):
    client.post(link)
    lift_suppression(Suppression.objects.get(), by=TESTER)
    client.post(link)
    assert UnsubscribeRequest.objects.standing().count() == 1
    assert UnsubscribeRequest.objects.count() == 2


def tampered(path):
    start, token = path.rsplit("/", 1)
    other = "A" if token[20] != "A" else "B"
    yield f"{start}/{token[:20]}{other}{token[21:]}"
    yield f"{start}/{token[:-1]}"
    yield f"{start}/{token}A"
    yield f"{start}/x"
    yield f"{start}/nokey.{token.partition('.')[2]}"
    yield f"{start}/{token.partition('.')[0]}.ł"
    yield re.sub("[0-9a-f]{12}/", "000000000000/", path)


def test_no_other_link_does_anything(client, link, send):
    foreign = path_of(send("nia@example.org"))
    swapped = f"{link.rsplit('/', 1)[0]}/{foreign.rsplit('/', 1)[1]}"
    for path in (*tampered(link), swapped):
        for answer in (client.get(path), client.post(path), client.post(f"{path}/again")):
            assert answer.status_code == 404, path
            assert "This link does not work" in answer.content.decode()
    assert not Suppression.objects.exists()


def test_a_link_is_good_for_a_year(client, link, clock):
    clock(days=364)
    assert client.get(link).status_code == 200
    clock(days=365, minutes=1)
    assert client.get(link).status_code == 404
    assert client.post(link).status_code == 404


def test_a_link_still_works_when_its_message_is_forgotten(client, link, send):
    forget(Notification.objects.all())
    client.post(link)
    assert UnsubscribeRequest.objects.get().recipient == PERSON
    assert send().status == "permanent-failure"


def test_the_message_tells_its_story(link, client, service):
    from gaap_notify.services.results import read_message

    client.post(link)
    client.post(f"{link}/again")
    story = [str(moment.label) for moment in read_message(Notification.objects.get(), by=TESTER)]
    assert story[-2:] == ["Unsubscribed", "Subscribed again"]


def test_two_seals_differ_and_open_only_for_their_message(send):
    first, second = send().pk, send().pk
    one, other = seal_address(first, PERSON), seal_address(first, PERSON)
    assert one != other
    assert open_address(first, one) == open_address(first, other) == PERSON
    assert open_address(second, one) is None
    assert not one.endswith("=")


@pytest.mark.parametrize("length", range(3, 12))
def test_an_address_of_any_length_comes_back(send, length):
    row = send()
    address = f"{'a' * length}@example.org"
    assert open_address(row.pk, seal_address(row.pk, address)) == address


def test_the_box_makes_a_new_version(news):
    text: dict[str, Any] = {"name": "News", "subject": "News", "body": "New here"}
    assert not change_template(news, **text, by=TESTER)
    assert change_template(news, **text, parts=TemplateParts(), by=TESTER)
    assert not current_version(news).has_unsubscribe_link


def test_a_person_can_have_it_shown_and_erased(client, link):
    client.post(link)
    shown = export_subject(Subject(emails=frozenset({PERSON})), by=TESTER, purpose="they asked")
    assert "unsubscribe_request" in [record.noun for record in shown]
    erase_subject(Subject(emails=frozenset({PERSON})), by=TESTER, purpose="they asked")
    assert not UnsubscribeRequest.objects.exists()
    assert Suppression.objects.get().recipient == ""


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_finds_it_new(send):
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    row = send()
    person = find_subscriber(row.pk, path_of(row).rsplit("/", 1)[1])
    assert person is not None
    news_of_it = []

    def click():
        try:
            news_of_it.append(unsubscribe(person))
        finally:
            connections.close_all()

    threads = [Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(news_of_it) == [False] * 7 + [True]
    assert UnsubscribeRequest.objects.count() == 1
    assert OutboxEvent.objects.filter(name="recipient_unsubscribed").count() == 1
