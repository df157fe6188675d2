"""Letters uploaded as a PDF in the console: checked, looked at page by page, sent once, taken back, and gone again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.clock import now
from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_notify.console.faults import FAULTS
from gaap_notify.errors import NoResultFoundError
from gaap_notify.models import Letter, LetterUpload, Notification, VaultFile
from gaap_notify.recipients.postal import base, united_kingdom, viet_nam
from gaap_notify.rendering.letters import checking
from gaap_notify.services import daily_limits
from gaap_notify.services.files import sharing
from gaap_notify.services.letters import judging
from gaap_notify.services.letters.uploads import find_upload, purge_uploads, remove_upload, send_upload, upload_letter
from gaap_notify.services.letters.working import work_on_letter
from gaap_notify.services.scanning import ScanError
from gaap_notify.services.setup import change_settings
from gaap_notify.services.vault import StorageAwayError
from gaap_notify.services.vault_sweep import sweep_vault
from tests.console.conftest import browser_of, colleague
from tests.notify.pdfs import bare_page, broken_pdfs, encrypted, make_pdf, with_pages, with_script, without_fonts

pytestmark = pytest.mark.django_db

OUTSIDE = "#place(top + left, dx: -15mm, [x])"


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def letters(service):
    change_settings(service, permissions=["letter"], by=TESTER)


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch):
    """Check letters here: a process for each takes as long as all the rest."""
    monkeypatch.setattr(judging, "check_pdf_apart", checking.check_pdf)


@pytest.fixture
def browser(service):
    return browser_of(colleague(service, "caseworker"))


@pytest.fixture
def address(service):
    def of(name, *arguments):
        return reverse(f"notify-console-{name}", args=[service.pk, *arguments])

    return of


@pytest.fixture
def post(browser, address):
    """Return a function that uploads a file."""

    def upload(data, *, name="letter.pdf"):
        return browser.post(address("new-letter"), {"file": SimpleUploadedFile(name, data, "application/pdf")})

    return upload


@pytest.fixture
def upload(service):
    """Return a function that has uploaded a letter."""

    def made(data=None, *, of=service):
        return upload_letter(of, data or make_pdf(), filename="letter.pdf", by=TESTER)

    return made


@pytest.fixture
def on_trial(service):
    Service.objects.filter(pk=service.pk).update(is_live=False)
    service.refresh_from_db()


def refused(answer, words):
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'href="#id_file"' in page
    assert words in page
    assert not LetterUpload.objects.exists()
    assert not VaultFile.objects.exists()


def test_a_letter_is_uploaded_looked_at_and_sent(browser, address, post):
    answer = post(make_pdf(pages=3))
    upload = LetterUpload.objects.get()
    assert answer["Location"] == address("letter", upload.pk)
    page = browser.get(answer["Location"]).content.decode()
    assert "Mr John Jones\n12 Long Street\nSW1A 1AA" in page
    assert "2 sheets of paper" in page
    assert browser.get(address("letter-page", upload.pk, 3)).content.startswith(b"\x89PNG")
    assert not Notification.objects.exists()
    sent = browser.post(address("send-letter", upload.pk), {"postage": "first", "reference": "case 12"})
    letter = Letter.objects.select_related("notification").get()
    assert sent["Location"] == address("message", letter.pk)
    assert (letter.is_precompiled, letter.postage, letter.notification.reference) == (True, "first", "case 12")
    assert (letter.notification.status, letter.notification.key_type) == ("pending-virus-check", "live")
    work_on_letter(letter.pk)
    shown = browser.get(sent["Location"]).content.decode()
    assert "Mr John Jones" in shown
    assert "Waiting to be sent" in shown
    assert "First class" in shown
    assert browser.get(address("letter", upload.pk))["Location"] == sent["Location"]
    assert VaultFile.objects.count() == 1
    actions = (
        AuditEvent.objects.filter(action__startswith="letter_").order_by("pk").values_list("action", "actor_label")
    )
    who = "caseworker@transport.example"
    assert list(actions) == [("letter_uploaded", who), ("letter_upload_sent", who)]


def test_it_stands_in_the_list_until_it_is_sent(browser, address, upload):
    good, bad = upload(), upload(make_pdf(more=OUTSIDE))
    page = browser.get(address("letters")).content.decode()
    assert "Ready to send" in page
    assert "Cannot be printed" in page
    assert good.expires_at.strftime("%Y-%m-%d %H:%M") in page
    send_upload(good, postage="second", by=TESTER)
    assert remove_upload(bad, by=TESTER)
    assert "No letter waits" in browser.get(address("letters")).content.decode()


@pytest.mark.parametrize(
    ("pdf", "words"),
    [
        (lambda: make_pdf(pages=12), "10 pages at most"),
        (lambda: with_pages(make_pdf(), 40_000), "10 pages at most"),
        (lambda: make_pdf(size="width: 8.5in, height: 11in", pages=2), "not A4 upright"),
        (lambda: bare_page("width: 5000mm, height: 5000mm"), "not A4 upright"),
        (lambda: make_pdf(more=OUTSIDE), "marked in red"),
        (lambda: without_fonts(make_pdf()), "fonts embedded"),
        (lambda: with_script(make_pdf()), "runs a script"),
        (lambda: make_pdf(address=()), "no address in the window"),
        (lambda: make_pdf(address=("Mr Jones", "Street", "Nowhere")), "real postcode"),
        (lambda: make_pdf(address=("Mr Jones", "SW1A 1AA")), "fewer than 3 lines"),
    ],
)
def test_a_faulty_letter_is_shown_and_not_sent(browser, address, post, pdf, words):
    page = browser.get(post(pdf())["Location"]).content.decode()
    upload = LetterUpload.objects.get()
    assert "This letter cannot be printed" in page
    assert words in page
    assert address("send-letter", upload.pk) not in page
    assert browser.get(address("letter-page", upload.pk, 1)).content.startswith(b"\x89PNG")
    assert browser.post(address("send-letter", upload.pk), {"postage": "second"}).status_code == 404
    assert not Notification.objects.exists()


def test_the_address_is_shown_whatever_else_is_wrong(browser, post):
    assert "12 Long Street" in browser.get(post(make_pdf(more=OUTSIDE))["Location"]).content.decode()


def test_each_faulty_page_is_named_and_led_to(browser, post):
    page = browser.get(post(make_pdf(size="width: 8.5in, height: 11in", pages=2))["Location"]).content.decode()
    for number in (1, 2):
        assert f'href="#page-{number}"' in page
        assert f'id="page-{number}"' in page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"not a PDF", "The file cannot be read"),
        (b"", "The file is empty"),
        (b"%PDF-" + b"x" * 5 * 1024 * 1024, "The file is larger than 5 MB"),
    ],
)
def test_what_is_no_letter_is_not_kept(post, data, words):
    refused(post(data), words)


def test_a_letter_under_a_password_is_not_kept(post):
    refused(post(encrypted(make_pdf())), "under a password")


def test_no_broken_file_is_a_fault_of_ours(browser, address, post):
    for data in broken_pdfs(99, count=60):
        answer = post(data)
        assert answer.status_code in (200, 302)
        for upload in LetterUpload.objects.all():
            assert browser.get(address("letter", upload.pk)).status_code == 200
            assert browser.get(address("letter-page", upload.pk, 1)).status_code in (200, 404)
            remove_upload(upload, by=TESTER)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "<script>alert(1)</script>.pdf", "n" * 300 + ".pdf", "\u202efdp.pdf"]
)
def test_names_of_files_are_text(browser, post, name):
    page = browser.get(post(make_pdf(), name=name)["Location"])
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_no_file_at_all(browser, address):
    refused(browser.post(address("new-letter"), {}), "Choose a file")
    refused(browser.post(address("new-letter"), {"file": "text"}), "Choose a file")


def test_viruses_are_refused_before_anything_is_kept(post, monkeypatch):
    monkeypatch.setattr(sharing, "is_clean", lambda data: False)
    refused(post(make_pdf()), "did not pass the virus scan")


def test_a_scanner_that_is_away(post, monkeypatch):
    def away(data):
        raise ScanError("away")

    monkeypatch.setattr(sharing, "is_clean", away)
    refused(post(make_pdf()), "cannot be looked at for viruses now")


def test_a_storage_that_is_away(post, monkeypatch):
    def away(data):
        raise StorageAwayError

    monkeypatch.setattr("gaap_notify.services.letters.uploads.put_file", away)
    refused(post(make_pdf()), "Files cannot be kept now")


def test_pictures_are_gone_while_the_storage_is(browser, address, upload, monkeypatch):
    def away(kept):
        raise StorageAwayError

    letter = upload()
    monkeypatch.setattr("gaap_notify.services.letters.uploads.read_file", away)
    assert browser.get(address("letter-page", letter.pk, 1)).status_code == 404
    assert browser.get(address("letter", letter.pk)).status_code == 200


def test_a_service_without_letters(service, post):
    change_settings(service, permissions=["email"], by=TESTER)
    refused(post(make_pdf()), "may not send messages of this type")


def test_on_trial_a_letter_is_looked_at_and_not_sent(browser, address, post, on_trial):
    page = browser.get(post(make_pdf())["Location"]).content.decode()
    upload = LetterUpload.objects.get()
    assert "cannot send letters" in page
    assert address("send-letter", upload.pk) not in page
    answer = browser.post(address("send-letter", upload.pk), {"postage": "second"})
    assert "cannot send letters" in answer.content.decode()
    assert not Notification.objects.exists()


def test_a_letter_abroad_has_the_postage_of_its_address(service, browser, address, post):
    change_settings(service, permissions=["letter", "international_letters"], by=TESTER)
    location = post(make_pdf(address=("Mr Jones", "Street 1", "Germany")))["Location"]
    page = browser.get(location).content.decode()
    assert "Europe" in page
    assert 'name="postage"' not in page
    browser.post(address("send-letter", LetterUpload.objects.get().pk), {"postage": "first"})
    assert Letter.objects.get().postage == "europe"


@pytest.mark.parametrize("values", [{}, {"postage": "europe"}, {"postage": "second", "reference": "r" * 1001}])
def test_form_says_what_is_wrong(browser, address, upload, values):
    page = browser.post(address("send-letter", upload().pk), values).content.decode()
    assert 'href="#id_reference"' in page or 'href="#id_postage_0"' in page
    assert not Notification.objects.exists()


def test_sent_twice_it_is_one_letter(browser, address, upload):
    letter = upload()
    answers = {browser.post(address("send-letter", letter.pk), {"postage": "second"})["Location"] for _ in range(3)}
    assert answers == {address("message", Notification.objects.get().pk)}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_sent_and_removed_by_many_at_once_it_is_one_letter_or_none(service, upload):
    for _ in range(3):
        letter = upload()

        def act(number, letter=letter):
            try:
                if number == 3:
                    return remove_upload(letter, by=TESTER)
                return send_upload(find_upload(service.pk, letter.pk), postage="second", by=TESTER)
            except NoResultFoundError:
                return None
            finally:
                connection.close()

        with ThreadPoolExecutor(6) as pool:
            done = list(pool.map(act, range(6)))
        sent = {*done[:3], *done[4:]} - {None}
        assert sent == set(Notification.objects.values_list("pk", flat=True))
        assert len(sent) == (0 if done[3] else 1)
        assert VaultFile.objects.count() == len(sent)
        Letter.objects.all().delete()
        Notification.objects.all().delete()
        VaultFile.objects.all().delete()


def test_the_days_limit_holds_and_nothing_is_counted_twice(browser, address, upload, monkeypatch):
    monkeypatch.setattr(daily_limits, "DAILY", {"letter": 1})
    first, second = upload(), upload()
    for _ in range(2):
        assert browser.post(address("send-letter", first.pk), {"postage": "second"}).status_code == 302
    page = browser.post(address("send-letter", second.pk), {"postage": "second"}).content.decode()
    assert "as many messages today as it may" in page
    assert Notification.objects.count() == 1
    assert LetterUpload.objects.get(pk=second.pk).file is not None


def test_removed_it_is_gone_with_its_file(browser, address, upload):
    letter = upload()
    assert browser.post(address("remove-letter", letter.pk))["Location"] == address("letters")
    assert not LetterUpload.objects.exists()
    assert not VaultFile.objects.exists()
    assert AuditEvent.objects.filter(action="letter_upload_removed").count() == 1


def test_what_was_sent_is_not_removed(browser, address, upload):
    letter = upload()
    send_upload(letter, postage="second", by=TESTER)
    browser.post(address("remove-letter", letter.pk))
    assert Letter.objects.get().file is not None


def test_a_letter_is_taken_back_until_it_is_printed(browser, address, upload):
    sent = send_upload(upload(), postage="second", by=TESTER)
    assert address("cancel-letter", sent) in browser.get(address("message", sent)).content.decode()
    for _ in range(2):
        assert browser.post(address("cancel-letter", sent))["Location"] == address("message", sent)
    assert Notification.objects.get().status == "cancelled"
    page = browser.get(address("message", sent)).content.decode()
    assert "too late" in page
    assert address("cancel-letter", sent) not in page
    assert AuditEvent.objects.filter(action="letter_cancelled").count() == 1


def test_what_is_found_wrong_later_stands_on_the_page_of_the_letter(service, browser, address, upload):
    change_settings(service, permissions=["letter", "international_letters"], by=TESTER)
    letter = upload(make_pdf(address=("Mr Jones", "Street 1", "Germany")))
    sent = send_upload(letter, postage="", by=TESTER)
    change_settings(service, permissions=["letter"], by=TESTER)
    work_on_letter(sent)
    assert "postcode of the United Kingdom" in browser.get(address("message", sent)).content.decode()


def test_the_pdf_of_a_letter_is_saved_and_never_opened_here(browser, address, upload):
    sent = send_upload(upload(), postage="second", by=TESTER)
    assert browser.get(address("letter-pdf", sent)).status_code == 404
    assert address("letter-pdf", sent) not in browser.get(address("message", sent)).content.decode()
    work_on_letter(sent)
    assert address("letter-pdf", sent) in browser.get(address("message", sent)).content.decode()
    answer = browser.get(address("letter-pdf", sent))
    assert answer.content == make_pdf()
    assert answer["Content-Disposition"].startswith("attachment")
    assert AuditEvent.objects.filter(action="letter_pdf_downloaded").count() == 1


def test_other_messages_are_no_letters(browser, address, send_email, service):
    change_settings(service, permissions=["email"], by=TESTER)
    email = send_email().id
    assert browser.get(address("letter-pdf", email)).status_code == 404
    assert browser.post(address("cancel-letter", email)).status_code == 404
    assert browser.get(address("message", email)).status_code == 200


GETS = (("letter",), ("letter-page", 1))
POSTS = ("send-letter", "remove-letter")


def test_other_services_letters_are_not_there(browser, address, other_service, upload):
    change_settings(other_service, permissions=["letter"], by=TESTER)
    theirs = upload(of=other_service)
    for name, *more in GETS:
        assert browser.get(address(name, theirs.pk, *more)).status_code == 404
    for name in POSTS:
        assert browser.post(address(name, theirs.pk), {"postage": "second"}).status_code == 404
    assert "letter.pdf" not in browser.get(address("letters")).content.decode()
    Service.objects.filter(pk=other_service.pk).update(is_live=True)
    sent = send_upload(find_upload(other_service.pk, theirs.pk), postage="second", by=TESTER)
    assert browser.get(address("letter-pdf", sent)).status_code == 404
    assert browser.post(address("cancel-letter", sent)).status_code == 404
    assert Notification.objects.get().status == "pending-virus-check"


def test_viewers_see_and_send_nothing(service, address, upload):
    viewer = browser_of(colleague(service, "viewer"))
    letter = upload()
    for name, *more in GETS:
        assert viewer.get(address(name, letter.pk, *more)).status_code == 403
    for name in POSTS:
        assert viewer.post(address(name, letter.pk)).status_code == 403
    assert viewer.get(address("letters")).status_code == 403
    assert viewer.post(address("new-letter")).status_code == 403
    assert address("letters") not in viewer.get(address("templates")).content.decode()


@pytest.mark.parametrize("number", [0, 2, 11, 10**12])
def test_pages_that_are_not_there(browser, address, upload, number):
    assert browser.get(address("letter-page", upload().pk, number)).status_code == 404


def test_a_week_later_it_is_gone_and_before_that_the_sweep_leaves_it(browser, address, upload):
    old, new = upload(), upload()
    VaultFile.objects.update(created_at=now() - timedelta(days=6))
    assert sweep_vault(10) == 0
    LetterUpload.objects.filter(pk=old.pk).update(created_at=now() - timedelta(days=7, seconds=1))
    assert browser.get(address("letter", old.pk)).status_code == 404
    assert browser.post(address("send-letter", old.pk), {"postage": "second"}).status_code == 404
    assert purge_uploads(10) == 1
    assert list(LetterUpload.objects.all()) == [new]
    assert list(VaultFile.objects.all()) == [new.file]


def test_the_file_of_what_was_sent_outlives_the_upload(upload):
    letter = upload()
    send_upload(letter, postage="second", by=TESTER)
    LetterUpload.objects.update(created_at=now() - timedelta(days=8))
    assert purge_uploads(10) == 1
    assert Letter.objects.get().file is not None


def test_name_and_address_are_encrypted(upload):
    upload()
    with connection.cursor() as cursor:
        cursor.execute("SELECT filename, address FROM gaap_notify_letterupload")
        (kept,) = cursor.fetchall()
    assert "letter.pdf" not in kept[0]
    assert "Jones" not in kept[1]


def test_every_fault_has_words():
    of_pages = {getattr(checking, name) for name in ("UNREADABLE", "TOO_LONG", "NOT_A4", "OUTSIDE", "LOOSE_FONTS")}
    modules = (base, united_kingdom, viet_nam)
    of_addresses = {fault.code for module in modules for fault in vars(module).values() if is_fault(fault)}
    assert {*of_pages, checking.ACTIVE, checking.NO_ADDRESS, *of_addresses} <= set(FAULTS)
    assert len(of_addresses) >= 11


def is_fault(value):
    return isinstance(value, base.AddressFault)
