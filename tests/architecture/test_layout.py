"""The layout keeps the standard library's own names free, and leaves no stranger in the repository."""

import re
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.project import PACKAGE_FOLDERS, ROOT, run, tracked_files

# Put together here so that this file does not find itself.
MACHINE_PATHS = re.compile("|".join(("/ro" + "ot/", "/wo" + "rk/", "/home/" + "[a-z]+/", "/Us" + "ers/[a-z]+/")))
REGISTRY_HOSTS = re.compile("|".join(("pypi" + r"\.org", "python" + r"hosted\.org", "npmjs" + r"\.(org|com)")))
PRIVATE_KEYS = re.compile("BEGIN (RSA |EC |OPENSSH )?PRIVATE" + " KEY")
VENDOR_SECRETS = re.compile("|".join(("sk_li" + "ve_[0-9a-zA-Z]{8}", "AKIA" + "[0-9A-Z]{16}")))
FORBIDDEN = {"paths": MACHINE_PATHS, "registries": REGISTRY_HOSTS, "keys": PRIVATE_KEYS, "secrets": VENDOR_SECRETS}


@pytest.mark.parametrize("folder", [".", *PACKAGE_FOLDERS, "tests", "docs"])
def test_platform_is_the_standard_module(folder: str) -> None:
    finished = run("python3", "-c", "import platform; print(platform.__file__)", cwd=ROOT / folder)
    assert finished.returncode == 0, finished.stdout
    assert Path(finished.stdout.strip()).name == "platform.py"
    assert ROOT not in Path(finished.stdout.strip()).parents


def test_platform_in_this_process_is_the_standard_module() -> None:
    import platform

    assert Path(platform.__file__).resolve().parent == Path(sysconfig.get_path("stdlib")).resolve()


@pytest.mark.parametrize("folder", PACKAGE_FOLDERS)
def test_top_folders_hold_packages_only(folder: str) -> None:
    assert [path.name for path in (ROOT / folder).glob("*.py")] == []
    assert all((path / "__init__.py").exists() for path in (ROOT / folder).iterdir() if _holds_python(path))


def _holds_python(path: Path) -> bool:
    return path.is_dir() and any(path.glob("*.py"))


@pytest.mark.parametrize("pattern", FORBIDDEN.values(), ids=FORBIDDEN)
def test_no_tracked_file_holds(pattern: re.Pattern[str]) -> None:
    found = [f"{path.relative_to(ROOT)}: {match.group()}" for path, text in _texts() if (match := pattern.search(text))]
    assert found == []


def _texts() -> list[tuple[Path, str]]:
    return [(path, path.read_text(encoding="utf-8", errors="replace")) for path in tracked_files()]


def test_every_python_folder_is_a_package() -> None:
    importable = [path for path in tracked_files() if path.suffix == ".py" and _is_product(path)]
    folders = {path.parent for path in importable}
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def _is_product(path: Path) -> bool:
    return path.relative_to(ROOT).parts[0] in PACKAGE_FOLDERS


def test_no_test_folder_hides_a_standard_module() -> None:
    """Started from `tests/`, Python looks there first; only a folder without `__init__.py` gives way."""
    packages = {path.parent.name for path in (ROOT / "tests").glob("*/__init__.py")}
    assert packages.isdisjoint(sys.stdlib_module_names)
