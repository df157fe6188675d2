"""What every benchmark needs: a database of its own on a real PostgreSQL."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from tests.faults.suite import database_of_its_own
from tests.project import PACKAGE_FOLDERS, ROOT, python_path
from tests.services import find_services

sys.path[:0] = [str(ROOT / folder) for folder in PACKAGE_FOLDERS]


@contextmanager
def set_up_suite(environ: Mapping[str, str] | None = None) -> Iterator[str]:
    """Set Django up on a migrated database of its own for the block; the value is the database's address.

    `environ` are further variables that its settings read, here and in programs that are started in the block.
    """
    server = find_services()["postgresql"].address
    if server is None:
        sys.exit("This benchmark needs PostgreSQL (GAAP_TEST_DATABASE_URL).")
    with database_of_its_own(server, f"gaap_bench_{os.getpid()}") as url, TemporaryDirectory() as data:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "gaap_site.settings",
            "DATABASE_URL": url,
            "GAAP_DATA": data,
            "GAAP_EMBEDDED": "1",
            "GAAP_LOG_LEVEL": "ERROR",
            **(environ or {}),
        }
        import django
        from django.db import connections

        django.setup()

        from gaap_site.interpreter import settle

        # As each of the suite's own processes begins.
        settle()
        run_python("django", "migrate", "--verbosity", "0")
        try:
            yield url
        finally:
            connections.close_all()


def run_python(module: str, *arguments: str, reads: bool = False) -> str:
    """Run a module that finds the suite's packages, with this process's settings; return what it wrote if it `reads`.

    Raises CalledProcessError when it fails.
    """
    paths = [path for path in (os.environ.get("PYTHONPATH"), python_path()) if path]
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        check=True,
        stdout=subprocess.PIPE if reads else None,
        text=True,
    ).stdout


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
