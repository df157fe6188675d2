"""The console's pages that fill in a template, show the message and send it: once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.clock import now
from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_notify.models import Notification, OneOff
from gaap_notify.services import daily_limits
from gaap_notify.services.one_offs import find_one_off, send_one_off, write_one_off
from gaap_notify.services.retention import purge_one_offs
from gaap_notify.services.service_settings import forget_setup
from gaap_notify.services.setup import change_settings, set_reply_to
from gaap_notify.services.templates import change_template, create_template, current_version, set_template_archived
from tests.console.conftest import browser_of, colleague

pytestmark = pytest.mark.django_db

EMAIL = {"recipient": "ngoc@example.org", "value_0": "£10", "value_1": "Ngọc"}
ADDRESS = "Nia Jones\n1 High Street\n\nCardiff\nCF10 1AA"


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def browser(service):
    return browser_of(colleague(service, "caseworker"))


@pytest.fixture
def address(service):
    def of(name, *arguments):
        return reverse(f"notify-console-{name}", args=[service.pk, *arguments])

    return of


@pytest.fixture
def letter_template(service):
    change_settings(service, by=TESTER, permissions=["email", "sms", "letter"])
    return create_template(service, type="letter", name="Notice", subject="Notice", body="Dear ((name))", by=TESTER)


@pytest.fixture
def on_trial(service):
    Service.objects.filter(pk=service.pk).update(is_live=False)
    service.refresh_from_db()


def write(service, template, recipient="ngoc@example.org"):
    values = {"name": "Ngọc", "amount": "£10"}
    return write_one_off(current_version(template), values, service=service, recipient=recipient)


def test_email_is_filled_in_looked_at_and_sent(browser, address, email_template):
    answer = browser.post(address("fill-template", email_template.pk), EMAIL)
    one_off = OneOff.objects.get()
    assert answer["Location"] == address("one-off", one_off.pk)
    assert not Notification.objects.exists()
    page = browser.get(address("one-off", one_off.pk)).content.decode()
    assert "Paid £10" in page
    assert "Dear Ngọc" in browser.get(address("one-off-html", one_off.pk)).content.decode()
    sent = browser.post(address("send-one-off", one_off.pk))
    message = Notification.objects.get()
    assert sent["Location"] == address("message", message.pk)
    assert (message.recipient, message.subject, message.key_type) == ("ngoc@example.org", "Paid £10", "live")
    assert AuditEvent.objects.get(action="one_off_sent").actor_label == "caseworker@transport.example"


def test_sent_twice_it_is_one_message(browser, address, service, email_template):
    one_off = write(service, email_template)
    answers = {browser.post(address("send-one-off", one_off.pk))["Location"] for _ in range(3)}
    assert answers == {address("message", Notification.objects.get().pk)}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_sent_by_many_at_once_it_is_one_message(service, email_template):
    one_off = write(service, email_template)

    def send(_):
        try:
            return send_one_off(find_one_off(service.pk, one_off.pk), by=TESTER)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        sent = set(pool.map(send, range(6)))
    assert sent == {Notification.objects.get().pk}


def test_without_a_recipient_it_is_only_looked_at(browser, address, email_template):
    browser.post(address("fill-template", email_template.pk), {"value_0": "£10"})
    one_off = OneOff.objects.get()
    page = browser.get(address("one-off", one_off.pk)).content.decode()
    assert "Nobody yet" in page
    assert address("send-one-off", one_off.pk) not in page
    assert "((name))" in browser.get(address("one-off-html", one_off.pk)).content.decode()
    assert browser.post(address("send-one-off", one_off.pk)).status_code == 404
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"recipient": "nobody"}, "recipient", "Enter an email address in the right form"),
        ({"value_1": ""}, "value_1", "Enter a value for “name”"),
        ({"value_0": "x" * 5001}, "value_0", "5000"),
        ({"recipient": "a" * 321}, "recipient", "320"),
    ],
)
def test_form_says_what_is_wrong(browser, address, email_template, changes, field, words):
    page = browser.post(address("fill-template", email_template.pk), {**EMAIL, **changes}).content.decode()
    assert f'href="#id_{field}"' in page
    assert words in page
    assert not OneOff.objects.exists()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("077009", "too few digits"),
        ("07700900123x", "letters or symbols"),
        ("+33 6 12 34 56 78", "numbers of other countries"),
    ],
)
def test_a_wrong_number_is_explained(browser, address, sms_template, number, words):
    fill = {"recipient": number, "value_0": "Ngọc"}
    assert words in browser.post(address("fill-template", sms_template.pk), fill).content.decode()
    assert not OneOff.objects.exists()


def test_on_trial_only_the_team_is_reached(browser, address, service, email_template, on_trial):
    page = browser.post(address("fill-template", email_template.pk), EMAIL).content.decode()
    assert 'href="#id_recipient"' in page
    assert page.count("people on its guest list") >= 2
    team = {**EMAIL, "recipient": "caseworker@transport.example"}
    assert browser.post(address("fill-template", email_template.pk), team).status_code == 302
    browser.post(address("send-one-off", OneOff.objects.get().pk))
    assert Notification.objects.get().key_type == "team"


def test_letter_goes_to_its_address(browser, address, letter_template):
    answer = browser.post(address("fill-template", letter_template.pk), {"recipient": ADDRESS, "value_0": "Nia"})
    one_off = OneOff.objects.get()
    assert answer["Location"] == address("one-off", one_off.pk)
    assert browser.get(address("one-off-pdf", one_off.pk)).content.startswith(b"%PDF-")
    assert browser.get(address("one-off-picture", one_off.pk)).content.startswith(b"\x89PNG")
    browser.post(address("send-one-off", one_off.pk))
    message = Notification.objects.get()
    assert (message.type, message.address.splitlines()[-1]) == ("letter", "CF10 1AA")


@pytest.mark.parametrize("recipient", ["Nia\nCardiff", "a\nb\nc\nd\ne\nf\ng\nh", "Nia\n1 High Street\nNowhere"])
def test_a_wrong_postal_address_is_explained(browser, address, letter_template, recipient):
    fill = {"recipient": recipient, "value_0": "Nia"}
    page = browser.post(address("fill-template", letter_template.pk), fill).content.decode()
    assert 'href="#id_recipient"' in page
    assert not OneOff.objects.exists()


def test_letter_of_a_service_on_trial_is_refused(browser, address, letter_template, on_trial):
    fill = {"recipient": ADDRESS, "value_0": "Nia"}
    assert "cannot send letters" in browser.post(address("fill-template", letter_template.pk), fill).content.decode()


def test_what_was_looked_at_is_what_is_sent(browser, address, service, email_template):
    one_off = write(service, email_template)
    change_template(email_template, name="Receipt", subject="Other", body="Other", by=TESTER)
    page = browser.post(address("send-one-off", one_off.pk)).content.decode()
    assert "The template has changed since" in page
    assert not Notification.objects.exists()


def test_archived_template_sends_nothing_more(browser, address, service, email_template):
    one_off = write(service, email_template)
    set_template_archived(email_template, is_archived=True, by=TESTER)
    assert "archived" in browser.post(address("send-one-off", one_off.pk)).content.decode()
    assert browser.get(address("fill-template", email_template.pk)).status_code == 404
    assert not Notification.objects.exists()


def test_the_days_limit_holds(browser, address, service, email_template, monkeypatch):
    monkeypatch.setattr(daily_limits, "DAILY", {"email": 1})
    first, second = write(service, email_template), write(service, email_template)
    assert browser.post(address("send-one-off", first.pk)).status_code == 302
    page = browser.post(address("send-one-off", second.pk)).content.decode()
    assert "as many messages today as it may" in page
    assert Notification.objects.count() == 1


def test_reply_to_address_is_chosen(browser, address, service, email_template):
    set_reply_to(service, "office@transport.example", is_default=True, by=TESTER)
    other = set_reply_to(service, "other@transport.example", is_default=False, by=TESTER)
    browser.post(address("fill-template", email_template.pk), {**EMAIL, "sender": str(other.pk)})
    browser.post(address("send-one-off", OneOff.objects.get().pk))
    assert Notification.objects.get().sender == "other@transport.example"


def test_a_sender_that_is_gone_is_said_and_nothing_is_sent(browser, address, service, email_template):
    set_reply_to(service, "office@transport.example", is_default=True, by=TESTER)
    other = set_reply_to(service, "other@transport.example", is_default=False, by=TESTER)
    browser.post(address("fill-template", email_template.pk), {**EMAIL, "sender": str(other.pk)})
    one_off = OneOff.objects.get()
    assert "other@transport.example" in browser.get(address("one-off", one_off.pk)).content.decode()
    other.delete()
    forget_setup(service.pk)
    page = browser.get(address("one-off", one_off.pk)).content.decode()
    assert "The sender that was chosen is gone" in page
    assert address("send-one-off", one_off.pk) not in page
    assert "is gone" in browser.post(address("send-one-off", one_off.pk)).content.decode()
    assert not Notification.objects.exists()


@pytest.mark.parametrize("channel", ["email", "sms", "letter"])
def test_the_reference_goes_with_the_message(browser, address, channel, request):
    template = request.getfixturevalue(f"{channel}_template")
    texts = {"email": EMAIL, "sms": {"recipient": "07700900123", "value_0": "A"}}
    fill = {**texts.get(channel, {"recipient": ADDRESS, "value_0": "Nia"}), "reference": "case 12"}
    page = browser.get(browser.post(address("fill-template", template.pk), fill)["Location"]).content.decode()
    assert "case 12" in page
    browser.post(address("send-one-off", OneOff.objects.get().pk))
    assert Notification.objects.get().reference == "case 12"


def test_simulated_recipient_is_answered_and_nothing_kept(browser, address, service, email_template):
    one_off = write(service, email_template, "simulate-delivered@notifications.service.gov.uk")
    answer = browser.post(address("send-one-off", one_off.pk))
    assert answer["Location"] == address("one-off", one_off.pk)
    assert "This message was sent" in browser.get(answer["Location"]).content.decode()
    assert not Notification.objects.exists()


NAMES = ("one-off", "one-off-html", "one-off-pdf", "one-off-picture")


@pytest.mark.parametrize("name", NAMES)
def test_other_services_messages_are_not_there(browser, address, other_service, name):
    theirs = create_template(other_service, type="email", name="A", subject="A", body="B", by=TESTER)
    one_off = write(other_service, theirs, "")
    assert browser.get(address(name, one_off.pk)).status_code == 404
    assert browser.get(address("fill-template", theirs.pk)).status_code == 404


def test_other_services_message_is_not_sent(browser, address, other_service):
    Service.objects.filter(pk=other_service.pk).update(is_live=True)
    other_service.refresh_from_db()
    theirs = create_template(other_service, type="email", name="A", subject="A", body="B", by=TESTER)
    one_off = write(other_service, theirs)
    assert browser.post(address("send-one-off", one_off.pk)).status_code == 404
    assert not Notification.objects.exists()


def test_viewers_send_nothing(service, address, email_template):
    viewer = browser_of(colleague(service, "viewer"))
    one_off = write(service, email_template)
    for name in NAMES:
        assert viewer.get(address(name, one_off.pk)).status_code == 403
    assert viewer.post(address("send-one-off", one_off.pk)).status_code == 403
    assert viewer.post(address("fill-template", email_template.pk), EMAIL).status_code == 403


def test_a_day_later_it_is_gone(service, email_template):
    old, new = write(service, email_template), write(service, email_template)
    OneOff.objects.filter(pk=old.pk).update(created_at=now() - timedelta(days=1, seconds=1))
    assert purge_one_offs(10) == 1
    assert list(OneOff.objects.all()) == [new]
