"""Files by email: taken in, linked, confirmed, fetched, expired, forgotten."""

import base64
import io
import re
import zipfile
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.clock import now
from gaap.limits.stores import store
from gaap.outbox.models import OutboxEvent
from gaap.privacy.people import Subject
from gaap.privacy.subjects import erase_subject, export_subject
from gaap.testing.plugin import TESTER
from gaap_notify.models import Letter, Notification, SharedFile, VaultFile
from gaap_notify.rendering.email_html import render_html
from gaap_notify.rendering.email_text import render_text
from gaap_notify.services import vault
from gaap_notify.services.files import fetching, sharing
from gaap_notify.services.files.links import file_url, key_digest, long_id, short_id
from gaap_notify.services.files.types import recognise
from gaap_notify.services.retention import LINKS_KEPT, forget_messages, purge_files
from gaap_notify.services.scanning import ScanError
from gaap_notify.services.setup import change_settings
from gaap_notify.services.templates import create_template
from gaap_notify.services.vault import put_file, vault_storage
from gaap_notify.services.vault_sweep import GRACE, sweep_vault
from tests.console.conftest import browser_of, colleague
from tests.notify.clamd_peer import VIRUS, clamd_peer

pytestmark = pytest.mark.django_db
CONTENT = b"name,amount\nAnn,10\n"
EMAIL = "ann@example.org"
CONTACT = "https://transport.example/help"


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    """A storage of the test's own."""
    inner = {"location": str(tmp_path / "files"), "base_url": None}
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = {**settings.STORAGES, "private": {"BACKEND": backend, "OPTIONS": inner}}


@pytest.fixture
def ready(service):
    """A service that may send files."""
    change_settings(service, contact_details=CONTACT, by=TESTER)
    return service


@pytest.fixture
def template(service):
    return create_template(service, type="email", name="File", subject="Yours", body="Get it: ((doc))", by=TESTER)


@pytest.fixture
def ask(notify, template):
    """Return a function that asks for an email with a file."""

    def send(content=CONTENT, *, to=EMAIL, more=None, **details):
        value = {"file": base64.b64encode(content).decode(), **details}
        body = {
            "email_address": to,
            "template_id": str(template.pk),
            "personalisation": {"doc": value, **(more or {})},
        }
        return notify.send("email", body)

    return send


@pytest.fixture
def link(ready, ask):
    """Return a function that sends a file and returns the path of its link."""

    def send(*args, **details):
        answer = ask(*args, **details)
        assert answer.status_code == 201, answer.content
        return path_in(answer.json()["content"]["body"])

    return send


@pytest.fixture
def citizen():
    return Client()


def path_in(body):
    """Return path and query of the link in a message."""
    found = re.search(r"https?://\S+", body)
    assert found is not None
    parts = urlsplit(found[0])
    return f"{parts.path}?{parts.query}"


def download_of(path):
    page, _, query = path.partition("?")
    return f"{page}/download?{query}"


def assert_nothing_is_kept():
    for model in (Notification, SharedFile, VaultFile):
        assert not model._default_manager.exists()


def stored():
    return SharedFile.objects.get()


def test_link_leads_to_the_file(link, citizen):
    path = link(confirm_email_before_download=False, filename="Your permit.csv", retention_period="2 Weeks")
    page = citizen.get(path)
    assert page.status_code == 200
    text = page.content.decode()
    assert "Your permit.csv" in text
    assert str(stored().service) in text
    assert CONTACT in text
    assert download_of(path).replace("&", "&amp;") in text
    answer = citizen.get(download_of(path))
    assert answer.content == CONTENT
    assert answer["Content-Type"] == "text/csv"
    assert answer["Content-Disposition"] == 'attachment; filename="Your permit.csv"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    for response in (page, answer):
        assert response["Cache-Control"] == "no-store"
        assert response["Referrer-Policy"] == "same-origin"
    assert stored().expires_at - stored().created_at == timedelta(weeks=2)


def test_content_and_key_are_nowhere_in_the_clear(link):
    path = link()
    key = parse_qs(urlsplit(path).query)["key"][0]
    file = stored()
    with vault_storage().open(vault._path(file.file_id)) as kept:
        sealed = kept.read()
    assert CONTENT not in sealed
    assert file.key_digest == key_digest(key) != key
    assert len(base64.urlsafe_b64decode(f"{key}==")) == 32


def test_defaults_of_the_contract(link):
    link(filename=None, confirm_email_before_download=None, retention_period=None)
    file = stored()
    assert (file.needs_email, file.extension, file.size) == (True, "txt", len(CONTENT))
    assert file.expires_at - file.created_at == timedelta(weeks=26)
    assert file.notification_id == Notification.objects.get().pk


def test_address_is_asked_for_first(link, citizen):
    path = link()
    assert 'name="email"' in citizen.get(path).content.decode()
    assert citizen.get(download_of(path)).headers["Location"] == path
    wrong = citizen.post(path, {"email": "bob@example.org"})
    assert wrong.status_code == 200
    assert 'href="#id_email"' in wrong.content.decode()
    assert 'href="#id_email"' in citizen.post(path, {"email": ""}).content.decode()
    assert citizen.get(download_of(path)).status_code == 302
    right = citizen.post(path, {"email": " ANN@example.org "})
    assert (right.status_code, right.headers["Location"]) == (303, path)
    cookie = right.cookies["gaap_file"]
    assert cookie["httponly"]
    assert cookie["path"] == path.partition("?")[0]
    assert citizen.get(download_of(path)).content == CONTENT


def test_confirmation_holds_for_one_file_and_one_browser(link, citizen):
    first, second = link(), link(b"another")
    citizen.post(first, {"email": EMAIL})
    assert citizen.get(download_of(second)).status_code == 302
    other = Client()
    other.cookies["gaap_file"] = citizen.cookies["gaap_file"].value
    assert other.get(download_of(second)).status_code == 302
    assert Client().get(download_of(first)).status_code == 302


def test_addresses_can_be_tried_fifty_times(link, citizen):
    path = link()
    for _ in range(fetching.TRIES.capacity):
        store().take(f"{fetching.TRIES.name}:{stored().pk}", fetching.TRIES)
    refused = citizen.post(path, {"email": EMAIL})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert citizen.get(download_of(path)).status_code == 302


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path[:-1] + ("A" if path[-1] != "A" else "B"),
        lambda path: path.partition("?")[0],
        lambda path: path.replace("/d/", "/d/x"),
        lambda path: path.replace("?key=", "x?key="),
        lambda path: re.sub(r"/d/[^/]+", f"/d/{short_id(VaultFile().pk)}", path),
        lambda path: re.sub(r"/d/[^/]+", "/d/%C3%A9%00", path),
    ],
    ids=["key", "no key", "service", "file", "other service", "nonsense"],
)
def test_only_the_whole_link_finds_anything(link, citizen, change):
    path = link(confirm_email_before_download=False)
    for wrong in (change(path), download_of(change(path))):
        answer = citizen.get(wrong)
        assert answer.status_code == 404
        assert str(stored().service) not in answer.content.decode()


def test_expired_file(link, citizen):
    path = link(confirm_email_before_download=False)
    SharedFile.objects.update(expires_at=now() - timedelta(seconds=1))
    for page in (path, download_of(path)):
        assert citizen.get(page).status_code == 410
    assert purge_files(10) == 1
    assert not VaultFile.objects.exists()
    file = stored()
    assert (file.filename, file.recipient_digest) == ("", "")
    assert citizen.get(path).status_code == 410
    assert purge_files(10) == 0
    SharedFile.objects.update(expires_at=now() - LINKS_KEPT - timedelta(seconds=1))
    assert purge_files(10) == 1
    assert citizen.get(path).status_code == 404


def test_storage_takes_the_file_away_with_its_row(link, django_capture_on_commit_callbacks):
    link()
    place = vault._path(stored().file_id)
    SharedFile.objects.update(expires_at=now() - timedelta(seconds=1))
    with django_capture_on_commit_callbacks(execute=True):
        purge_files(10)
    assert not vault_storage().exists(place)


def test_lost_file_says_to_come_again(link, citizen):
    path = link(confirm_email_before_download=False)
    vault_storage().delete(vault._path(stored().file_id))
    assert citizen.get(download_of(path)).status_code == 503
    assert stored().fetched_at is None


def test_file_outlives_its_message(link, citizen):
    path = link(confirm_email_before_download=False)
    Notification.objects.update(status="delivered", created_at=now() - timedelta(days=91))
    assert forget_messages(10) == 1
    assert citizen.get(download_of(path)).content == CONTENT


def test_first_fetch_is_told_once(link, citizen):
    path = link(confirm_email_before_download=False)
    citizen.head(download_of(path))
    assert stored().fetched_at is None
    for _ in range(2):
        citizen.get(download_of(path))
    event = OutboxEvent.objects.get(name="file_downloaded")
    assert event.subject == f"notification/{stored().notification_id}"
    assert event.data == {"id": str(stored().pk)}
    assert AuditEvent.objects.filter(action="file_downloaded").count() == 1


def test_link_of_a_simulated_recipient_leads_nowhere(link, citizen):
    path = link(to="simulate-delivered@notifications.service.gov.uk")
    assert path.partition("?")[0].endswith("/test-document")
    assert_nothing_is_kept()
    assert citizen.get(path).status_code == 404


def test_own_link_is_not_sanitised(ready, notify, template):
    body = {
        "email_address": EMAIL,
        "template_id": str(template.pk),
        "personalisation": {"Doc": {"file": base64.b64encode(CONTENT).decode()}},
        "sanitise_content_for": ["doc"],
    }
    answer = notify.send("email", body).json()
    assert "/d/" in answer["content"]["body"]
    assert answer["sanitised_content"] == {}


def test_dictionary_without_a_file_is_text(ready, notify, template):
    body = {"email_address": EMAIL, "template_id": str(template.pk), "personalisation": {"doc": {"potato": 1}}}
    assert "potato" in notify.send("email", body).json()["content"]["body"]
    assert not SharedFile.objects.exists()


def test_files_of_a_refused_message_are_swept(ready, ask, monkeypatch, django_capture_on_commit_callbacks):
    def fail(kept, notification):
        raise RuntimeError("the database went away")

    monkeypatch.setattr("gaap_notify.services.sending.share_files", fail)
    assert ask().status_code == 500
    left = VaultFile.objects.get()
    for model in (Notification, SharedFile):
        assert not model._default_manager.exists()
    assert sweep_vault(10) == 0, "somebody may be about to name it"
    VaultFile.objects.update(created_at=now() - GRACE - timedelta(seconds=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_vault(10) == 1
    assert not VaultFile.objects.exists()
    assert not vault_storage().exists(vault._path(left.pk))


def test_sweep_leaves_what_is_named(link, send_email):
    link()
    notification = send_email()
    kept = put_file(b"%PDF-")
    Letter.objects.create(notification_id=notification.id, postage="second", file=kept)
    VaultFile.objects.update(created_at=now() - timedelta(days=400))
    assert sweep_vault(10) == 0
    assert VaultFile.objects.count() == 2


def test_sweep_deletes_strays_of_the_storage(monkeypatch):
    kept, stray = put_file(b"kept"), put_file(b"stray")
    paths = [vault._path(one.pk) for one in (kept, stray)]
    VaultFile.objects.filter(pk=stray.pk).delete()
    folder = int(stray.pk.hex[:2], 16)
    moment = now() + timedelta(days=2)
    moment = moment.replace(minute=0) + timedelta(hours=(folder - int(moment.timestamp()) // 3600) % 256)
    SharedFile.objects.all().delete()
    monkeypatch.setattr("gaap_notify.services.vault_sweep.now", lambda: moment)
    monkeypatch.setattr("gaap_notify.services.vault_sweep.GRACE", timedelta(days=1))
    VaultFile.objects.update(created_at=moment)
    assert sweep_vault(10) == 1
    assert [vault_storage().exists(path) for path in paths] == [True, False]


def test_virus_is_refused_and_nothing_kept(ready, ask, monkeypatch):
    monkeypatch.setattr(sharing, "is_clean", lambda data: False)
    answer = ask()
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"error": "BadRequestError", "message": "File did not pass the virus scan"}]
    assert_nothing_is_kept()


def test_scanner_that_is_away(ready, ask, monkeypatch):
    def fail(data):
        raise ScanError("gone")

    monkeypatch.setattr(sharing, "is_clean", fail)
    answer = ask()
    assert answer.status_code == answer.json()["status_code"] == 503
    assert_nothing_is_kept()


@pytest.fixture
def clamd(settings):
    """A scanner that is asked over its protocol, and does not let its callers wait long."""
    with clamd_peer(timeout=0.5) as started:
        settings.GAAP_NOTIFY = {"VIRUS_SCANNER": started.options}
        yield started


def assert_the_vault_is_empty(tmp_path):
    assert_nothing_is_kept()
    assert not OutboxEvent.objects.filter(name="notification_created").exists()
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def assert_scanner_is_away(answer):
    assert answer.status_code == 503
    error = {"error": "BadRequestError", "message": "The virus scanner does not answer, try again later"}
    assert answer.json() == {"status_code": 503, "errors": [error]}


@pytest.mark.parametrize("content", [CONTENT, CONTENT * 10_000], ids=["short", "in several chunks"])
def test_clean_file_passes_the_scanner_whole(link, citizen, clamd, content):
    path = link(content, confirm_email_before_download=False)
    assert clamd.seen == [content]
    assert citizen.get(download_of(path)).content == content


def test_infected_file_is_refused(ready, ask, clamd, tmp_path):
    answer = ask(CONTENT + VIRUS)
    assert answer.status_code == 400
    error = {"error": "BadRequestError", "message": "File did not pass the virus scan"}
    assert answer.json() == {"status_code": 400, "errors": [error]}
    assert clamd.seen == [CONTENT + VIRUS]
    assert_the_vault_is_empty(tmp_path)


def test_one_infected_file_refuses_the_whole_email(service, ready, notify, clamd, tmp_path):
    two = create_template(service, type="email", name="Two", subject="Yours", body="((one)) ((two))", by=TESTER)
    contents = {"one": CONTENT, "two": CONTENT + VIRUS}
    files = {name: {"file": base64.b64encode(content).decode()} for name, content in contents.items()}
    answer = notify.send("email", {"email_address": EMAIL, "template_id": str(two.pk), "personalisation": files})
    assert answer.status_code == 400
    assert clamd.seen == list(contents.values())
    assert_the_vault_is_empty(tmp_path)


def test_scanner_that_hangs_is_not_waited_for(ready, ask, clamd, tmp_path):
    clamd.hangs = True
    assert_scanner_is_away(ask())
    assert clamd.seen == [CONTENT]
    assert_the_vault_is_empty(tmp_path)


def test_scanner_that_is_down(ready, ask, clamd, tmp_path):
    clamd.stop()
    assert_scanner_is_away(ask())
    assert clamd.seen == []
    assert_the_vault_is_empty(tmp_path)


@pytest.mark.parametrize("verdict", [b"INSTREAM size limit exceeded. ERROR", b"", b"OKAY"])
def test_what_is_no_verdict_lets_nothing_pass(ready, ask, clamd, tmp_path, verdict):
    clamd.answer = verdict
    assert_scanner_is_away(ask())
    assert_the_vault_is_empty(tmp_path)


def test_email_can_be_sent_again_when_the_scanner_is_back(ready, ask, clamd):
    clamd.answer = b"Not now. ERROR"
    assert_scanner_is_away(ask())
    clamd.answer = None
    assert ask().status_code == 201
    assert stored().size == len(CONTENT)


def test_refused_shape_is_not_scanned(ready, ask, clamd):
    assert ask(filename="permit").status_code == 400
    assert clamd.seen == []


def test_person_sees_and_loses_their_files(link, citizen):
    path = link(confirm_email_before_download=False, filename="permit.csv")
    subject = Subject.known_by(email=EMAIL)
    Notification.objects.update(status="delivered", forgotten_at=now(), recipient_digest="")
    found = [record for record in export_subject(subject, by=TESTER, purpose="x") if record.noun == "shared_file"]
    assert [record.values["filename"] for record in found] == ["permit.csv"]
    erase_subject(subject, by=TESTER, purpose="x")
    assert not VaultFile.objects.exists()
    assert citizen.get(path).status_code == 410


@pytest.mark.parametrize("key", ["a" * 42 + "-", "a" * 42 + "_", "--" * 21 + "_", "_-" * 21 + "A", "-" * 43])
def test_link_survives_markdown_and_typography(service, key):
    url = file_url(service.pk, VaultFile().pk, key)
    assert f'href="{url}"' in render_html(f"Get it: {url}")
    assert url in render_text(f"Get it: {url}")


def test_short_ids():
    one = VaultFile().pk
    assert long_id(short_id(one)) == one
    assert [long_id(text) for text in ("", "x", "é" * 22, "A" * 21, "A" * 23, f"{short_id(one)}==")] == [None] * 6


def packed(*names, first=""):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        if first:
            archive.writestr("mimetype", first)
        for name in names:
            archive.writestr(name, "x")
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "is_csv", "expected"),
    [
        (b"%PDF-1.7", False, "pdf"),
        (b"\x89PNG\r\n\x1a\n....", False, "png"),
        (b"\xff\xd8\xff\xe0", False, "jpg"),
        (b"{\\rtf1 x}", False, "rtf"),
        (b'{"a": 1}', False, "json"),
        (b"{a: 1}", False, "txt"),
        (b"a,b", True, "csv"),
        (b"a,b", False, "txt"),
        ("ß,đ".encode(), True, "csv"),
        ("hello".encode("utf-16"), False, "txt"),
        (b"%PDF-1.7", True, "pdf"),
        (packed("word/document.xml"), False, "docx"),
        (packed("xl/workbook.xml"), False, "xlsx"),
        (packed("content.xml", first="application/vnd.oasis.opendocument.text"), False, "odt"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), False, "doc"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_types_are_recognised(data, is_csv, expected):
    assert recognise(data, is_csv=is_csv) == expected


def test_name_cannot_leave_its_header(link, citizen):
    path = link(confirm_email_before_download=False, filename='a/b\r\n"é\u202efdp.csv')
    answer = citizen.get(download_of(path))
    assert answer.status_code == 200
    assert stored().filename == "a_b___é_fdp.csv"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")


@pytest.mark.parametrize("language", ["cy", "vi"])
def test_pages_speak_the_languages(link, citizen, language):
    path = link()
    english, other = citizen.get(path).content.decode(), citizen.get(f"{path}&lang={language}").content.decode()
    assert "Confirm your email address" in english
    assert "Confirm your email address" not in other
    assert f'lang="{language}"' in other


def test_team_sees_a_file_and_takes_it_back(link, citizen, service, other_service):
    path = link(confirm_email_before_download=False, filename="permit.csv")
    citizen.get(download_of(path))
    browser = browser_of(colleague(service, "caseworker"))
    message = reverse("notify-console-message", args=[service.pk, stored().notification_id])
    text = browser.get(message).content.decode()
    assert "permit.csv" in text
    assert "File downloaded" in text
    take_back = reverse("notify-console-take-back-file", args=[service.pk, stored().pk])
    stranger = reverse("notify-console-take-back-file", args=[other_service.pk, stored().pk])
    assert browser_of(colleague(other_service, "developer")).post(stranger).status_code == 404
    assert citizen.get(path).status_code == 200
    for _ in range(2):
        assert browser.post(take_back)["Location"] == message
    assert AuditEvent.objects.filter(action="file_taken_back").count() == 1
    assert not VaultFile.objects.exists()
    assert citizen.get(path).status_code == citizen.get(download_of(path)).status_code == 410
    assert take_back not in browser.get(message).content.decode()
