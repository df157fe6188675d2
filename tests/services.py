"""What the machine offers the tests beside Python: PostgreSQL, Redis, RabbitMQ, PgBouncer, Chromium, Node.

Each is taken from its variable when that is set, else looked for where a developer's machine has it.
"""

import os
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
from kombu import Connection
from kombu.exceptions import OperationalError

LOCAL_DATABASE_URL = "postgres://postgres@127.0.0.1:5432/postgres"
LOCAL_REDIS_URL = "redis://127.0.0.1:6379/15"
LOCAL_BROKER_URL = "amqp://guest:guest@127.0.0.1:5672//"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_SECONDS = 2


@dataclass(frozen=True)
class Service:
    """One thing that tests may need: the marker that asks for it, where it was found, and how to offer it."""

    marker: str
    title: str
    address: str | None
    hint: str

    @property
    def reason_missing(self) -> str:
        """Say that the service was not found and what would make it found."""
        return f"{self.title} not found: {self.hint}"


def find_services(environ: Mapping[str, str] = os.environ) -> dict[str, Service]:
    """Look for every service and return them by marker."""
    servers = (_postgresql(environ), _redis(environ), _rabbitmq(environ))
    return {service.marker: service for service in (*servers, _pgbouncer(), _chromium(), _node())}


def _postgresql(environ: Mapping[str, str]) -> Service:
    url = environ.get("GAAP_TEST_DATABASE_URL", LOCAL_DATABASE_URL)
    address = url if _postgresql_answers(url) else None
    return Service("postgresql", "PostgreSQL", address, "start it on 127.0.0.1:5432 or set GAAP_TEST_DATABASE_URL")


def _redis(environ: Mapping[str, str]) -> Service:
    url = environ.get("GAAP_TEST_REDIS_URL", LOCAL_REDIS_URL)
    address = url if _port_answers(url) else None
    return Service("redis", "Redis", address, "start it on 127.0.0.1:6379 or set GAAP_TEST_REDIS_URL")


def _rabbitmq(environ: Mapping[str, str]) -> Service:
    url = environ.get("GAAP_TEST_BROKER_URL", LOCAL_BROKER_URL)
    address = url if _port_answers(url) and _broker_answers(url) else None
    return Service("rabbitmq", "RabbitMQ", address, "start it on 127.0.0.1:5672 or set GAAP_TEST_BROKER_URL")


def _pgbouncer() -> Service:
    # Debian keeps programs of its services off people's path.
    found = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    return Service("pgbouncer", "PgBouncer", found, "install it so that `pgbouncer` is on PATH")


def _chromium() -> Service:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    return Service("chromium", "Chromium", found, "install it so that `chromium` is on PATH")


def _node() -> Service:
    found = shutil.which("node") if shutil.which("npm") else None
    return Service("node", "Node", found, "install nodejs and npm so that `node` and `npm` are on PATH")


def _postgresql_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=PATIENCE_SECONDS).close()
    except psycopg.OperationalError:
        return False
    return True


def _broker_answers(url: str) -> bool:
    try:
        with Connection(url, connect_timeout=PATIENCE_SECONDS) as connection:
            connection.ensure_connection(max_retries=1, timeout=PATIENCE_SECONDS)
    except OperationalError:
        return False
    return True


def _port_answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), PATIENCE_SECONDS).close()
    except OSError:
        return False
    return True
