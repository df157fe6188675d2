"""The suite's surroundings: which services it found, which database it runs on, and what it skips for want of one."""

import atexit
import os
import shutil
import tempfile
from collections import Counter
from urllib.parse import urlsplit

import django
import pytest

from tests.emptying import empty_only_what_holds_rows
from tests.services import Service, find_services

SERVICES = find_services()
MUST_HAVE_ALL = os.environ.get("CI", "").lower() in ("1", "true")
FORCES_SQLITE = os.environ.get("GAAP_TEST_DATABASE") == "sqlite"

pytest_plugins = ["gaap.testing.plugin", "tests.browser.support"]


def choose_surroundings() -> None:
    """Set the environment before Django reads its settings: a folder of this run, PostgreSQL when it was found."""
    data = tempfile.mkdtemp(prefix="gaap-tests-")
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    for name in [name for name in os.environ if name.startswith(("GAAP_", "DATABASE_URL", "BROKER_URL", "REDIS_URL"))]:
        if not name.startswith(("GAAP_TEST_", "GAAP_VENV")):
            del os.environ[name]
    os.environ.update(DJANGO_SETTINGS_MODULE="gaap_site.settings", GAAP_DATA=data, GAAP_EMBEDDED="1")
    # Tests change what they like without telling the services that would say so to the snapshots.
    os.environ["GAAP_SNAPSHOT_SECONDS"] = "0"
    os.environ["GAAP_HINT_SECONDS"] = "0"
    if runs_on_postgresql():
        url = urlsplit(SERVICES["postgresql"].address or "")
        name = os.environ.get("GAAP_TEST_DATABASE_NAME", f"gaap_{os.getpid()}")
        os.environ["DATABASE_URL"] = url._replace(path=f"/{name}").geturl()


def runs_on_postgresql() -> bool:
    """Say which of the two databases this run is on."""
    return SERVICES["postgresql"].address is not None and not FORCES_SQLITE


choose_surroundings()
django.setup()
empty_only_what_holds_rows()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Keep worker processes from reading the settings before they have chosen surroundings of their own."""
    del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a second run, on another database, leave out what would only be repeated."""
    parser.addoption("--database-only", action="store_true", help="run only tests that use a database")
    parser.addoption("--few-rows", type=int, metavar="N", help="of a test with a table run only the first N rows")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not wanted: tests without a database, and rows of a table beyond the first few.

    The rows of one test differ in the rule that they try, not in what they ask of the database.
    """
    wanted = [item for item in items if _uses_a_database(item)] if config.getoption("--database-only") else list(items)
    if most := config.getoption("--few-rows"):
        wanted = _first_rows(wanted, most)
    if len(wanted) < len(items):
        kept = set(wanted)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = wanted


def _first_rows(items: list[pytest.Item], most: int) -> list[pytest.Item]:
    rows: Counter[str] = Counter()
    kept = []
    for item in items:
        test = item.nodeid.partition("[")[0]
        rows[test] += 1
        if rows[test] <= most:
            kept.append(item)
    return kept


def _uses_a_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "live_server"}
    return item.get_closest_marker("django_db") is not None or not fixtures.isdisjoint(
        getattr(item, "fixturenames", ())
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose service is missing, by name; where everything must be there, fail it."""
    for marker, service in SERVICES.items():
        if item.get_closest_marker(marker) and not _is_usable(service):
            refuse = pytest.fail if MUST_HAVE_ALL else pytest.skip
            refuse(service.reason_missing)


def _is_usable(service: Service) -> bool:
    return runs_on_postgresql() if service.marker == "postgresql" else service.address is not None


def pytest_report_header() -> list[str]:
    """Say at the start what was found."""
    database = "PostgreSQL" if runs_on_postgresql() else "SQLite"
    return [f"database: {database}", *(f"{service.title}: {_where(service)}" for service in SERVICES.values())]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what was used and what was not there."""
    terminalreporter.section("services")
    for line in pytest_report_header():
        terminalreporter.line(line)


def _where(service: Service) -> str:
    if service.address is None:
        return f"not found, its tests are skipped ({service.hint})"
    return urlsplit(service.address)._replace(query="").geturl().rpartition("@")[2]


@pytest.fixture(scope="session")
def postgresql_url() -> str:
    """The address of a PostgreSQL server on which databases may be made; only for tests marked `postgresql`."""
    return SERVICES["postgresql"].address or ""


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The address of a Redis database that tests may empty; only for tests marked `redis`."""
    return SERVICES["redis"].address or ""


@pytest.fixture(scope="session")
def broker_url() -> str:
    """The address of a RabbitMQ; only for tests marked `rabbitmq`, under a queue prefix of their own."""
    return SERVICES["rabbitmq"].address or ""


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The path of a Chromium; only for tests marked `chromium`."""
    return SERVICES["chromium"].address or ""
