"""Each import contract is broken on purpose in a copy of the packages: a contract that cannot fail guards nothing."""

import re
import shutil
from pathlib import Path

import pytest

from tests.project import PACKAGE_FOLDERS, ROOT, program, python_path, run

KERNEL = "The kernel knows no component"
PUBLIC = "Components meet only through public.py"
LAYERS = "Doors call services, services call providers and models"
STRIPE = "Stripe stays in its provider file"
TWILIO = "Twilio stays in its provider file"
OPENTELEMETRY = "OpenTelemetry stays in its file"


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("contracts")
    for folder in PACKAGE_FOLDERS:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", "locale", "static"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def broken_contracts(root: Path) -> set[str]:
    finished = run(program("lint-imports"), "--no-cache", cwd=root, environ={"PYTHONPATH": python_path(root)})
    names = set(re.findall(r"^(.+) BROKEN\b", finished.stdout, re.MULTILINE))
    assert bool(names) == bool(finished.returncode), finished.stdout
    return names


def test_contracts_hold_in_the_copy(copied: Path) -> None:
    assert broken_contracts(copied) == set()


@pytest.mark.parametrize(
    ("path", "line", "contract"),
    [
        ("platform/gaap/states.py", "import gaap_notify.public", KERNEL),
        ("platform/gaap/work.py", "import gaap_payments.models", KERNEL),
        ("payments/gaap_payments/services/__init__.py", "import gaap_notify.models", PUBLIC),
        ("notify/gaap_notify/services/__init__.py", "import gaap_payments.public", PUBLIC),
        ("identity/gaap_identity/services/__init__.py", "import gaap_payments.states", PUBLIC),
        ("payments/gaap_payments/services/__init__.py", "import gaap_payments.web.views", LAYERS),
        ("notify/gaap_notify/models/__init__.py", "import gaap_notify.services", LAYERS),
        ("notify/gaap_notify/providers/__init__.py", "import gaap_notify.tasks", LAYERS),
        ("payments/gaap_payments/services/__init__.py", "import stripe", STRIPE),
        ("platform/gaap/http.py", "import stripe", STRIPE),
        ("notify/gaap_notify/services/__init__.py", "import twilio", TWILIO),
        ("platform/gaap/observing/tracing.py", "import opentelemetry.trace", OPENTELEMETRY),
    ],
)
def test_contract_fails_when_broken(copied: Path, path: str, line: str, contract: str) -> None:
    file = copied / path
    original = file.read_text(encoding="utf-8")
    file.write_text(f"{original}\n{line}\n", encoding="utf-8")
    try:
        assert contract in broken_contracts(copied)
    finally:
        file.write_text(original, encoding="utf-8")
