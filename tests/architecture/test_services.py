"""A missing service is said by name: its tests are skipped on a laptop and fail under CI."""

import sys

import pytest

from tests.project import run
from tests.services import find_services

NOWHERE = {
    "GAAP_TEST_DATABASE_URL": "postgres://postgres@127.0.0.1:1/postgres",
    "GAAP_TEST_REDIS_URL": "redis://127.0.0.1:1/0",
    "GAAP_TEST_BROKER_URL": "amqp://guest:guest@127.0.0.1:1//",
}
NEEDS_BOTH = "tests/faults/test_killed_worker.py"


@pytest.mark.parametrize("marker", ["postgresql", "redis", "rabbitmq"])
def test_missing_service_is_named_with_what_to_do(marker: str) -> None:
    service = find_services(NOWHERE)[marker]
    assert service.address is None
    assert service.reason_missing.startswith(f"{service.title} not found: start it on 127.0.0.1:")


def test_laptop_skips_what_needs_a_missing_service() -> None:
    finished = run(sys.executable, "-m", "pytest", NEEDS_BOTH, environ={**NOWHERE, "CI": ""})
    assert finished.returncode == 0, finished.stdout
    assert "1 skipped" in finished.stdout
    assert "database: SQLite" in finished.stdout
    assert "PostgreSQL not found" in finished.stdout


def test_pipeline_fails_what_needs_a_missing_service() -> None:
    environ = {"GAAP_TEST_BROKER_URL": NOWHERE["GAAP_TEST_BROKER_URL"], "GAAP_TEST_DATABASE": "sqlite", "CI": "true"}
    finished = run(sys.executable, "-m", "pytest", NEEDS_BOTH, environ=environ)
    assert finished.returncode == 1, finished.stdout
    assert "not found" in finished.stdout
