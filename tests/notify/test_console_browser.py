"""Notify's console pages in a real browser: accessible, readable on a phone, without JavaScript, in each language."""

import pytest
from django.urls import reverse

from gaap.clock import now
from gaap.testing.plugin import TESTER
from gaap_notify.models import Notification
from gaap_notify.services.folders import create_folder, move_template
from gaap_notify.services.letters.uploads import send_upload, upload_letter
from gaap_notify.services.one_offs import send_one_off, write_one_off
from gaap_notify.services.reply_tos.asking import propose_reply_to
from gaap_notify.services.setup import change_settings, set_contact_block, set_guest_list, set_reply_to
from gaap_notify.services.templates import change_template, create_template, current_version, find_template
from gaap_notify.services.unsubscribing.reports import make_report
from gaap_notify.services.unsubscribing.requests import Subscriber, unsubscribe
from tests.console.conftest import colleague
from tests.console.test_browser import LANGUAGES, check, let_in
from tests.notify.pdfs import make_pdf

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]

BODY = "# Your reference\n\nDear ((name))\n\n* one\n* two\n\n((late??You are late.))"


@pytest.fixture
def templates(service, email_template, sms_template):
    """A folder and a template of each channel; the email has two versions."""
    folder = create_folder(service, name="Reminders", parent=None, by=TESTER)
    inner = create_folder(service, name="2026", parent=folder, by=TESTER)
    move_template(sms_template, folder, by=TESTER)
    change_template(email_template, name="Receipt", subject="Paid ((amount))", body=BODY, by=TESTER)
    letter = create_template(service, type="letter", name="Notice", subject="Notice", body=BODY, by=TESTER)
    return {"email": email_template, "sms": sms_template, "letter": letter, "folder": folder, "inner": inner}


def template_pages(service, templates):
    def of(name, *arguments):
        return reverse(f"notify-console-{name}", args=[service.pk, *arguments])

    email, sms, letter = (templates[name].pk for name in ("email", "sms", "letter"))
    return {
        "templates": of("templates"),
        "templates-folder": f"{of('templates')}?folder={templates['folder'].pk}",
        "template-email": of("template", email),
        "template-sms": of("template", sms),
        "template-letter": of("template", letter),
        "template-new": of("new-template", "letter"),
        "template-change": of("change-template", email),
        "template-archive": of("archive-template", email),
        "template-versions": of("template-versions", email),
        "template-version": of("template-version", email, 2),
        "folder-new": of("new-folder"),
        "folder-change": of("folder", templates["inner"].pk),
    }


def other_pages(service, templates):
    """A message that was filled in, on each channel, and a report with something in every table."""
    change_settings(service, by=TESTER, permissions=["email", "sms", "letter"])
    fills = {"email": "ngoc@example.org", "sms": "07700 900123", "letter": "Nia Jones\n1 High Street\nCF10 1AA"}
    values = {"name": "Ngọc", "amount": "£10", "late": "yes"}
    found = {"fill": reverse("notify-console-fill-template", args=[service.pk, templates["letter"].pk])}
    for channel, recipient in fills.items():
        version = current_version(find_template(service.pk, templates[channel].pk))
        one_off = write_one_off(version, values, service=service, recipient=recipient)
        found[f"one-off-{channel}"] = reverse("notify-console-one-off", args=[service.pk, one_off.pk])
        send_one_off(one_off, by=TESTER)
    Notification.objects.filter(type="email").update(status="permanent-failure", sent_at=now())
    block = set_contact_block(service, "Office\n1 High Street", is_default=True, by=TESTER)
    office = "office-for-questions-about-registrations@transport.example"
    standing = set_reply_to(service, office, is_default=True, by=TESTER)
    asked = "the-office-that-answers-questions-about-everything-else@transport.example"
    waiting = propose_reply_to(service, asked, is_default=False, by=TESTER)
    propose_reply_to(service, "new-office@transport.example", is_default=True, by=TESTER, id=standing.pk)
    set_guest_list(service, ["somebody-with-a-rather-long-address@transport.example", "+84912345678"], by=TESTER)
    person = Subscriber(Notification.objects.select_related("template_version").filter(type="email")[0], "a@b.example")
    unsubscribe(person)
    make_report(service, by=TESTER)
    unsubscribe(Subscriber(person.notification, "c@d.example"))
    return {
        **found,
        **letter_pages(service),
        "unsubscribes": reverse("notify-console-unsubscribes", args=[service.pk]),
        "guests": reverse("notify-console-guests", args=[service.pk]),
        "reply-to-new": reverse("notify-console-new-sender", args=[service.pk, "reply-to"]),
        "waiting-remove": reverse("notify-console-remove-waiting", args=[service.pk, waiting.pk]),
        "sender-new": reverse("notify-console-new-sender", args=[service.pk, "text-senders"]),
        "sender-change": reverse("notify-console-sender", args=[service.pk, "contact-blocks", block.pk]),
        "sender-remove": reverse("notify-console-remove-sender", args=[service.pk, "contact-blocks", block.pk]),
        "report": reverse("notify-console-report", args=[service.pk]),
        "senders": reverse("notify-console-senders", args=[service.pk]),
    }


def letter_pages(service):
    """A letter that is ready, one with something in the margin of its second page, and one that was sent."""

    def of(name, *arguments):
        return reverse(f"notify-console-{name}", args=[service.pk, *arguments])

    outside = "#pagebreak()\n#place(top + left, dx: -15mm, [Something in the margin])"
    name = "notice-of-the-renewal-of-a-permit-for-a-mooring-2026-2027.pdf"
    good = upload_letter(service, make_pdf(pages=3), filename=name, by=TESTER)
    bad = upload_letter(service, make_pdf(more=outside), filename="letter.pdf", by=TESTER)
    sent = send_upload(upload_letter(service, make_pdf(), filename=name, by=TESTER), postage="first", by=TESTER)
    return {
        "letters": of("letters"),
        "letter-new": of("new-letter"),
        "letter": of("letter", good.pk),
        "letter-faulty": of("letter", bad.pk),
        "letter-sent": of("message", sent),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page(browser_page, live_server, service, templates, language):
    page = browser_page(java_script=False)
    let_in(page, live_server, colleague(service, "admin"))
    for name, path in {**other_pages(service, templates), **template_pages(service, templates)}.items():
        page.goto(f"{live_server}{path}{'&' if '?' in path else '?'}lang={language}")
        check(page, name, language=language)


def test_a_template_is_written_and_the_email_stands_in_its_frame(browser_page, live_server, service):
    page = browser_page(java_script=False)
    let_in(page, live_server, colleague(service, "developer"))
    page.goto(f"{live_server}{reverse('notify-console-templates', args=[service.pk])}")
    page.click("text=New template: Email")
    page.click("main button")
    summary = page.locator("[role=alert] a")
    summary.first.wait_for()
    assert summary.count() == 3
    page.fill("[name=name]", "Receipt")
    page.fill("[name=subject]", "Paid ((amount))")
    page.fill("[name=body]", "Dear ((name))")
    page.click("main button")
    page.locator("iframe").wait_for()
    assert "Dear ((name))" in page.frame_locator("iframe").locator("body").inner_text()


def test_a_letter_is_uploaded_and_sent_without_javascript(browser_page, live_server, service):
    change_settings(service, by=TESTER, permissions=["letter"])
    page = browser_page(java_script=False)
    let_in(page, live_server, colleague(service, "caseworker"))
    page.goto(f"{live_server}{reverse('notify-console-letters', args=[service.pk])}")
    page.click("text=Upload a letter")
    page.click("main button")
    page.locator("[role=alert] a").wait_for()
    assert page.locator("#id_file").get_attribute("aria-invalid") == "true"
    check(page, "letter-new-faulty", language="en")
    page.set_input_files("#id_file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": make_pdf()})
    with page.expect_response("**/pages/1") as picture:
        page.click("main button")
        page.locator("main img").scroll_into_view_if_needed()
    assert picture.value.ok
    page.click("text=First class")
    page.fill("[name=reference]", "case 12")
    page.click("text=Send the letter")
    page.locator("text=What happened").wait_for()
    assert "case 12" in page.locator("main").inner_text()
    page.click("text=Take the letter back")
    page.locator("text=It is not printed").wait_for()
