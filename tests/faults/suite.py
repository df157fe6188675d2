"""The suite as in production: web, worker and scheduler as processes of their own, on PostgreSQL and RabbitMQ."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from kombu import Connection
from psycopg import sql

from tests.processes import Program, answers, free_port, wait_until
from tests.project import ROOT, python_path

LEASE_SECONDS = 3
STARTING_SECONDS = 120


class Suite:
    """One installation on a database and queues of its own; `worker` is there to be killed.

    Its code is what lies below `root`; `serving` are further options of its web server. The worker may have another
    way to the database, `worker_database_url`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str,
        broker_url: str,
        name: str,
        environ: Mapping[str, str] | None = None,
        root: Path = ROOT,
        serving: Sequence[str] = ("--threads", "4", "--no-control-socket"),
        worker_database_url: str = "",
    ) -> None:
        self._root = root
        self.environ = environ or {}
        self.database_url = database_url
        self.broker_url = broker_url
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.queue_prefix = f"{name}."
        self._folder = folder
        celery = ("-m", "celery", "--app", "gaap_site.celery")
        # A node's name is unique on its broker; two suites may run side by side on one.
        node = ("--hostname", f"{name}@localhost")
        work = ("worker", "--concurrency", "2", "--without-gossip", *node)
        self.worker = self._program("worker", *celery, *work, DATABASE_URL=worker_database_url or database_url)
        self.scheduler = self._program("scheduler", *celery, "beat", "--schedule", str(folder / "schedule"))
        gunicorn = (
            "-m",
            "gunicorn",
            "gaap_site.wsgi",
            "--bind",
            f"127.0.0.1:{self.port}",
            *serving,
        )
        self.web = self._program("web", *gunicorn)

    def set_up(self, document: dict[str, Any]) -> dict[str, Any]:
        """Migrate, apply a provisioning document, and return what it answers."""
        self.migrate()
        answer: dict[str, Any] = json.loads(self.manage("provision", "-", given=json.dumps(document)))
        return answer

    def migrate(self) -> None:
        """Bring the database to this version."""
        self.manage("migrate", "--verbosity", "0")

    def run_code(self, code: str) -> None:
        """Run Python in a process of the suite's own, set up, for what no document can provision."""
        self.manage("shell", "--no-imports", "--command", code)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run all three within the block."""
        with ExitStack() as programs:
            for program in (self.worker, self.scheduler, self.web):
                programs.enter_context(program)
            address = f"{self.base_url}/health/live"
            wait_until(lambda: answers(address), seconds=STARTING_SECONDS, what="serving", program=self.web)
            yield

    def query(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        """Ask the database directly, past all of our code; ``%(name)s`` stands for a value."""
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(statement.encode(), values or None).fetchall()

    def manage(self, *arguments: str, given: str = "") -> str:
        """Run a management command on ``given`` and return what it printed; it must not fail."""
        command = [sys.executable, "-m", "django", *arguments]
        finished = subprocess.run(
            command, env=self._environ(), cwd=self._folder, input=given, capture_output=True, text=True, check=False
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    def _program(self, name: str, *arguments: str, **environ: str) -> Program:
        log = self._folder / f"{name}.log"
        environ = {**self._environ(), **environ}
        return Program([sys.executable, *arguments], environ=environ, log=log, cwd=self._folder)

    def _environ(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": python_path(self._root),
            "DJANGO_SETTINGS_MODULE": "gaap_site.settings",
            "DATABASE_URL": self.database_url,
            "BROKER_URL": self.broker_url,
            "GAAP_DATA": str(self._folder / "data"),
            "GAAP_EMBEDDED": "1",
            "GAAP_BASE_URL": f"{self.base_url}/",
            "GAAP_QUEUE_PREFIX": self.queue_prefix,
            "GAAP_WORK_LEASE_SECONDS": str(LEASE_SECONDS),
            **self.environ,
        }


@contextmanager
def database_of_its_own(server_url: str, name: str, *, template: str = "template1") -> Iterator[str]:
    """Make a database on the server for the block, as a copy of another one; the value is its address."""
    identifier = sql.Identifier(name)
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(identifier, sql.Identifier(template)))
        # What is killed here is never the database, so nothing is gained by waiting for its disk.
        server.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(identifier))
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server_url, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))


def delete_queues(broker_url: str, names: list[str]) -> int:
    """Delete the queues and return how many messages were waiting in them."""
    with Connection(broker_url) as connection:
        channel: Any = connection.channel()
        return sum(int(channel.queue_delete(name) or 0) for name in names)
