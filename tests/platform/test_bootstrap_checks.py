"""The words of the set-up to somebody whose machine lacks something, and its ability to run on an old Python at all."""

import ast
import importlib.util
import sys
from pathlib import Path

import pytest

from gaap_site import bootstrap
from gaap_site.bootstrap import checks
from tests.project import ROOT

SET_UP_FILES = [ROOT / "manage.py", ROOT / "platform/gaap_site/__init__.py"]
SET_UP_FILES += sorted((ROOT / "platform/gaap_site/bootstrap").glob("*.py"))


@pytest.mark.parametrize("path", SET_UP_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_old_pythons_can_read_the_set_up(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 6))
    assert not [node for node in ast.walk(tree) if isinstance(node, (ast.NamedExpr, ast.Match))]


@pytest.mark.parametrize("path", SET_UP_FILES[1:], ids=lambda path: str(path.relative_to(ROOT)))
def test_the_set_up_needs_the_standard_library_only(path: Path) -> None:
    imported = {name.split(".")[0] for name in _imports(path)}
    assert imported <= {*sys.stdlib_module_names, "gaap_site"}


def _imports(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return plain + [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


def test_old_python_is_told_which_is_needed_and_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 8, 10, "final", 0))
    monkeypatch.setattr(checks, "newer_python", lambda: None)
    with pytest.raises(SystemExit) as left:
        bootstrap.enter(str(ROOT), ["manage.py", "demo"])
    assert "needs Python 3.11 or newer and found 3.8.10" in str(left.value)
    assert "apt-get install python3" in str(left.value)


def test_old_python_is_told_of_a_newer_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    newer = tmp_path / "python3.12"
    newer.write_text("#!/bin/sh\n")
    newer.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "version_info", (3, 8, 10, "final", 0))
    with pytest.raises(SystemExit, match=r"python3\.12 manage\.py demo --once"):
        bootstrap.enter(str(ROOT), ["manage.py", "demo", "--once"])


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_missing_venv_module_names_the_package(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else object())
    with pytest.raises(SystemExit, match=rf"apt-get install python3\.{sys.version_info.minor}-venv"):
        checks.refuse_impossible_set_up()
