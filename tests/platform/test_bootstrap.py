"""The set-up itself, on a small project whose one package lies in a folder: nothing is fetched."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path

import pytest

from gaap_site.bootstrap.requirements import names_in
from tests.project import ROOT

PYTHON = str(getattr(sys, "_base_executable", None) or sys.executable)
COMMAND = """
import os, sys
sys.path.insert(0, os.environ["BOOTSTRAP"])
from gaap_site import bootstrap
bootstrap.enter(os.path.dirname(os.path.abspath(__file__)), sys.argv)
import tiny
print(sys.prefix, tiny.__file__)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that needs one package, `tiny`, which lies as a wheel beside it."""
    return make_project(tmp_path)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was started once."""
    project = make_project(tmp_path_factory.mktemp("made"))
    start(project).communicate(timeout=60)
    return project


@pytest.fixture
def made_project(made_once: Path, tmp_path: Path) -> Path:
    """A copy of the project that was started once, for one test to change."""
    shutil.copytree(made_once.parent, tmp_path / "made", symlinks=True)
    return tmp_path / "made/project"


def make_project(folder: Path) -> Path:
    root = folder / "project"
    (root / "requirements").mkdir(parents=True)
    (root / "manage.py").write_text(COMMAND)
    wheel = make_wheel(folder / "wheels")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (root / "requirements/base.in").write_text("tiny\n")
    (root / "requirements/base.txt").write_text(f"tiny==1.0 --hash=sha256:{digest}\n")
    for name, inner in (("demo", "base"), ("test", "demo")):
        (root / f"requirements/{name}.in").write_text(f"-r {inner}.in\n")
        shutil.copy(root / "requirements/base.txt", root / f"requirements/{name}.txt")
    return root


def make_wheel(folder: Path) -> Path:
    """Write a wheel by hand; a build tool would need the network."""
    folder.mkdir()
    wheel = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "tiny.py,,\ntiny-1.0.dist-info/RECORD,,\n")
    return wheel


def start(project: Path, command: str = "check", **more: str) -> "subprocess.Popen[str]":
    environ = {
        "BOOTSTRAP": str(ROOT / "platform"),
        "PATH": "/usr/bin:/bin",
        "HOME": str(project),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(project.parent / "wheels"),
        **more,
    }
    return subprocess.Popen(
        [PYTHON, str(project / "manage.py"), command],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_first_start_makes_and_fills_the_environment(project: Path) -> None:
    out, progress = start(project).communicate(timeout=60)
    assert out.split() == [str(project / ".venv"), str(next((project / ".venv").glob("lib/*/site-packages/tiny.py")))]
    assert "Making the virtual environment" in progress
    assert "Installing 1 packages from requirements/base.txt with pip" in progress


def test_later_start_does_nothing(made_project: Path) -> None:
    out, progress = start(made_project).communicate(timeout=60)
    assert out.startswith(str(made_project / ".venv"))
    assert progress == ""


def test_two_starts_at_once_make_one_environment(project: Path) -> None:
    first, second = start(project), start(project, "demo")
    outputs = [first.communicate(timeout=60), second.communicate(timeout=60)]
    assert [out.split()[0] for out, _ in outputs] == [str(project / ".venv")] * 2
    assert sum("Making the virtual environment" in progress for _, progress in outputs) == 1


def test_environment_of_a_killed_start_is_made_anew(made_project: Path) -> None:
    environment = made_project / ".venv"
    (environment / "gaap-installed").unlink()
    killed = start(made_project)
    deadline = time.monotonic() + 30
    while not (environment / "gaap-unfinished").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    (environment / "half-done").touch()
    out, _ = start(made_project).communicate(timeout=60)
    assert out.startswith(str(environment))
    assert not (environment / "half-done").exists()
    assert not (environment / "gaap-unfinished").exists()


def test_changed_lock_is_installed_at_the_next_start(made_project: Path) -> None:
    lock = made_project / "requirements/base.txt"
    lock.write_text(lock.read_text() + "# changed\n")
    _, progress = start(made_project).communicate(timeout=60)
    assert "Installing 1 packages" in progress
    assert "Making the virtual environment" not in progress


def test_wrong_hash_is_refused_with_what_to_do(made_project: Path) -> None:
    (made_project / "requirements/base.txt").write_text(f"tiny==2.0 --hash=sha256:{'0' * 64}\n")
    process = start(made_project)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Could not install the packages" in said
    assert "HTTPS_PROXY" in said


def test_folder_that_cannot_be_written_is_refused_with_what_to_do(project: Path) -> None:
    process = start(project, GAAP_VENV="/dev/null/venv")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Cannot write the virtual environment" in said
    assert "name another folder" in said


def test_sets_name_what_pyproject_names() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    asked = (ROOT / "requirements/base.in").read_text(encoding="utf-8").split("\n")
    assert sorted(declared) == sorted(line for line in asked if line)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    asked_to_trace = (ROOT / "requirements/tracing.in").read_text(encoding="utf-8").split("\n")
    assert ["-r base.in", *extras["tracing"]] == [line for line in asked_to_trace if line]
    assert set(names_in(str(ROOT), "base")) < set(names_in(str(ROOT), "demo")) < set(names_in(str(ROOT), "test"))


@pytest.mark.parametrize(
    ("smaller", "larger"), [("base", "demo"), ("demo", "test"), ("base", "tracing"), ("tracing", "test")]
)
def test_sets_lock_the_same_versions(smaller: str, larger: str) -> None:
    assert set(pins(smaller)) <= set(pins(larger))


def pins(name: str) -> list[str]:
    text = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")
    return [line.split()[0] for line in text.splitlines() if "==" in line and not line.startswith(("#", " "))]
