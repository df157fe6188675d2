"""What tools can say about the code without running it is part of the test run, so that nobody has to remember it."""

import sys
from pathlib import Path

import pytest

from tests.project import ROOT, program, run

MANAGE = (sys.executable, ROOT / "manage.py")


@pytest.mark.parametrize(
    "command",
    [
        pytest.param((program("ruff"), "check", "."), id="ruff-check"),
        pytest.param((program("ruff"), "format", "--check", "."), id="ruff-format"),
        pytest.param((program("mypy"),), id="mypy"),
        pytest.param((program("lint-imports"),), id="import-linter"),
        pytest.param((*MANAGE, "makemigrations", "--check", "--dry-run"), id="migrations"),
        pytest.param((*MANAGE, "check", "--fail-level", "WARNING"), id="system-checks"),
    ],
)
def test_tool_finds_nothing(command: tuple[str | Path, ...]) -> None:
    finished = run(*command)
    assert finished.returncode == 0, finished.stdout


def test_api_description_has_no_warnings(tmp_path: Path) -> None:
    finished = run(*MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", tmp_path / "openapi.yaml")
    assert finished.returncode == 0, finished.stdout
    assert (tmp_path / "openapi.yaml").stat().st_size > 0
