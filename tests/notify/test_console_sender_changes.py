"""Adding, changing and removing senders, addresses for answers, contact blocks and guests in the console."""

from threading import Thread
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.organisations.services import create_organisation, create_service
from gaap.testing.plugin import TESTER
from gaap_notify.models import ContactBlock, GuestListEntry, ReplyTo, SmsSender, WaitingReplyTo
from gaap_notify.services.guests import MOST_GUESTS
from gaap_notify.services.service_settings import find_reply_to, find_sms_sender
from gaap_notify.services.setup import (
    set_contact_block,
    set_guest_list,
    set_inbound_number,
    set_reply_to,
    set_sms_sender,
)
from gaap_notify.services.templates import TemplateParts, create_template
from tests.console.conftest import browser_of, colleague

pytestmark = pytest.mark.django_db

GOOD: dict[str, tuple[Any, str, str]] = {
    "reply-to": (ReplyTo, "email", "office@transport.example"),
    "text-senders": (SmsSender, "sender", "Transport"),
    "contact-blocks": (ContactBlock, "text", "Office\n1 High Street"),
}
SETTERS: dict[str, Any] = {
    "reply-to": set_reply_to,
    "text-senders": set_sms_sender,
    "contact-blocks": set_contact_block,
}
KINDS = pytest.mark.parametrize("kind", GOOD)
#: What is used as soon as it is saved; an address for answers has to be confirmed (test_reply_tos.py).
AT_ONCE = pytest.mark.parametrize("kind", ["text-senders", "contact-blocks"])


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
def made(service):
    """Return a function that gives the service one of a kind."""

    def make(kind, text="", *, is_default=True):
        return SETTERS[kind](service, text or GOOD[kind][2], is_default=is_default, by=TESTER)

    return make


@pytest.fixture
def foreign_service():
    """A service of another organisation."""
    revenue = create_organisation("Revenue", type="central", by=TESTER)
    return create_service("Pay your taxes", organisation=revenue, by=TESTER)


def refused(answer, field):
    """The words beside the field, which the summary at the top leads to."""
    text = answer.content.decode()
    assert answer.status_code == 200
    assert f'href="#id_{field}"' in text
    assert "<title>Error: " in text
    return text


@AT_ONCE
def test_one_is_added(browser, address, service, kind):
    model, column, text = GOOD[kind]
    page = browser.get(address("new-sender", kind)).content.decode()
    assert "checked" in page
    answer = browser.post(address("new-sender", kind), {column: text.replace("\n", "\r\n"), "is_default": "on"})
    assert answer["Location"] == address("senders")
    row = model.objects.get()
    assert (getattr(row, column), row.is_default, row.service) == (text, True, service)
    shown = browser.get(address("senders")).content.decode()
    assert str(row.pk) in shown
    assert "(default)" in shown
    entry = AuditEvent.objects.latest("id")
    assert entry.action == {"text-senders": "sms_sender_set"}.get(kind, "contact_block_set")
    assert entry.after == {column: text, "is_default": True}
    assert entry.actor_label == "developer@transport.example"


@AT_ONCE
def test_one_is_changed_and_keeps_its_id(browser, address, made, kind):
    model, column, text = GOOD[kind]
    row = made(kind)
    page = browser.get(address("sender", kind, row.pk)).content.decode()
    assert text.split("\n")[0] in page
    other = text.replace("T", "D").replace("ffice", "ther")
    browser.post(address("sender", kind, row.pk), {column: other})
    changed = model.objects.get()
    assert (changed.pk, getattr(changed, column), changed.is_default) == (row.pk, other, False)
    entry = AuditEvent.objects.latest("id")
    assert (entry.before, entry.after) == (
        {column: text, "is_default": True},
        {column: other, "is_default": False},
    )


@KINDS
def test_saving_what_is_there_changes_nothing(browser, address, made, kind):
    _, column, text = GOOD[kind]
    row = made(kind)
    before = AuditEvent.objects.count()
    browser.post(address("sender", kind, row.pk), {column: text, "is_default": "on"})
    assert AuditEvent.objects.count() == before


@AT_ONCE
def test_a_new_default_takes_the_place_of_the_old_one(browser, address, made, kind):
    model, column, text = GOOD[kind]
    old = made(kind)
    browser.post(address("new-sender", kind), {column: f"{text[:7]}2", "is_default": "on"})
    assert model.objects.get(is_default=True).pk != old.pk
    assert model.objects.count() == 2


@KINDS
def test_the_same_again_is_refused(browser, address, made, kind):
    model, column, text = GOOD[kind]
    made(kind)
    assert "The service has this already" in refused(browser.post(address("new-sender", kind), {column: text}), column)
    assert model.objects.count() == 1


@KINDS
def test_nothing_is_refused(browser, address, kind):
    model, column, _ = GOOD[kind]
    for nothing in ("", "  \n "):
        refused(browser.post(address("new-sender", kind), {column: nothing}), column)
    assert not model.objects.exists()


@KINDS
def test_one_is_removed_after_asking(browser, address, made, kind):
    model, column, text = GOOD[kind]
    row = made(kind)
    page = browser.get(address("remove-sender", kind, row.pk)).content.decode()
    assert "<h1>Remove this" in page
    assert model.objects.exists()
    for _ in range(2):
        browser.post(address("remove-sender", kind, row.pk))
    assert not model.objects.exists()
    (entry,) = AuditEvent.objects.filter(action__endswith="_removed")
    assert entry.before == {column: text, "is_default": True}


def test_removing_is_heard_at_once(browser, address, made, service, settings):
    settings.GAAP_SNAPSHOT_SECONDS = 60
    sender, reply_to = made("text-senders"), made("reply-to")
    assert find_sms_sender(service.pk, None) == "Transport"
    assert find_reply_to(service.pk, None) == "office@transport.example"
    browser.post(address("remove-sender", "text-senders", sender.pk))
    browser.post(address("remove-sender", "reply-to", reply_to.pk))
    assert find_sms_sender(service.pk, None) == "GOVT"
    assert find_reply_to(service.pk, None) == ""


def test_a_block_that_letters_show_stays(browser, address, made, service):
    block = made("contact-blocks")
    parts = TemplateParts(contact_block_id=block.pk)
    create_template(service, type="letter", name="L", subject="S", body="B", parts=parts, by=TESTER)
    answer = browser.post(address("remove-sender", "contact-blocks", block.pk), follow=True)
    assert "It stays, because it stands in a version of a template." in answer.content.decode()
    assert ContactBlock.objects.get() == block
    assert not AuditEvent.objects.filter(action="contact_block_removed").exists()


@pytest.mark.parametrize(
    ("sender", "words"),
    [
        ("AB", "A name has 3 to 11 letters"),
        ("Much too long", "A name has 3 to 11 letters"),
        ("00Transport", "A name has 3 to 11 letters"),
        ("Tränsport", "A name has 3 to 11 letters"),
        ("<b>hi</b>", "A name has 3 to 11 letters"),
        ("...", "A name has 3 to 11 letters"),
        ("Info", "Choose a name that says who writes"),
        ("IN-FO", "Choose a name that says who writes"),
        ("verify.", "Choose a name that says who writes"),
        ("447700900555", "Enter a name, or a number that belongs to this service"),
        ("+44 7700 900555", "Enter a name, or a number that belongs to this service"),
        ("REVENUE", "Another organisation sends from this name"),
        ("Revenue", "Another organisation sends from this name"),
    ],
)
def test_names_that_may_not_be(browser, address, foreign_service, sender, words):
    set_sms_sender(foreign_service, "Revenue", is_default=True, by=TESTER)
    assert words in refused(browser.post(address("new-sender", "text-senders"), {"sender": sender}), "sender")
    assert SmsSender.objects.count() == 1


@pytest.mark.parametrize(
    ("sender", "kept"),
    [("GOVT", "GOVT"), (" Road  Tax ", "Road Tax"), ("A&B.c-d_e", "A&B.c-d_e"), ("+44 7700 900555", "447700900555")],
)
def test_names_that_may_be(browser, address, service, foreign_service, other_service, sender, kept):
    set_sms_sender(foreign_service, "GOVT", is_default=True, by=TESTER)
    set_sms_sender(other_service, "Road Tax", is_default=True, by=TESTER)
    set_inbound_number(service, "447700900555", provider="sandbox", by=TESTER)
    browser.post(address("new-sender", "text-senders"), {"sender": sender})
    assert SmsSender.objects.get(service=service).sender == kept


@pytest.mark.parametrize("email", ["office", "a@b", "a..b@c.example", "a@b.example\r\nBcc: c@d.example"])
def test_what_is_no_address(browser, address, email):
    refused(browser.post(address("new-sender", "reply-to"), {"email": email}), "email")
    assert not WaitingReplyTo.objects.exists()


@pytest.mark.parametrize(("lines", "is_taken"), [(10, True), (11, False)])
def test_a_block_has_ten_lines(browser, address, lines, is_taken):
    text = "\r\n".join(f"Line {number}" for number in range(lines))
    answer = browser.post(address("new-sender", "contact-blocks"), {"text": text})
    assert ContactBlock.objects.exists() == is_taken
    if not is_taken:
        assert "Enter 10 lines at most" in refused(answer, "text")


def test_guests_are_added_and_removed(browser, address, service):
    for recipient in ("Somebody@Example.org", "07700 900123"):
        answer = browser.post(address("guests"), {"recipient": recipient})
        assert answer["Location"] == address("guests")
    text = browser.get(address("guests")).content.decode()
    assert "somebody@example.org" in text
    assert "+447700900123" in text
    guest = next(row for row in GuestListEntry.objects.all() if "@" in row.recipient)
    assert "somebody@example.org" in browser.get(address("remove-guest", guest.pk)).content.decode()
    assert browser.post(address("remove-guest", guest.pk))["Location"] == address("guests")
    assert browser.post(address("remove-guest", guest.pk)).status_code == 404
    entries = AuditEvent.objects.filter(action__startswith="guest_").order_by("id")
    assert [(entry.action, entry.after) for entry in entries] == [
        ("guest_added", {"entries": 1}),
        ("guest_added", {"entries": 2}),
        ("guest_removed", {"entries": 1}),
    ]
    assert "somebody" not in str([vars(entry) for entry in entries])


@pytest.mark.parametrize(
    ("recipient", "words"),
    [
        ("", "Enter an email address or a telephone number"),
        ("somebody@", "Enter an email address in the right form"),
        ("12", "The number has too few digits."),
        ("seven", "The number must not hold letters or symbols."),
        ("ANN@example.org", "This person is on the list already"),
        ("+44 7700 900123", "This person is on the list already"),
    ],
)
def test_whom_nobody_can_reach(browser, address, service, recipient, words):
    set_guest_list(service, ["ann@example.org", "07700900123"], by=TESTER)
    assert words in refused(browser.post(address("guests"), {"recipient": recipient}), "recipient")
    assert GuestListEntry.objects.count() == 2


def test_five_of_each_at_most(browser, address, service):
    for number in range(MOST_GUESTS):
        browser.post(address("guests"), {"recipient": f"person{number}@example.org"})
        browser.post(address("guests"), {"recipient": f"0770090012{number}"})
    assert GuestListEntry.objects.count() == 2 * MOST_GUESTS
    for one_more in ("sixth@example.org", "07700900129"):
        answer = browser.post(address("guests"), {"recipient": one_more})
        assert "The list holds 5 addresses and 5 numbers at most" in refused(answer, "recipient")
    assert GuestListEntry.objects.count() == 2 * MOST_GUESTS


def pages_of(service_id, rows, guest):
    for kind, row in rows.items():
        yield reverse("notify-console-new-sender", args=[service_id, kind])
        yield reverse("notify-console-sender", args=[service_id, kind, row.pk])
        yield reverse("notify-console-remove-sender", args=[service_id, kind, row.pk])
    yield reverse("notify-console-guests", args=[service_id])
    yield reverse("notify-console-remove-guest", args=[service_id, guest.pk])


@pytest.fixture
def everything(service, made):
    set_guest_list(service, ["ann@example.org"], by=TESTER)
    return {kind: made(kind) for kind in GOOD}, GuestListEntry.objects.get()


def test_only_developers_may(service, everything, stranger):
    viewer, outsider = browser_of(colleague(service, "caseworker")), browser_of(stranger)
    for path in pages_of(service.pk, *everything):
        for method in ("get", "post"):
            assert getattr(viewer, method)(path).status_code == 403
            assert getattr(outsider, method)(path).status_code == 404
    shown = viewer.get(reverse("notify-console-senders", args=[service.pk])).content.decode()
    assert "office@transport.example" in shown
    assert "/senders/reply-to/" not in shown
    assert GuestListEntry.objects.count() + ReplyTo.objects.count() == 2


def test_other_services_rows_are_not_found(other_service, everything):
    theirs = browser_of(colleague(other_service, "admin"))
    for path in pages_of(other_service.pk, *everything):
        if path.endswith(("/new", "/guests")):
            continue
        assert theirs.get(path).status_code == 404
        assert theirs.post(path, {"email": "x@y.example"}).status_code == 404
    assert ReplyTo.objects.get().email == "office@transport.example"


def test_an_unknown_kind_is_not_found(browser, address):
    assert browser.get(address("new-sender", "pigeons")).status_code == 404


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_many_defaults_at_once_one_is_the_default(service):
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    faults = []

    def choose(number):
        try:
            set_reply_to(service, f"office{number}@transport.example", is_default=True, by=TESTER)
        except Exception as error:
            faults.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=choose, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert ReplyTo.objects.count() == 8
    assert ReplyTo.objects.filter(is_default=True).count() == 1
