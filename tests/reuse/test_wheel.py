"""What the wheel holds: the five packages with all that they need at run time, and nothing else."""

import zipfile
from pathlib import Path, PurePosixPath

import pytest

from tests.project import PACKAGES, ROOT, tracked_files

RUN_TIME_FILES = (".py", ".mo", ".html", ".txt", ".css", ".svg", ".json", ".yaml", ".typed")


@pytest.fixture(scope="module")
def held(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_wheel_holds_the_packages_and_nothing_else(held: set[str]) -> None:
    tops = {PurePosixPath(name).parts[0] for name in held}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_wheel_holds_every_file_that_is_needed_at_run_time(held: set[str]) -> None:
    wanted = {
        path.relative_to(folder.parent).as_posix()
        for path in tracked_files()
        for folder in PACKAGES.values()
        if folder in path.parents and path.suffix in RUN_TIME_FILES
    }
    assert wanted - held == set()


def test_wheel_says_that_it_is_typed(held: set[str]) -> None:
    assert {f"{name}/py.typed" for name in PACKAGES} <= held


def test_wheel_carries_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        licence = next(name for name in archive.namelist() if name.endswith("licenses/LICENSE"))
        assert archive.read(licence) == (ROOT / "LICENSE").read_bytes()
