"""Print jobs as files: into a folder, and to an SFTP server on loopback."""

from pathlib import PurePosixPath

import paramiko
import pytest

from gaap.identifiers import new_uuid
from gaap.providers.errors import ProviderError
from gaap_notify.conf import ProviderConfig
from gaap_notify.providers import make_provider
from gaap_notify.providers.letters.base import PrintJob, PrintLetter
from gaap_notify.providers.letters.folder import FolderLetterProvider
from tests.notify.sftp_peer import sftp_peer


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "printer"
    folder.mkdir()
    return folder


@pytest.fixture
def sftp_options(place):
    with sftp_peer(place) as options:
        yield options


@pytest.fixture(params=["folder", "sftp"])
def provider(request, place):
    options = {"path": str(place)} if request.param == "folder" else request.getfixturevalue("sftp_options")
    return make_provider("letter", ProviderConfig("printer", request.param, options))


def letter(number=1):
    return PrintLetter(new_uuid(), "second", 1, 1, b"%PDF-" + bytes([number]) * 70_000)


def test_job(provider, place):
    job = PrintJob(new_uuid(), (letter(1), letter(2)))
    assert provider.send(job).provider_id == str(job.id)
    folder = place / str(job.id)
    names = {path.name for path in folder.iterdir()}
    assert names == {"manifest.csv", *(f"{one.id}.pdf" for one in job.letters)}
    assert (folder / f"{job.letters[1].id}.pdf").read_bytes() == job.letters[1].pdf
    assert (folder / "manifest.csv").read_text().count("\n") == 3


def test_a_whole_job_is_not_written_twice(provider, place):
    job = PrintJob(new_uuid(), (letter(),))
    provider.send(job)
    (place / str(job.id) / f"{job.letters[0].id}.pdf").unlink()
    provider.send(job)
    assert not (place / str(job.id) / f"{job.letters[0].id}.pdf").exists()


def test_a_job_that_broke_off_is_finished(provider, place):
    job = PrintJob(new_uuid(), (letter(1), letter(2)))
    folder = place / str(job.id)
    folder.mkdir()
    (folder / f"{job.letters[0].id}.pdf.part").write_bytes(b"half")
    provider.send(job)
    assert (folder / f"{job.letters[0].id}.pdf").read_bytes() == job.letters[0].pdf
    assert (folder / "manifest.csv").exists()


def test_acknowledgements(provider, place):
    assert list(provider.collect()) == []
    one = new_uuid()
    folder = place / "acknowledgements"
    folder.mkdir()
    (folder / "a.csv").write_text(f"letter,status,detail\n{one},UNDELIVERABLE,no such street\n")
    (folder / "notes.txt").write_text("hello")
    (batch,) = provider.collect()
    assert batch.name == "a.csv"
    (report,) = batch.reports
    assert (report.letter_id, report.status, report.detail) == (one, "permanent-failure", "no such street")
    provider.settle("a.csv")
    assert list(provider.collect()) == []
    assert (folder / "done" / "a.csv").exists()


@pytest.mark.parametrize("text", ["letter,status\nx,POSTED\n", "letter,status\n", "a\nb", "\xff"])
def test_acknowledgements_that_cannot_be_read(provider, place, text):
    folder = place / "acknowledgements"
    folder.mkdir()
    (folder / "a.csv").write_bytes(text.encode("latin-1"))
    if text == "letter,status\n":
        assert [batch.reports for batch in provider.collect()] == [()]
    else:
        with pytest.raises(ProviderError):
            list(provider.collect())
    assert (folder / "a.csv").exists()


@pytest.mark.parametrize("wrong", ["host_key", "password", "path", "port"])
def test_sftp_faults(sftp_options, wrong):
    other = paramiko.ECDSAKey.generate()
    values = {
        "host_key": f"{other.get_name()} {other.get_base64()}",
        "password": "wrong",
        "path": "nowhere",
        "port": 1,
    }
    options = {**sftp_options, wrong: values[wrong]}
    provider = make_provider("letter", ProviderConfig("printer", "sftp", options))
    with pytest.raises(ProviderError) as caught:
        provider.send(PrintJob(new_uuid(), (letter(),)))
    assert not caught.value.permanent


def test_checks(tmp_path, sftp_options):
    def faults(kind, **options):
        return list(make_provider("letter", ProviderConfig("x", kind, options)).check())

    assert faults("folder", path=str(tmp_path)) == []
    assert faults("folder", path="relative") == ["path must be an absolute path."]
    assert faults("folder", path=str(tmp_path / "no")) == ["path names no folder."]
    assert faults("sftp", **sftp_options) == []
    assert faults("sftp", **{**sftp_options, "host_key": "nonsense"}) == ["host_key is no public key."]
    assert len(faults("sftp")) == 4


def test_a_folder_that_is_not_there_is_empty(place):
    provider = FolderLetterProvider(alias="x", path=str(place))
    assert provider.names(PurePosixPath("nothing")) == []
