"""Letters and files by email in an object store, over HTTP, against one that others wrote; and what it does to us."""

import base64
import re
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import override_settings

from gaap.clock import now
from gaap.testing.plugin import TESTER
from gaap_notify.checks import check_file_storage
from gaap_notify.models import Letter, Notification, PrintRun, SharedFile, VaultFile
from gaap_notify.object_storage import ObjectStorage
from gaap_notify.services import vault
from gaap_notify.services.letters import printing
from gaap_notify.services.letters.working import PAUSE, work_on_letter
from gaap_notify.services.retention import purge_files
from gaap_notify.services.setup import change_settings
from gaap_notify.services.templates import create_template
from gaap_notify.services.vault import FileLostError, StorageAwayError, put_file, read_file, vault_storage
from gaap_notify.services.vault_sweep import GRACE, sweep_vault
from gaap_notify.testing.due import make_due
from tests.loopback import QuietHandler, serve
from tests.notify.pdfs import make_pdf
from tests.notify.s3_peer import BACKEND, BUCKET, object_store
from tests.notify.tokens import NotifyClient
from tests.processes import free_port

pytestmark = pytest.mark.django_db
CONTENT = b"name,amount\nAnn,10\n"
AWAY = {"error": "BadRequestError", "message": "The file storage does not answer, try again later"}
SHORT = {"connect_timeout": 0.3, "read_timeout": 0.3, "tries": 1}


@pytest.fixture(scope="module")
def running_store():
    with object_store() as store:
        yield store


@pytest.fixture
def configure(settings):
    """Return a function that lets letters and files lie behind these options."""

    def set_options(options):
        settings.STORAGES = {**settings.STORAGES, "private": {"BACKEND": BACKEND, "OPTIONS": options}}

    return set_options


@pytest.fixture
def store(running_store, configure):
    """The store, empty and in use."""
    running_store.empty()
    configure(running_store.options())
    return running_store


class _Slow(QuietHandler):
    """Takes everything in and answers much later."""

    def _dawdle(self):
        self.read_body()
        time.sleep(1)

    do_GET = do_PUT = do_DELETE = do_HEAD = _dawdle


class _BreaksOff(QuietHandler):
    """Announces more than it sends."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"half")
        self.close_connection = True


class _WrongAddress(QuietHandler):
    """A web server that is no object store at all."""

    def do_GET(self):
        self.send(404, b"<html>nothing here</html>")

    do_PUT = do_DELETE = do_HEAD = do_GET


@pytest.fixture
def out_of_reach(store, configure):
    """Return a function that puts the store out of reach: nobody listens where it should be."""
    return lambda: configure(store.options(**SHORT, endpoint_url=f"http://127.0.0.1:{free_port()}"))


@pytest.fixture(params=["down", "slow", "refusing", "no bucket", "no store"])
def troubled(request, store, configure):
    """Return a function that puts the store out of reach in one of several ways."""
    faults = {
        "down": {"endpoint_url": f"http://127.0.0.1:{free_port()}"},
        "refusing": {"secret_key": "another one"},
        "no bucket": {"bucket_name": "gone"},
    }
    with serve(_Slow) as slow, serve(_WrongAddress) as wrong:
        faults |= {"slow": {"endpoint_url": slow}, "no store": {"endpoint_url": wrong}}
        yield lambda: configure(store.options(**SHORT, **faults[request.param]))


@pytest.fixture
def ready(service):
    change_settings(service, contact_details="help@transport.example", permissions=["email", "letter"], by=TESTER)
    return service


@pytest.fixture
def ask(notify, ready):
    """Return a function that asks for an email with a file."""
    template = create_template(ready, type="email", name="File", subject="Yours", body="Get it: ((doc))", by=TESTER)
    file = {"file": base64.b64encode(CONTENT).decode(), "confirm_email_before_download": False}
    body = {"email_address": "ann@example.org", "template_id": str(template.pk), "personalisation": {"doc": file}}
    return lambda: notify.send("email", body)


def download_of(answer):
    found = re.search(r"https?://[^/\s]+(/d/\S+)", answer.json()["content"]["body"])
    assert found
    return found[1].replace("?", "/download?")


def test_it_is_a_storage(store):
    files = vault_storage()
    assert isinstance(files, ObjectStorage)
    assert files.save("notify/ab/cd/one", ContentFile(b"words")) == "notify/ab/cd/one"
    assert files.open("notify/ab/cd/one").read() == b"words"
    assert files.exists("notify/ab/cd/one")
    assert files.listdir("notify/ab") == (["cd"], [])
    assert files.listdir("notify/ab/cd") == ([], ["one"])
    assert files.listdir("nowhere") == ([], [])
    assert abs(files.get_modified_time("notify/ab/cd/one") - now()) < timedelta(minutes=1)
    for _ in range(2):
        files.delete("notify/ab/cd/one")
    assert not files.exists("notify/ab/cd/one")
    with pytest.raises(FileNotFoundError):
        files.open("notify/ab/cd/one")
    with pytest.raises(ValueError):
        files.open("notify/ab/cd/one", "w")


def test_a_location_is_kept_to(store, configure):
    configure(store.options(location="instance-1"))
    kept = put_file(CONTENT)
    assert store.keys() == [f"instance-1/{vault._path(kept.pk)}"]
    assert read_file(kept) == CONTENT


def test_a_file_by_email_lies_there_sealed_and_is_fetched(store, ask, client):
    answer = ask()
    assert answer.status_code == 201
    (key,) = store.keys()
    sealed = store.content(key)
    assert CONTENT not in sealed
    assert len(sealed) > len(CONTENT)
    assert client.get(download_of(answer)).content == CONTENT


def test_expiry_deletes_the_object(store, ask, client, django_capture_on_commit_callbacks):
    answer = ask()
    SharedFile.objects.update(expires_at=now() - timedelta(seconds=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert purge_files(10) == 1
    assert store.keys() == []
    assert client.get(download_of(answer)).status_code == 410


def test_an_object_that_is_gone_or_was_changed_is_lost(store):
    gone, changed = put_file(CONTENT), put_file(CONTENT)
    vault_storage().delete(vault._path(gone.pk))
    store.client.put_object(Bucket=BUCKET, Key=vault._path(changed.pk), Body=b"x" * 60)
    for kept in (gone, changed):
        with pytest.raises(FileLostError):
            read_file(kept)


def test_in_trouble_nothing_is_accepted_and_nothing_kept(store, ask, troubled, configure, client):
    troubled()
    answer = ask()
    assert (answer.status_code, answer.json()["errors"]) == (503, [AWAY])
    assert not Notification.objects.exists()
    assert not SharedFile.objects.exists()
    configure(store.options())
    again = ask()
    assert again.status_code == 201
    assert client.get(download_of(again)).content == CONTENT


def test_in_trouble_a_letter_of_a_program_is_not_accepted(store, ready, live_key, out_of_reach, configure):
    body = {"reference": "r", "content": base64.b64encode(make_pdf()).decode()}
    out_of_reach()
    answer = NotifyClient(live_key.api_key).send("letter", body)
    assert (answer.status_code, answer.json()["errors"]) == (503, [AWAY])
    assert not Letter.objects.exists()
    configure(store.options())
    assert NotifyClient(live_key.api_key).send("letter", body).status_code == 201


def test_in_trouble_a_link_says_to_come_again(store, ask, troubled, configure, client):
    path = download_of(ask())
    troubled()
    answer = client.get(path)
    assert answer.status_code == 503
    assert SharedFile.objects.get().fetched_at is None
    configure(store.options())
    assert client.get(path).content == CONTENT


def letter_of(live_key, **body):
    answer = NotifyClient(live_key.api_key).send("letter", body)
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def state(letter_id):
    letter = Letter.objects.select_related("notification").get(pk=letter_id)
    return letter.notification.status, letter.fault


def test_in_trouble_a_letter_waits_to_be_checked_and_printed(
    store, ready, live_key, out_of_reach, configure, monkeypatch
):
    monkeypatch.setattr("gaap_notify.services.letters.working._prints_at_once", lambda notification: False)
    letter_id = letter_of(live_key, reference="r", content=base64.b64encode(make_pdf()).decode())
    out_of_reach()
    work_on_letter(letter_id)
    assert state(letter_id) == ("pending-virus-check", "")
    assert Letter.objects.filter(due_at__gt=now(), due_at__lte=now() + PAUSE).exists()
    configure(store.options())
    make_due(Letter.objects.get())
    work_on_letter(letter_id)
    assert state(letter_id) == ("created", "")
    make_due(Letter.objects.get())
    assert printing.gather_runs() == 1
    run = PrintRun.objects.get()
    out_of_reach()
    printing.work_on_run(run.pk)
    run.refresh_from_db()
    assert (run.submitted_at, run.failure) == (None, AWAY["message"])
    assert PrintRun.objects.filter(due_at__gt=now()).exists()
    assert state(letter_id) == ("created", "")
    configure(store.options())
    make_due(run)
    printing.work_on_run(run.pk)
    assert state(letter_id)[0] in ("sending", "delivered")


def test_in_trouble_a_letter_waits_to_be_set(store, ready, live_key, out_of_reach, configure):
    template = create_template(ready, type="letter", name="L", subject="S", body="B", by=TESTER)
    lines = {"address_line_1": "Ann", "address_line_2": "1 Long Street", "postcode": "SW1A 1AA"}
    letter_id = letter_of(live_key, template_id=str(template.pk), personalisation=lines)
    out_of_reach()
    work_on_letter(letter_id)
    assert state(letter_id) == ("created", "")
    assert Letter.objects.filter(due_at__gt=now()).exists()
    configure(store.options())
    make_due(Letter.objects.get())
    work_on_letter(letter_id)
    letter = Letter.objects.get()
    assert letter.pages == 1
    assert letter.file is not None
    assert read_file(letter.file).startswith(b"%PDF-")


def test_in_trouble_a_pdf_is_not_ready_yet(store, ready, live_key, out_of_reach):
    letter_id = letter_of(live_key, reference="r", content=base64.b64encode(make_pdf()).decode())
    work_on_letter(letter_id)
    out_of_reach()
    answer = NotifyClient(live_key.api_key).get(f"/v2/notifications/{letter_id}/pdf")
    assert (answer.status_code, answer.json()["errors"][0]["error"]) == (400, "PDFNotReadyError")


def _let_the_hour_come(kept, monkeypatch):
    """Let the sweep look where the file lies, two days from now."""
    moment = now() + 2 * GRACE
    hours = (int(kept.pk.hex[:2], 16) - int(moment.timestamp()) // 3600) % 256
    monkeypatch.setattr("gaap_notify.services.vault_sweep.now", lambda: moment + timedelta(hours=hours))


def test_what_could_not_be_deleted_is_swept_later(
    store, out_of_reach, configure, monkeypatch, django_capture_on_commit_callbacks
):
    kept = put_file(CONTENT)
    out_of_reach()
    with django_capture_on_commit_callbacks(execute=True):
        vault.drop_files([kept.pk])
    assert not VaultFile.objects.exists()
    _let_the_hour_come(kept, monkeypatch)
    assert sweep_vault(10) == 0
    configure(store.options())
    assert len(store.keys()) == 1
    assert sweep_vault(10) == 1
    assert store.keys() == []


def test_an_answer_that_breaks_off_is_no_lost_file(store, configure):
    kept = put_file(CONTENT)
    with serve(_BreaksOff) as url:
        configure(store.options(endpoint_url=url, **SHORT))
        with pytest.raises(StorageAwayError):
            read_file(kept)


def test_a_slow_store_holds_nobody_for_long(store, configure):
    with serve(_Slow) as slow:
        configure(store.options(endpoint_url=slow, **{**SHORT, "tries": 2}))
        began = time.monotonic()
        with pytest.raises(StorageAwayError):
            put_file(CONTENT)
    assert time.monotonic() - began < 10


def test_secrets_stand_in_no_message(store, out_of_reach, caplog):
    out_of_reach()
    with pytest.raises(StorageAwayError):
        put_file(CONTENT)
    assert "cannot be kept" in caplog.text
    assert store.secret_key not in caplog.text


@pytest.mark.parametrize(
    ("storage", "words"),
    [
        ({"BACKEND": BACKEND, "OPTIONS": {}}, "bucket_name"),
        ({"BACKEND": BACKEND, "OPTIONS": {"bucket_name": "b", "buckte": "x"}}, "buckte"),
        ({"BACKEND": "no.such.Storage"}, "no.such.Storage"),
    ],
)
def test_settings_that_cannot_be_are_found_by_the_check(settings, storage, words):
    settings.STORAGES = {**settings.STORAGES, "private": storage}
    (fault,) = check_file_storage(None)
    assert fault.id == "gaap_notify.E005"
    assert words in fault.msg
    assert "gaap-suite[s3]" in str(fault.hint)


def test_settings_that_can_be_ask_nothing_of_the_store(configure):
    configure({"bucket_name": "b", "endpoint_url": f"http://127.0.0.1:{free_port()}"})
    assert check_file_storage(None) == []
    with pytest.raises(ImproperlyConfigured):
        ObjectStorage(bucket_name="")


def test_a_backup_says_what_it_leaves_out(store, tmp_path, monkeypatch):
    monkeypatch.setattr("gaap.management.commands.backup.write_backup", lambda file: file.write_bytes(b"dump"))
    put_file(CONTENT)
    said = StringIO()
    call_command("backup", str(tmp_path / "dump"), stdout=said)
    assert f"Not in it: 1 letters and files by email ({len(CONTENT)} bytes)" in said.getvalue()
    assert f"the bucket {BUCKET} at {store.url}" in said.getvalue()
    with override_settings(STORAGES={"private": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}):
        call_command("backup", str(tmp_path / "again"), stdout=said)
    assert said.getvalue().count("Not in it") == 2
