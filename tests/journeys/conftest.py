"""What the tests of whole instances and of the sample service share."""

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.journeys.instances import manage
from tests.project import ROOT

PROGRAM = ROOT / "docs" / "examples" / "renew_vehicle" / "app.py"
SUITE = "http://suite.example/"


@pytest.fixture(scope="session")
def migrated_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an empty database, made once; nobody writes into it."""
    folder = tmp_path_factory.mktemp("migrated") / "data"
    ended = manage("migrate", "--data", folder, "--verbosity", "0")
    assert ended.returncode == 0, ended.stdout
    return folder


@pytest.fixture
def data(migrated_folder: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own, with an empty database."""
    return Path(shutil.copytree(migrated_folder, tmp_path / "data"))


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program as a module, with an environment of its own."""
    (tmp_path / "key.pem").write_text("unused")
    environ = {"SUITE_URL": SUITE, "API_KEY": "key", "CLIENT_ID": "renew-vehicle"}
    environ |= {"PRIVATE_KEY_FILE": str(tmp_path / "key.pem"), "DATABASE": str(tmp_path / "renewals.sqlite3")}
    environ |= {
        f"{kind}_TEMPLATE_{code}": f"{kind}-{code}" for kind in ("EMAIL", "TEXT") for code in ("EN", "CY", "VI")
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("renew_vehicle_app", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    module.app.testing = True
    return module
