"""Backups of the database, by its own tools, and proving a restored one.

A backup holds what the database holds: personal data and secrets under encryption, everything else as it is. The keys
(``GAAP_ENCRYPTION_KEYS``, ``GAAP_DIGEST_KEY``) are not in it and are kept elsewhere.
"""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from django.db import connection
from django.utils.module_loading import import_string

from gaap.components import components


class BackupError(Exception):
    """A backup could not be made or read; the message says why and changes nothing."""


def write_backup(path: Path) -> None:
    """Write the whole database, as it is at one moment, into a new file that only this user may read.

    Raises BackupError when the file exists or the database's tool fails; nothing half-written is left.
    """
    if path.exists():
        raise BackupError(f"{path} exists already.")
    unfinished = path.with_name(f"{path.name}.unfinished")
    os.close(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
    try:
        if connection.vendor == "postgresql":
            _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={unfinished}", *_server())
        else:
            _copy_sqlite(str(connection.settings_dict["NAME"]), str(unfinished))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def read_backup(path: Path) -> None:
    """Fill the database, which must be empty, from ``path``: all of it or nothing.

    Raises BackupError when the file is missing or no backup of this kind of database, or the database holds tables.
    """
    if not path.is_file():
        raise BackupError(f"{path} is no file.")
    if connection.introspection.table_names():
        raise BackupError("The database is not empty. Restore into a new one, so that nothing is written over.")
    connection.close()
    if connection.vendor == "postgresql":
        whole = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
        _run("pg_restore", *whole, *_server(), str(path))
    else:
        _copy_sqlite(str(path), str(connection.settings_dict["NAME"]))


def verifications() -> Iterator[str]:
    """Yield the names of the commands by which the components prove what is stored."""
    return (name for component in components() for name in component.verifications)


def left_out() -> Iterator[str]:
    """Yield what a backup does not hold, as the components say it: what they keep outside of the database."""
    for component in components():
        if component.outside_backups:
            yield from import_string(component.outside_backups)()


def _server() -> list[str]:
    at = connection.settings_dict
    options = {"host": at["HOST"], "port": at["PORT"], "username": at["USER"], "dbname": at["NAME"]}
    return [f"--{name}={value}" for name, value in options.items() if value]


def _run(program: str, *options: str) -> None:
    environ = {**os.environ, "PGPASSWORD": str(connection.settings_dict["PASSWORD"] or "")}
    try:
        finished = subprocess.run([program, *options], env=environ, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise BackupError(f"{program} is not installed; it comes with PostgreSQL's client.") from error
    if finished.returncode:
        raise BackupError(f"{program} failed: {finished.stderr.strip()[-500:]}")


def _copy_sqlite(source: str, target: str) -> None:
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as there,
            closing(sqlite3.connect(target)) as here,
        ):
            there.backup(here)
    except sqlite3.Error as error:
        raise BackupError(f"{source} cannot be copied: {error}") from error
