"""A file in place of a text, uploaded in the console: taken in, looked at, sent as a link, and gone again."""

import re

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from gaap.testing.plugin import TESTER
from gaap_notify.models import Notification, OneOff, SharedFile, VaultFile
from gaap_notify.services.files import sharing
from gaap_notify.services.one_offs import send_one_off
from gaap_notify.services.scanning import ScanError
from gaap_notify.services.setup import change_settings
from gaap_notify.services.templates import create_template
from gaap_notify.services.vault import StorageAwayError, put_file
from tests.browser.support import DESKTOP, PHONE, assert_accessible, assert_fits, shoot
from tests.console.conftest import browser_of, colleague
from tests.console.test_browser import let_in

pytestmark = pytest.mark.django_db
CONTENT = b"name,amount\nAnn,10\n"
PERSON = "ann@example.org"


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def template(service):
    change_settings(service, contact_details="help@transport.example", by=TESTER)
    body = "Dear ((name))\n\nGet it: ((doc))\n\n((late??You are late.))"
    return create_template(service, type="email", name="File", subject="For ((name))", body=body, by=TESTER)


@pytest.fixture
def browser(service):
    return browser_of(colleague(service, "caseworker"))


@pytest.fixture
def fill(browser, service, template):
    """Return a function that fills the template in, with a file for its second gap."""

    def post(content=CONTENT, *, name="permit.csv", **more):
        given = {"recipient": PERSON, "value_0": "Ann", "value_2": "no", "needs_email": "on", **more}
        file = SimpleUploadedFile(name, content) if name else None
        path = reverse("notify-console-fill-template", args=[service.pk, template.pk])
        return browser.post(path, {**given, **({"file_1": file} if file else {})})

    return post


def send(browser, one_off):
    return browser.post(reverse("notify-console-send-one-off", args=[one_off.service_id, one_off.pk]))


def refused(answer, field="file_1"):
    text = answer.content.decode()
    assert answer.status_code == 200
    assert f'href="#id_{field}"' in text
    assert not OneOff.objects.exists()
    return text


def test_a_file_is_uploaded_looked_at_sent_and_fetched(browser, fill, client):
    answer = fill()
    one_off = OneOff.objects.get()
    shown = browser.get(answer["Location"]).content.decode()
    assert "permit.csv" in shown
    assert "/d/" in shown
    assert "test-document" in browser.get(f"{answer['Location']}/html").content.decode()
    assert not VaultFile.objects.exists()
    for _ in range(3):
        send(browser, one_off)
    message, shared = Notification.objects.get(), SharedFile.objects.get()
    assert (shared.notification_id, shared.filename, shared.needs_email) == (message.pk, "permit.csv", True)
    assert VaultFile.objects.count() == 1
    found = re.search(r"https?://[^/\s]+(/d/\S+)", message.body)
    assert found
    assert client.post(found[1], {"email": PERSON}).status_code == 303
    assert client.get(found[1].replace("?", "/download?")).content == CONTENT


def test_how_long_for_whom_and_under_which_name_is_chosen(browser, fill):
    answer = fill(name_1="Your permit", weeks="4", needs_email="", reference="case 12")
    page = browser.get(answer["Location"]).content.decode()
    for words in ("Your permit.csv", "Can be downloaded for 4 weeks", "Everybody who has the link gets it", "case 12"):
        assert words in page
    send(browser, OneOff.objects.get())
    message, shared = Notification.objects.get(), SharedFile.objects.get()
    assert (message.reference, shared.filename, shared.needs_email) == ("case 12", "Your permit.csv", False)
    assert (shared.expires_at - shared.created_at).days == 28


@pytest.mark.parametrize(
    ("given", "kept"),
    [("", "permit.csv"), ("Permit.CSV", "Permit.CSV"), ("a/b\\c", "a_b_c.csv"), ("n" * 95, f"{'n' * 95}.csv")],
)
def test_the_name_of_a_file(browser, fill, given, kept):
    fill(name_1=given)
    send(browser, OneOff.objects.get())
    assert SharedFile.objects.get().filename == kept


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"weeks": "0"}, "weeks"),
        ({"weeks": "79"}, "weeks"),
        ({"weeks": "soon"}, "weeks"),
        ({"name_1": "n" * 96}, "name_1"),
        ({"reference": "r" * 1001}, "reference"),
    ],
)
def test_options_out_of_bounds(fill, options, field):
    refused(fill(**options), field)


def test_without_weeks_a_file_has_half_a_year(browser, fill):
    fill(weeks="")
    send(browser, OneOff.objects.get())
    shared = SharedFile.objects.get()
    assert (shared.expires_at - shared.created_at).days == 26 * 7


def test_what_is_kept_until_then_is_encrypted(fill):
    fill()
    with connection.cursor() as cursor:
        cursor.execute("SELECT personalisation FROM gaap_notify_oneoff")
        (kept,) = cursor.fetchone()
    assert "permit" not in kept
    assert "file" not in kept


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"MZ", "run.exe", "A file of this type cannot be sent."),
        (b"x" * (2 * 1024 * 1024 + 1025), "big.txt", "The file is larger than 2 MB"),
        (b"", "empty.txt", "The file is empty"),
        (b"x", f"{'n' * 97}.txt", "The name of the file is longer than 100 characters."),
    ],
)
def test_what_may_not_be_sent(fill, content, name, words):
    assert words in refused(fill(content, name=name))


def test_a_text_or_a_file(fill):
    assert "Give a text or a file, not both" in refused(fill(value_1="text"))
    assert "Enter a value for “doc”" in refused(fill(name=""), "value_1")


def test_viruses_are_refused_before_anything_is_kept(fill, monkeypatch):
    monkeypatch.setattr(sharing, "is_clean", lambda data: False)
    assert "The file did not pass the virus scan." in refused(fill())


def test_a_scanner_that_is_away(fill, monkeypatch):
    def away(data):
        raise ScanError("away")

    monkeypatch.setattr(sharing, "is_clean", away)
    assert "cannot be looked at for viruses now" in refused(fill())


def test_a_storage_that_is_away_sends_nothing_and_may_be_asked_again(browser, fill, monkeypatch):
    fill()
    one_off = OneOff.objects.get()

    def away(data):
        raise StorageAwayError

    with monkeypatch.context() as patch:
        patch.setattr(sharing, "put_file", away)
        assert "Files cannot be kept now" in send(browser, one_off).content.decode()
    assert not Notification.objects.exists()
    send(browser, one_off)
    assert SharedFile.objects.count() == 1


def test_files_go_to_the_vault_outside_of_the_transaction(fill, monkeypatch):
    fill()
    depths: list[int] = []
    before = len(connection.savepoint_ids)

    def put(data):
        depths.append(len(connection.savepoint_ids) - before)
        return put_file(data)

    monkeypatch.setattr(sharing, "put_file", put)
    send_one_off(OneOff.objects.get(), by=TESTER)
    assert depths == [0]


def test_a_service_that_is_not_set_up_is_not_asked_for_files(browser, service, template):
    path = reverse("notify-console-fill-template", args=[service.pk, template.pk])
    assert browser.get(path).content.decode().count('type="file"') == 1
    change_settings(service, contact_details="", by=TESTER)
    assert 'type="file"' not in browser.get(path).content.decode()


@pytest.mark.chromium
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "language"), [(PHONE, "vi"), (DESKTOP, "cy"), (PHONE, "en")])
def test_the_pages(browser_page, live_server, service, template, tmp_path, width, language):
    page = browser_page(width=width, java_script=False)
    let_in(page, live_server, colleague(service, "caseworker"))
    path = reverse("notify-console-fill-template", args=[service.pk, template.pk])
    page.goto(f"{live_server}{path}?lang={language}")
    page.fill("[name=recipient]", PERSON)
    page.fill("[name=value_0]", "Ann")
    page.check("[name=value_2][value=no]")
    wrong, right = tmp_path / "run.exe", tmp_path / "your-permit.csv"
    wrong.write_bytes(b"MZ")
    right.write_bytes(CONTENT)
    for file, name in ((wrong, "refused"), (right, "shown")):
        page.set_input_files("[name=file_1]", str(file))
        page.click("main form button")
        page.wait_for_selector("[role=alert]" if name == "refused" else "iframe")
        assert_accessible(page)
        assert_fits(page)
        shoot(page, f"one-off-file-{name}-{width}-{language}")
