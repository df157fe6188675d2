"""Letters: what is accepted, how they are checked, set and printed, and what becomes of them."""

import base64
import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pypdf
import pytest

from gaap.actors import SYSTEM
from gaap.clock import now
from gaap.outbox.models import OutboxEvent
from gaap.testing.plugin import TESTER
from gaap_notify.models import Letter, Notification, PrintRun, SandboxMessage, VaultFile
from gaap_notify.services import vault
from gaap_notify.services.letters import calendar, printing
from gaap_notify.services.letters.changing import cancel_letter, return_letter
from gaap_notify.services.letters.working import work_on_letter
from gaap_notify.services.retention import forget
from gaap_notify.services.setup import change_settings, set_contact_block
from gaap_notify.services.templates import TemplateParts, create_template
from gaap_notify.testing.due import make_due
from tests.notify.tokens import NotifyClient

ADDRESS = {"address_line_1": "Bà Nguyễn Thị Ngọc", "address_line_2": "12 Long Street", "postcode": "sw1a1aa"}


@pytest.fixture(autouse=True)
def letters(service, settings, tmp_path):
    change_settings(service, permissions=["letter", "sms", "email"], by=TESTER)
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        },
    }


@pytest.fixture
def letter_template(service):
    block = set_contact_block(service, "Driver Licensing\n12 High Street\nRef: ((ref))", is_default=True, by=TESTER)
    return create_template(
        service,
        type="letter",
        name="Licence",
        subject="Your licence, ((name))",
        body="Dear ((name))\n\nPlease bring:\n((things))\n\nqr: https://transport.example/((ref))",
        parts=TemplateParts(postage="first", contact_block_id=block.pk),
        by=TESTER,
    )


@pytest.fixture
def letter_body(letter_template):
    given = {**ADDRESS, "name": "Ngọc", "things": ["a passport", "a photograph"], "ref": "12/3"}
    return {"template_id": str(letter_template.pk), "personalisation": given}


@pytest.fixture
def live(live_key):
    return NotifyClient(live_key.api_key)


@pytest.fixture
def send_letter(live, letter_body):
    """Accept a letter with a live key and set it, so that it waits for its cut-off."""

    def send(**changes):
        answer = live.send("letter", {**letter_body, **changes})
        assert answer.status_code == 201, answer.content
        work_on_letter(answer.json()["id"])
        return Letter.objects.select_related("notification").get(pk=answer.json()["id"])

    return send


def pdf_of(letter):
    return pypdf.PdfReader(io.BytesIO(vault.read_file(letter.file)))


def test_answer(notify, service, letter_template, letter_body):
    answer = notify.send("letter", {**letter_body, "reference": "case 12"}).json()
    assert answer == {
        "id": answer["id"],
        "reference": "case 12",
        "content": {
            "subject": "Your licence, Ngọc",
            "body": "Dear Ngọc\n\nPlease bring:\n\n\n* a passport\n* a photograph\n\nqr: https://transport.example/12/3",
        },
        "uri": f"http://127.0.0.1:8000/v2/notifications/{answer['id']}",
        "template": {
            "id": str(letter_template.pk),
            "version": 1,
            "uri": f"http://127.0.0.1:8000/services/{service.pk}/templates/{letter_template.pk}",
        },
        "scheduled_for": None,
    }


def test_a_test_letter_is_delivered_by_the_sandbox(notify, letter_body, eager, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        letter_id = notify.send("letter", letter_body).json()["id"]
    found = notify.get(f"/v2/notifications/{letter_id}").json()
    assert found["status"] == "received"
    assert found["type"] == "letter"
    assert (found["line_1"], found["line_2"], found["line_3"]) == ("Bà Nguyễn Thị Ngọc", "12 Long Street", None)
    assert found["postcode"] == "SW1A 1AA"
    assert (found["email_address"], found["phone_number"]) == (None, None)
    assert found["postage"] == "first"
    assert found["subject"] == "Your licence, Ngọc"
    assert found["estimated_delivery"] > found["created_at"]
    assert found["completed_at"] is not None
    assert found["cost_in_pounds"] == 0.0
    answer = notify.get(f"/v2/notifications/{letter_id}/pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert SandboxMessage.objects.get().channel == "letter"


def test_pdf_is_accessible(send_letter):
    letter = send_letter()
    pdf = pdf_of(letter)
    root = pdf.root_object
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata.title == "Your licence, Ngọc"
    assert "pdfuaid:part>1<" in root["/Metadata"].get_data().decode()
    text = pdf.pages[0].extract_text()
    for words in ("Bà Nguyễn Thị Ngọc", "SW1A 1AA", "Driver Licensing", "Ref: 12/3", "a passport"):
        assert words in text
    assert letter.pages == 1
    assert letter.sheets == 1


def test_what_people_wrote_is_no_source(send_letter, letter_body):
    evil = '#set page(fill: red) $x$ *bold* #read("/etc/passwd") "quoted" <label> @ref // /* \\'
    letter = send_letter(personalisation={**letter_body["personalisation"], "name": evil})
    assert "#read(" in pdf_of(letter).pages[0].extract_text()


def test_two_languages(service, send_letter):
    template = create_template(
        service,
        type="letter",
        name="Bilingual",
        subject="Your licence",
        body="Dear ((name))",
        parts=TemplateParts(welsh_subject="Eich trwydded", welsh_body="Annwyl ((name))"),
        by=TESTER,
    )
    letter = send_letter(template_id=str(template.pk))
    pdf = pdf_of(letter)
    assert letter.pages == 2
    assert pdf.root_object["/Lang"] == "cy"
    assert "Annwyl Ngọc" in pdf.pages[0].extract_text()
    assert "Dear Ngọc" in pdf.pages[1].extract_text()


def test_too_many_pages(service, send_letter):
    template = create_template(
        service, type="letter", name="Long", subject="Long", body="Text\n\n***\n\n" * 10 + "End", by=TESTER
    )
    letter = send_letter(template_id=str(template.pk))
    assert letter.notification.status == "validation-failed"
    assert (letter.fault, letter.fault_pages, letter.pages) == ("letter-too-long", [11], 11)
    template = create_template(
        service, type="letter", name="Longest", subject="Long", body="Text\n\n***\n\n" * 9 + "End", by=TESTER
    )
    letter = send_letter(template_id=str(template.pk))
    assert (letter.fault, letter.pages, letter.sheets) == ("", 10, 5)


def test_abroad(service, send_letter, letter_body, live):
    given = {**letter_body["personalisation"], "postcode": "Yr Almaen"}
    refused = live.send("letter", {**letter_body, "personalisation": given}).json()
    assert refused["errors"] == [{"error": "ValidationError", "message": "Must be a real UK postcode"}]
    change_settings(service, permissions=["letter", "international_letters"], by=TESTER)
    assert send_letter(personalisation=given).postage == "europe"
    assert send_letter(personalisation={**given, "postcode": "Việt Nam"}).postage == "rest-of-world"


def test_an_address_in_vietnam(service, live, letter_body):
    change_settings(service, default_region="VN", by=TESTER)
    lines = {"address_line_3": "Phường Bến Nghé", "address_line_4": "TP. Hồ Chí Minh 700000"}
    given = {**letter_body["personalisation"], "postcode": "", **lines}
    assert live.send("letter", {**letter_body, "personalisation": given}).status_code == 201


def test_letter_waits_for_its_cut_off_and_goes_with_the_others(service, send_letter, settings, tmp_path):
    printer = tmp_path / "printer"
    printer.mkdir()
    settings.GAAP_NOTIFY = {
        "PROVIDERS": {"letter": {"room": {"BACKEND": "folder", "OPTIONS": {"path": str(printer)}}}},
        "DEFAULT": {"letter": "room"},
        "LETTER_RATES": {"first": [1.5, 1.6]},
    }
    first, second = send_letter(), send_letter()
    assert first.due_at > now()
    assert printing.gather_runs() == 0
    make_due(first)
    make_due(second)
    assert printing.gather_runs() == 2
    assert printing.gather_runs() == 0
    run = PrintRun.objects.get()
    printing.work_on_run(run.pk)
    job = printer / str(run.pk)
    manifest = (job / "manifest.csv").read_text().splitlines()
    assert manifest[0] == "letter,file,postage,pages,sheets,sha256"
    assert sorted(line.split(",")[0] for line in manifest[1:]) == sorted([str(first.pk), str(second.pk)])
    assert (job / f"{first.pk}.pdf").read_bytes().startswith(b"%PDF")
    first.notification.refresh_from_db()
    assert (first.notification.status, first.notification.provider) == ("sending", "room")

    folder = printer / "acknowledgements"
    folder.mkdir()
    (folder / "1.csv").write_text(f"letter,status,detail\n{first.pk},POSTED,\n{second.pk},SPOILT,torn\n")
    (folder / "2.csv").write_text(f"letter,status\n{first.pk},POSTED\n{first.pk},RETURNED\n")
    assert printing.collect_reports() == 3
    assert printing.collect_reports() == 0
    assert sorted(path.name for path in (folder / "done").iterdir()) == ["1.csv", "2.csv"]
    statuses = dict(Notification.objects.values_list("pk", "status"))
    assert statuses == {first.pk: "returned-letter", second.pk: "technical-failure"}
    assert OutboxEvent.objects.filter(name="notification_returned").count() == 1


def test_a_run_that_broke_off_is_handed_over_again(send_letter, settings, tmp_path):
    settings.GAAP_NOTIFY = {
        "PROVIDERS": {"letter": {"room": {"BACKEND": "folder", "OPTIONS": {"path": str(tmp_path / "gone")}}}},
        "DEFAULT": {"letter": "room"},
    }
    letter = send_letter()
    make_due(letter)
    printing.gather_runs()
    run = PrintRun.objects.get()
    printing.work_on_run(run.pk)
    run.refresh_from_db()
    assert "not there" in run.failure
    (tmp_path / "gone").mkdir()
    for _ in range(2):
        make_due(run)
        printing.work_on_run(run.pk)
    run.refresh_from_db()
    assert (run.failure, run.due_at) == ("", None)
    assert Notification.objects.get().status == "sending"


def test_taking_a_letter_back(send_letter, settings, tmp_path):
    settings.GAAP_NOTIFY = {
        "PROVIDERS": {"letter": {"room": {"BACKEND": "folder", "OPTIONS": {"path": str(tmp_path)}}}},
        "DEFAULT": {"letter": "room"},
    }
    letter, late = send_letter(), send_letter()
    assert cancel_letter(letter.notification, by=TESTER)
    assert not cancel_letter(letter.notification, by=TESTER)
    assert letter.notification.status == "cancelled"
    make_due(late)
    printing.gather_runs()
    assert not cancel_letter(late.notification, by=TESTER)
    assert late.notification.status == "created"


def test_a_letter_comes_back(notify, letter_body, eager, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        letter_id = notify.send("letter", letter_body).json()["id"]
    notification = Notification.objects.select_related("template_version").get(pk=letter_id)
    assert return_letter(notification, by=SYSTEM, reason="Gone away")
    assert not return_letter(notification, by=SYSTEM)
    assert notify.get(f"/v2/notifications/{letter_id}").json()["status"] == "received"


def test_cost(live, send_letter, settings):
    settings.GAAP_NOTIFY = {"LETTER_RATES": {"first": [1.5, 1.6]}}
    waiting = live.get(f"/v2/notifications/{send_letter().pk}").json()
    assert waiting["is_cost_data_ready"]
    assert waiting["cost_details"] == {"billable_sheets_of_paper": 1, "postage": "first"}
    assert waiting["cost_in_pounds"] == 1.5


def test_forgotten_letters_leave_nothing(send_letter, tmp_path, django_capture_on_commit_callbacks):
    letter = send_letter()
    kept = letter.file
    with django_capture_on_commit_callbacks(execute=True):
        forget(Notification.objects.all())
    assert not VaultFile.objects.exists()
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    with pytest.raises(vault.FileLostError):
        vault.read_file(kept)


def test_files_at_rest_tell_nothing(send_letter, tmp_path):
    send_letter()
    (stored,) = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert b"%PDF" not in stored.read_bytes()
    sealed = stored.read_bytes()
    stored.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(vault.FileLostError):
        vault.read_file(VaultFile.objects.get())


def test_list_is_three_queries_with_letters(live, send_letter, django_assert_max_num_queries):
    for _ in range(3):
        send_letter()
    live.get("/v2/notifications")
    with django_assert_max_num_queries(3):
        assert len(live.get("/v2/notifications?template_type=letter").json()["notifications"]) == 3


def test_template_of_letters(notify, letter_template):
    found = notify.get(f"/v2/template/{letter_template.pk}").json()
    assert found["postage"] == "first"
    assert found["letter_contact_block"] == "Driver Licensing\n12 High Street\nRef: ((ref))"
    assert list(found["personalisation"]) == ["name", "things", "ref"]
    preview = notify.post(
        f"/v2/template/{letter_template.pk}/preview",
        {"personalisation": {"name": "A", "things": "b", "ref": "1"}},
        content_type="application/json",
    ).json()
    assert (preview["subject"], preview["postage"], preview["html"]) == ("Your licence, A", "first", None)


def test_hidden_template_is_nowhere(notify, live):
    pdf = base64.b64encode(b"%PDF-1.4 nothing").decode()
    live.send("letter", {"reference": "x", "content": pdf})
    template_id = Notification.objects.get().template_version.template_id
    assert notify.get("/v2/templates").json() == {"templates": []}
    assert notify.get(f"/v2/template/{template_id}").status_code == 404
    assert notify.get(f"/v2/template/{template_id}/version/1").status_code == 404


@pytest.mark.parametrize(
    ("accepted", "cut_off", "first", "second"),
    [
        # Friday afternoon; Friday evening; Sunday; then Easter, with Good Friday on 26 March and summer time after it.
        ("2026-11-20T15:00", "2026-11-20T17:30", "2026-11-24", "2026-11-30"),
        ("2026-11-20T18:00", "2026-11-23T17:30", "2026-11-25", "2026-12-01"),
        ("2026-11-22T09:00", "2026-11-23T17:30", "2026-11-25", "2026-12-01"),
        ("2027-03-25T18:00", "2027-03-30T17:30", "2027-04-01", "2027-04-07"),
    ],
)
def test_calendar(settings, accepted, cut_off, first, second):
    settings.GAAP_NOTIFY = {"LETTER_CALENDAR": {"country": "GB", "subdivision": "ENG"}}
    settings.TIME_ZONE = "Europe/London"
    london = ZoneInfo("Europe/London")
    at = datetime.fromisoformat(accepted).replace(tzinfo=london)
    assert calendar.cut_off(at) == datetime.fromisoformat(cut_off).replace(tzinfo=london)
    assert calendar.latest_arrival(at, "first").date().isoformat() == first
    assert calendar.latest_arrival(at, "second").date().isoformat() == second
