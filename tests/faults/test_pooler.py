"""The whole suite behind PgBouncer, which lends a server's session to somebody else after each transaction."""

import getpass
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from notifications_python_client.notifications import NotificationsAPIClient

from gaap_site.celery import queue_names
from tests.faults.suite import Suite, database_of_its_own, delete_queues
from tests.faults.test_killed_worker import DOCUMENT, PATIENCE_SECONDS, events_per_message, waiting
from tests.processes import Program, free_port, listens, wait_until, wait_until_done
from tests.services import find_services

pytestmark = [pytest.mark.postgresql, pytest.mark.rabbitmq, pytest.mark.pgbouncer]

MESSAGES = 60
SESSIONS = 3


@pytest.fixture
def direct_url(postgresql_url: str) -> Iterator[str]:
    with database_of_its_own(postgresql_url, f"gaap_pooled_{uuid4().hex[:12]}") as url:
        yield url


@pytest.fixture
def pooled_url(tmp_path: Path, direct_url: str) -> Iterator[str]:
    """The address of a pooler that has so few sessions that nobody can keep one."""
    database, port = urlsplit(direct_url), free_port()
    name = database.path.strip("/")
    password = f" password={database.password}" if database.password else ""
    server = f"host={database.hostname} port={database.port or 5432} user={database.username}{password}"
    config = tmp_path / "pgbouncer.ini"
    config.write_text(
        f"[databases]\n{name} = dbname={name} {server}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = {SESSIONS}\nmax_client_conn = 100\n"
    )
    # It refuses to run as root.
    user = ["-u", "postgres"] if getpass.getuser() == "root" else []
    command = [find_services()["pgbouncer"].address or "", *user, str(config)]
    log = tmp_path / "pgbouncer.log"
    with Program(command, environ=dict(os.environ), log=log, cwd=tmp_path) as pooler:
        wait_until(lambda: listens(port), seconds=20, what="pooling", program=pooler)
        yield f"postgres://postgres@127.0.0.1:{port}/{name}"


def sessions(url: str) -> int:
    """Count the sessions at the server beside the one that asks."""
    statement = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def test_everything_works_on_sessions_that_are_lent(
    tmp_path: Path, direct_url: str, pooled_url: str, broker_url: str
) -> None:
    name = urlsplit(direct_url).path.strip("/")
    environ = {"GAAP_DATABASE_POOLER": "transaction"}
    suite = Suite(tmp_path, database_url=pooled_url, broker_url=broker_url, name=name, environ=environ)
    made = suite.set_up(DOCUMENT)["services"][0]
    try:
        with suite.running():
            client = NotificationsAPIClient(made["api_keys"][0]["key"], base_url=suite.base_url)
            template = made["notify"]["templates"][0]["id"]
            accepted = [
                client.send_email_notification(f"n{number}@example.org", template, {"number": str(number)})["id"]
                for number in range(MESSAGES)
            ]
            wait_until_done(partial(waiting, suite), patience_seconds=PATIENCE_SECONDS)
            told = client.get_all_notifications(status="delivered")["notifications"]
            assert sessions(direct_url) <= SESSIONS
    finally:
        delete_queues(broker_url, [suite.queue_prefix + queue for queue in queue_names()])
    assert sorted(message["id"] for message in told) == sorted(accepted)
    assert events_per_message(suite) == {(MESSAGES, 1)}
