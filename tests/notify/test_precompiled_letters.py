"""Letters that come as a PDF: what is let through, what is not and why, and the scanner in front."""

import base64
import io

import pytest
from PIL import Image

from gaap.testing.plugin import TESTER
from gaap_notify.models import Letter, Notification
from gaap_notify.rendering.letters import checking
from gaap_notify.rendering.letters.apart import check_pdf_apart
from gaap_notify.rendering.letters.checking import ADDRESS_WINDOW, check_pdf
from gaap_notify.rendering.letters.pictures import preview_png
from gaap_notify.services.letters import judging
from gaap_notify.services.letters.working import work_on_letter
from gaap_notify.services.setup import change_settings
from gaap_notify.testing.due import make_due
from tests.notify.clamd_peer import clamd_peer
from tests.notify.pdfs import (
    RIGHT,
    bare_page,
    broken_pdfs,
    encrypted,
    make_pdf,
    with_endless_drawing,
    with_pages,
    with_script,
    without_fonts,
)
from tests.notify.tokens import NotifyClient


@pytest.fixture(autouse=True)
def letters(service):
    change_settings(service, permissions=["letter"], by=TESTER)


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch):
    """Check letters here: a process for each takes as long as all the rest."""
    monkeypatch.setattr(judging, "check_pdf_apart", check_pdf)


@pytest.fixture
def send_pdf(live_key):
    live = NotifyClient(live_key.api_key)

    def send(data, **more):
        body = {"reference": "case 12", "content": base64.b64encode(data).decode(), **more}
        answer = live.send("letter", body)
        assert answer.status_code == 201, answer.content
        return answer.json()

    return send


def checked(letter_id):
    work_on_letter(letter_id)
    return Letter.objects.select_related("notification").get(pk=letter_id)


def test_answer(send_pdf):
    answer = send_pdf(make_pdf())
    assert answer == {"id": answer["id"], "reference": "case 12", "postage": "second"}
    assert send_pdf(make_pdf(), postage="first")["postage"] == "first"


def test_a_good_one(send_pdf, notify):
    letter_id = send_pdf(make_pdf(pages=3))["id"]
    waiting = notify.get(f"/v2/notifications/{letter_id}").json()
    assert waiting["status"] == "pending-virus-check"
    assert notify.get(f"/v2/notifications/{letter_id}/pdf").json()["errors"] == [
        {"error": "PDFNotReadyError", "message": "PDF not available yet, try again later"}
    ]
    letter = checked(letter_id)
    assert (letter.fault, letter.pages, letter.sheets) == ("", 3, 2)
    found = notify.get(f"/v2/notifications/{letter_id}").json()
    assert (found["status"], found["line_1"], found["postcode"]) == ("accepted", "Mr John Jones", "SW1A 1AA")
    assert found["subject"] == "Pre-compiled PDF"
    assert notify.get(f"/v2/notifications/{letter_id}/pdf").content == make_pdf(pages=3)


@pytest.mark.parametrize(
    ("pdf", "fault", "pages"),
    [
        (lambda: b"not a PDF", checking.UNREADABLE, []),
        (lambda: b"", checking.UNREADABLE, []),
        (lambda: make_pdf()[:3000], checking.UNREADABLE, []),
        (lambda: encrypted(make_pdf()), checking.UNREADABLE, []),
        (lambda: make_pdf(pages=11), checking.TOO_LONG, [11]),
        (lambda: make_pdf(pages=13), checking.TOO_LONG, [11, 12, 13]),
        (lambda: make_pdf(size="width: 297mm, height: 210mm"), checking.NOT_A4, [1]),
        (lambda: make_pdf(size="width: 8.5in, height: 11in", pages=2), checking.NOT_A4, [1, 2]),
        (lambda: make_pdf(more="#place(top + left, dx: -15mm, [x])"), checking.OUTSIDE, [1]),
        (lambda: make_pdf(more="#place(top + right, dx: 12mm, [x])"), checking.OUTSIDE, [1]),
        (lambda: make_pdf(more="#place(top + left, dx: 80mm, dy: -18mm, [x])"), checking.OUTSIDE, [1]),
        (lambda: without_fonts(make_pdf()), checking.LOOSE_FONTS, [1]),
        (lambda: with_script(make_pdf()), checking.ACTIVE, [1]),
        (lambda: make_pdf(address=()), checking.NO_ADDRESS, [1]),
        (lambda: make_pdf(address=("Mr Jones", "SW1A 1AA")), "not-enough-address-lines", [1]),
        (lambda: make_pdf(address=(*"abcdefg", "SW1A 1AA")), "too-many-address-lines", [1]),
        (lambda: make_pdf(address=("Mr Jones", "Street", "ZZ1 1ZZ")), "not-a-real-uk-postcode", [1]),
        (lambda: make_pdf(address=("Mr Jones", "Street", "France")), "not-a-real-uk-postcode", [1]),
        (lambda: make_pdf(address=("Mr Jones", "(Street", "SW1A 1AA")), "invalid-char-in-address", [1]),
    ],
)
def test_a_bad_one(send_pdf, notify, pdf, fault, pages):
    letter = checked(send_pdf(pdf())["id"])
    assert (letter.fault, letter.fault_pages) == (fault, pages)
    assert letter.notification.status == "validation-failed"
    assert letter.notification.completed_at is not None
    assert letter.due_at is None


@pytest.mark.parametrize("country", ["Ffrainc", "Germany"])
def test_abroad(service, send_pdf, country):
    change_settings(service, permissions=["letter", "international_letters"], by=TESTER)
    letter = checked(send_pdf(make_pdf(address=("Mr Jones", "Street 1", country)), postage="first")["id"])
    assert (letter.fault, letter.postage) == ("", "europe")


def test_margins_are_exact_enough():
    assert check_pdf(make_pdf(more="#place(top + left, dx: -4mm, [x])")).fault == ""
    assert check_pdf(make_pdf()).address == RIGHT


def test_preview_shows_what_is_wrong():
    data = make_pdf(more="#place(top + left, dx: -15mm, [x])")
    plain = Image.open(io.BytesIO(preview_png(data, page=1)))
    marked = Image.open(io.BytesIO(preview_png(data, page=1, window=ADDRESS_WINDOW, shows_margins=True)))
    assert plain.size == marked.size == (840, 1188)
    assert plain.getpixel((20, 600)) == (255, 255, 255)
    assert marked.tobytes() != plain.tobytes()
    assert marked.getpixel((20, 600)) != (255, 255, 255)
    with pytest.raises(LookupError):
        preview_png(data, page=2)


@pytest.mark.parametrize("size", ["width: 5000mm, height: 5000mm", "width: 5000mm, height: 1mm"])
def test_a_page_that_is_no_sheet_is_drawn_no_larger_than_one(size):
    drawn = Image.open(io.BytesIO(preview_png(bare_page(size), page=1)))
    assert max(drawn.size) <= 1189


@pytest.mark.parametrize("seed", range(8))
def test_whatever_bytes_come_something_is_said_of_them(seed):
    for data in broken_pdfs(seed, count=40):
        checked = check_pdf(data)
        assert checked.fault or checked.address


@pytest.mark.parametrize("make", [make_pdf, lambda: make_pdf(pages=12), lambda: b"x", lambda: encrypted(make_pdf())])
def test_what_is_found_in_a_process_of_its_own_is_what_is_found_here(make):
    assert check_pdf_apart(make()) == check_pdf(make())


def test_a_file_that_takes_too_long_is_given_up():
    data = with_endless_drawing(make_pdf())
    assert len(data) < 200_000
    assert check_pdf_apart(data, cpu_seconds=2).fault == checking.UNREADABLE


def test_pages_without_end_are_not_counted():
    checked = check_pdf(with_pages(make_pdf(), 3000))
    assert (checked.fault, checked.pages, len(checked.fault_pages)) == (checking.TOO_LONG, 1000, 990)


@pytest.fixture
def scanner(settings):
    with clamd_peer() as started:
        settings.GAAP_NOTIFY = {"VIRUS_SCANNER": started.options}
        yield started


def test_scanner_sees_the_whole_file(send_pdf, scanner):
    data = make_pdf() + b"%" + b"x" * 200_000
    letter = checked(send_pdf(data)["id"])
    assert scanner.seen == [data]
    assert letter.fault == ""


def test_virus(send_pdf, scanner, notify):
    letter = checked(send_pdf(b"%PDF EICAR")["id"])
    assert letter.notification.status == "virus-scan-failed"
    answer = notify.get(f"/v2/notifications/{letter.pk}/pdf").json()
    assert answer["errors"] == [{"error": "BadRequestError", "message": "File did not pass the virus scan"}]


def test_scanner_that_is_down_or_confused_lets_nothing_pass(send_pdf, scanner):
    letter_id = send_pdf(make_pdf())["id"]
    scanner.answer = b"INSTREAM size limit exceeded. ERROR"
    letter = checked(letter_id)
    assert letter.notification.status == "pending-virus-check"
    scanner.stop()
    make_due(letter)
    assert checked(letter_id).notification.status == "pending-virus-check"
    assert Notification.objects.count() == 1
