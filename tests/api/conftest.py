"""What goes through every route of every API."""

import os
import sys
from collections.abc import Iterator

import pytest
from django.db import connection

from gaap.organisations.models import Service
from tests.api.world import World
from tests.processes import Program, free_port, listens, wait_until
from tests.project import ROOT, python_path

PROCESSES = 4
SECONDS = 60


@pytest.fixture
def world(service: Service) -> World:
    """Everything of the service that most tests are about."""
    return World(service)


@pytest.fixture
def other_world(other_service: Service) -> World:
    """Everything of somebody else's service."""
    return World(other_service)


@pytest.fixture(scope="package")
def web(django_db_setup: None, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Four web processes on the tests' database and one Redis; the value is their address."""
    port, folder = free_port(), tmp_path_factory.mktemp("web")
    gunicorn = ["-m", "gunicorn", "gaap_site.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", str(PROCESSES)]
    quietly = ["--threads", "5", "--preload", "--no-control-socket"]
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([python_path(), str(ROOT)]),
        "DJANGO_SETTINGS_MODULE": "tests.api.dying",
        "DATABASE_URL": _database_url(),
        "REDIS_URL": redis_url,
        "GAAP_EMBEDDED": "1",
    }
    with Program([sys.executable, *gunicorn, *quietly], environ=environ, log=folder / "log", cwd=folder) as program:
        wait_until(lambda: listens(port), seconds=SECONDS, what="serving", program=program)
        yield f"http://127.0.0.1:{port}"


def _database_url() -> str:
    at = connection.settings_dict
    return f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
