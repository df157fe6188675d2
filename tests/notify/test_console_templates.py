"""The console's pages about templates: folders, writing, versions, archiving, and how a message will look."""

import re

import pytest
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.testing.plugin import TESTER
from gaap_notify.models import ContactBlock, Template, TemplateFolder
from gaap_notify.services.folders import DEEPEST, create_folder, move_template
from gaap_notify.services.templates import TemplateParts, change_template, create_template, current_version
from tests.console.conftest import browser_of, colleague

pytestmark = pytest.mark.django_db

TEXT = {"name": "Receipt", "subject": "Paid ((amount))", "body": "Dear ((name))\r\n\r\n((late??You are late.))"}


@pytest.fixture
def browser(service):
    return browser_of(colleague(service, "developer"))


@pytest.fixture
def address(service):
    def of(name, *arguments):
        return reverse(f"notify-console-{name}", args=[service.pk, *arguments])

    return of


@pytest.fixture
def folder(service):
    return create_folder(service, name="Letters", parent=None, by=TESTER)


@pytest.fixture
def letter_template(service):
    return create_template(service, type="letter", name="Notice", subject="Notice", body="Dear ((name))", by=TESTER)


def page_of(browser, path, **query):
    answer = browser.get(path, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_template_is_written_and_listed(browser, address):
    answer = browser.post(address("new-template", "email"), TEXT)
    template = Template.objects.get()
    current = current_version(template)
    assert answer["Location"] == address("template", template.pk)
    assert current.body == "Dear ((name))\n\n((late??You are late.))"
    assert current.created_by == "developer@transport.example"
    page = page_of(browser, address("template", template.pk))
    assert [name in page for name in ("<code>amount</code>", "<code>name</code>", "<code>late</code>")] == [True] * 3
    assert page.count("(yes or no") == 1
    assert "Receipt" in page_of(browser, address("templates"))


def test_letter_has_its_own_parts(browser, address, service, folder):
    block = ContactBlock.objects.create(service=service, text="Office\n1 High Street")
    welsh = {"welsh_subject": "Rhybudd", "welsh_body": "Annwyl ((name))"}
    form = {**TEXT, "postage": "first", "contact_block": block.pk, "folder": folder.pk, **welsh}
    browser.post(address("new-template", "letter"), form)
    template = Template.objects.get()
    current = current_version(template)
    assert (current.postage, current.contact_block, current.welsh_body) == ("first", block, "Annwyl ((name))")
    assert template.folder == folder


@pytest.mark.parametrize(
    ("channel", "changes", "field"),
    [
        ("email", {"name": ""}, "name"),
        ("email", {"subject": ""}, "subject"),
        ("sms", {"body": " "}, "body"),
        ("email", {"body": "Dear ((first, last))"}, "body"),
        ("email", {"subject": "For ((a,b))"}, "subject"),
        ("sms", {"body": "x" * 919}, "body"),
        ("letter", {"welsh_subject": "Rhybudd"}, "welsh_body"),
        ("letter", {"welsh_body": "Annwyl"}, "welsh_subject"),
        ("letter", {"postage": "europe"}, "postage"),
        ("letter", {"contact_block": "7"}, "contact_block"),
        ("sms", {"folder": "00000000-0000-4000-8000-000000000000"}, "folder"),
        ("email", {"name": "x" * 256}, "name"),
    ],
)
def test_form_says_what_is_wrong(browser, address, channel, changes, field):
    page = browser.post(address("new-template", channel), {**TEXT, **changes}).content.decode()
    assert f'href="#id_{field}"' in page
    assert not Template.objects.exists()


def test_a_text_message_of_the_greatest_length_is_taken(browser, address):
    assert browser.post(address("new-template", "sms"), {"name": "Long", "body": "x" * 918}).status_code == 302


def test_unknown_channel_is_not_there(browser, address):
    assert browser.get(address("new-template", "fax")).status_code == 404


def test_change_adds_a_version_and_shows_the_difference(browser, address, email_template):
    new = {"name": "Receipt", "subject": "Paid ((amount))", "body": "Hello ((name))\n\nThank you."}
    assert browser.post(address("change-template", email_template.pk), new).status_code == 302
    page = page_of(browser, address("template-version", email_template.pk, 2))
    assert re.search(r"<ins>.*?Hello \(\(name\)\)</ins>", page)
    assert re.search(r"<del>.*?Dear \(\(name\)\)</del>", page)
    assert "<p>Thank you.</p>" in page
    first = page_of(browser, address("template-version", email_template.pk, 1))
    assert "<ins>" not in first
    versions = page_of(browser, address("template-versions", email_template.pk))
    assert versions.count('<th scope="row">') == 2


def test_saving_the_same_text_adds_no_version(browser, address, email_template):
    same = {"name": "Receipt", "subject": "Paid ((amount))", "body": "Dear ((name))\r\n\r\nThank you."}
    browser.post(address("change-template", email_template.pk), same)
    assert email_template.versions.count() == 1


def test_form_of_a_change_begins_with_the_text(browser, address, letter_template, folder):
    move_template(letter_template, folder, by=TESTER)
    page = page_of(browser, address("change-template", letter_template.pk))
    assert "Dear ((name))</textarea>" in page
    assert f'<option value="{folder.pk}" selected>' in page


def test_archived_template_is_listed_apart_and_taken_back(browser, address, email_template):
    assert "Archive this template?" in page_of(browser, address("archive-template", email_template.pk))
    browser.post(address("archive-template", email_template.pk))
    assert str(email_template.pk) not in page_of(browser, address("templates"))
    assert str(email_template.pk) in page_of(browser, address("templates"), archived=1)
    assert "is archived" in page_of(browser, address("template", email_template.pk))
    browser.post(address("restore-template", email_template.pk))
    assert str(email_template.pk) in page_of(browser, address("templates"))


def test_folders_hold_templates_and_folders(browser, address, folder, email_template):
    browser.post(address("new-folder"), {"name": "Inner", "parent": folder.pk})
    inner = TemplateFolder.objects.get(name="Inner")
    assert inner.parent == folder
    move_template(email_template, inner, by=TESTER)
    top = page_of(browser, address("templates"))
    assert str(folder.pk) in top
    assert str(email_template.pk) not in top
    assert str(email_template.pk) in page_of(browser, address("templates"), folder=inner.pk)
    assert AuditEvent.objects.filter(action="template_folder_created").count() == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": ""}, "name"), ({"name": "Letters"}, "name"), ({"parent": "x"}, "parent")],
)
def test_folder_form_says_what_is_wrong(browser, address, folder, change, field):
    page = browser.post(address("new-folder"), {"name": "New", **change}).content.decode()
    assert f'href="#id_{field}"' in page
    assert TemplateFolder.objects.count() == 1


def test_folder_is_renamed_but_never_put_into_itself(browser, address, service, folder):
    inner = create_folder(service, name="Inner", parent=folder, by=TESTER)
    browser.post(address("folder", folder.pk), {"name": "Post", "parent": ""})
    folder.refresh_from_db()
    assert folder.name == "Post"
    page = browser.post(address("folder", folder.pk), {"name": "Post", "parent": inner.pk}).content.decode()
    assert 'href="#id_parent"' in page
    assert page_of(browser, address("templates"), folder=folder.pk)


def test_folders_do_not_stand_too_deep(browser, address, service):
    parent = create_folder(service, name="0", parent=None, by=TESTER)
    for number in range(1, DEEPEST):
        parent = create_folder(service, name=str(number), parent=parent, by=TESTER)
    page = browser.post(address("new-folder"), {"name": "Deeper", "parent": parent.pk}).content.decode()
    assert 'href="#id_parent"' in page


def test_only_an_empty_folder_is_removed(browser, address, folder, email_template):
    move_template(email_template, folder, by=TESTER)
    page = browser.post(address("delete-folder", folder.pk), follow=True).content.decode()
    assert "not empty" in page
    move_template(email_template, None, by=TESTER)
    browser.post(address("delete-folder", folder.pk))
    assert not TemplateFolder.objects.exists()


def test_email_is_shown_under_a_policy_of_its_own(browser, address, service):
    body = "Dear ((name))\n\n<script>alert(1)</script>"
    template = create_template(service, type="email", name="Odd", subject="A", body=body, by=TESTER)
    page = browser.get(address("template", template.pk))
    frame = address("template-html", template.pk, 1)
    assert f'src="{frame}"' in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    answer = browser.get(frame)
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "((name))" in answer.content.decode()
    assert "<script" not in answer.content.decode()


@pytest.mark.parametrize(("body", "fragments"), [("a" * 100, "1 fragment,"), ("a" * 200, "2 fragments,")])
def test_text_message_says_how_long_it_is(browser, address, service, body, fragments):
    template = create_template(service, type="sms", name="Long", body=body, by=TESTER)
    page = page_of(browser, address("template", template.pk))
    assert fragments in page
    assert f"{len(body)} of 918 characters" in page


def test_letter_is_shown_as_pages(browser, address, letter_template):
    page = page_of(browser, address("template", letter_template.pk))
    assert address("template-picture", letter_template.pk, 1) in page
    assert browser.get(address("template-pdf", letter_template.pk, 1)).content.startswith(b"%PDF-")
    assert browser.get(address("template-picture", letter_template.pk, 1)).content.startswith(b"\x89PNG")


def test_letter_that_cannot_be_set_says_why(browser, address, service):
    body = "qr: https://example.org/" + "x" * 600
    template = create_template(service, type="letter", name="QR", subject="A", body=body, by=TESTER)
    assert "too long for a QR code" in page_of(browser, address("template", template.pk))
    assert browser.get(address("template-pdf", template.pk, 1)).status_code == 404


def test_frames_are_of_their_own_channel(browser, address, letter_template, email_template):
    assert browser.get(address("template-html", letter_template.pk, 1)).status_code == 404
    assert browser.get(address("template-pdf", email_template.pk, 1)).status_code == 404


NAMES = ("template", "change-template", "archive-template", "restore-template", "template-versions")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_other_services_templates_are_not_there(browser, address, other_service, name, method):
    theirs = create_template(other_service, type="letter", name="Theirs", subject="A", body="B", by=TESTER)
    assert getattr(browser, method)(address(name, theirs.pk), TEXT).status_code in (404, 405)
    theirs.refresh_from_db()
    assert (theirs.versions.count(), theirs.archived_at) == (1, None)


@pytest.mark.parametrize("name", ["template-version", "template-html", "template-pdf", "template-picture"])
def test_other_services_versions_are_not_there(browser, address, other_service, name):
    theirs = create_template(other_service, type="letter", name="Theirs", subject="A", body="B", by=TESTER)
    assert browser.get(address(name, theirs.pk, 1)).status_code == 404


def test_other_services_folders_are_not_there(browser, address, other_service):
    theirs = create_folder(other_service, name="Theirs", parent=None, by=TESTER)
    assert browser.get(address("folder", theirs.pk)).status_code == 404
    assert browser.post(address("delete-folder", theirs.pk)).status_code == 404
    assert browser.get(address("templates"), {"folder": theirs.pk}).status_code == 404
    page = browser.post(address("new-folder"), {"name": "Mine", "parent": theirs.pk}).content.decode()
    assert 'href="#id_parent"' in page


def test_viewers_read_and_change_nothing(service, address, email_template):
    viewer = browser_of(colleague(service, "viewer"))
    assert address("change-template", email_template.pk) not in page_of(viewer, address("template", email_template.pk))
    assert viewer.post(address("change-template", email_template.pk), TEXT).status_code == 403
    assert viewer.post(address("archive-template", email_template.pk)).status_code == 403
    assert viewer.get(address("template-html", email_template.pk, 1)).status_code == 200


def test_list_asks_no_question_per_template(browser, address, service, folder, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(12) as asked:
            page_of(browser, address("templates"))
        return len(asked)

    create_template(service, type="sms", name="One", body="One", by=TESTER)
    before = queries()
    for number in range(20):
        create_template(service, type="sms", name=f"More {number}", body="More", by=TESTER)
    assert queries() == before


def test_a_changed_contact_block_belongs_to_the_next_version(service, letter_template):
    block = ContactBlock.objects.create(service=service, text="((office))")
    change_template(
        letter_template, name="Notice", subject="Notice", body="B", parts=TemplateParts("", block.pk), by=TESTER
    )
    letter_template.refresh_from_db()
    assert letter_template.current.placeholders == ("office",)
