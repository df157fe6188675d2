"""A backup is the whole database or no file, and a restored one is proved."""

import os
import sqlite3
import stat
import sys
from contextlib import contextmanager

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from gaap.audit.models import AuditEvent
from gaap.audit.services import record
from gaap.backups import BackupError, write_backup
from gaap.testing.plugin import TESTER
from gaap_payments.models import LedgerEntry, LedgerLine
from gaap_payments.services.accounts import save_account
from gaap_payments.services.ledger import post
from tests.project import ROOT, run

Book = LedgerLine.Account


@contextmanager
def empty_database(server):
    name = f"gaap_restored_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as there:
        there.execute(f"create database {name}")
        try:
            yield server.rpartition("/")[0] + f"/{name}"
        finally:
            there.execute(f"drop database {name} with (force)")


def restore(file, url):
    return run(sys.executable, "manage.py", "restore", str(file), environ={**os.environ, "DATABASE_URL": url}, cwd=ROOT)


@pytest.fixture
def life(service):
    """Some of everything that a restored database must prove."""
    account = save_account(service, provider="sandbox", is_live=False, by=TESTER)
    record("parcel_sent", target=service, by=TESTER)
    post(account, "payout", "p1", {Book.BANK: 5, Book.PROVIDER: -5}, currency="GBP")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_restored_database_is_the_same_and_proved(life, tmp_path, postgresql_url):
    file = tmp_path / "dump"
    call_command("backup", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    with empty_database(postgresql_url) as url:
        finished = restore(file, url)
        assert finished.returncode == 0, finished.stdout
        assert "verify_audit:" in finished.stdout
        assert "1 entries, which balance and miss nothing." in finished.stdout
        with psycopg.connect(url) as there:
            found = there.execute("select count(*) from gaap_auditevent").fetchone()
        assert found == (AuditEvent.objects.count(),)
        again = restore(file, url)
        assert again.returncode == 1
        assert "not empty" in again.stdout


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_what_was_bent_is_named(life, tmp_path, postgresql_url):
    LedgerLine.objects.filter(account=Book.BANK).update(amount=6)
    file = tmp_path / "dump"
    call_command("backup", str(file))
    with empty_database(postgresql_url) as url:
        finished = restore(file, url)
    assert finished.returncode == 1
    assert f"Entry {LedgerEntry.objects.get().pk} does not sum to zero: 1 GBP." in finished.stdout


@pytest.mark.django_db
def test_a_file_is_not_written_over(tmp_path):
    (tmp_path / "dump").write_text("mine")
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", str(tmp_path / "dump"))
    assert (tmp_path / "dump").read_text() == "mine"


@pytest.mark.django_db
def test_what_fails_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "nowhere.sqlite3"))
    with pytest.raises(BackupError):
        write_backup(tmp_path / "dump")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["nothing", "."])
def test_only_a_file_can_be_restored(tmp_path, name):
    with pytest.raises(CommandError, match="is no file"):
        call_command("restore", str(tmp_path / name))


def test_an_embedded_instance_is_copied_and_restored(tmp_path):
    there, here, file = tmp_path / "there", tmp_path / "here", tmp_path / "copy"
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("GAAP_", "DATABASE"))}
    manage = [sys.executable, "manage.py"]
    assert run(*manage, "migrate", "--data", str(there), "-v0", environ=environ, cwd=ROOT).returncode == 0
    assert run(*manage, "backup", str(file), "--data", str(there), environ=environ, cwd=ROOT).returncode == 0
    here.mkdir()
    finished = run(*manage, "restore", str(file), "--data", str(here), environ=environ, cwd=ROOT)
    assert finished.returncode == 0, finished.stdout
    assert "which balance and miss nothing" in finished.stdout
    tables = "select count(*) from sqlite_master where type = 'table'"
    counts = {sqlite3.connect(found).execute(tables).fetchone() for found in (file, *here.glob("*.sqlite3"))}
    assert len(counts) == 1
