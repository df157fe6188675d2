"""Documentation that cannot fall behind: links lead somewhere, commands exist, pages are listed."""

import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.project import ROOT, tracked_files

PAGES = [path for path in tracked_files() if path.suffix == ".md"]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"manage\.py ([a-z_]+)")


def titled(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text(path: str | Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=titled)
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    links = [link.partition("#")[0] for link in LINK.findall(text(page)) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=titled)
def test_commands_exist(page: Path) -> None:
    assert set(COMMAND.findall(text(page))) - {*get_commands(), "test", "benchmark"} == set()


def test_readme_has_the_two_commands_and_the_picture_on_its_first_screen() -> None:
    first_screen = "\n".join(text("README.md").splitlines()[:20])
    assert "python3 manage.py demo" in first_screen
    assert "python3 manage.py test" in first_screen
    assert "docs/journey.svg" in first_screen


@pytest.mark.parametrize(
    ("folder", "index"),
    [("adr", "adr/README.md"), ("how-to", "README.md"), ("reference", "README.md"), ("security", "security/README.md")],
)
def test_every_page_is_listed(folder: str, index: str) -> None:
    listed = {
        (ROOT / "docs" / index).parent / link for link in LINK.findall(text(f"docs/{index}")) if "://" not in link
    }
    pages = {path for path in (ROOT / "docs" / folder).glob("*.md") if path.name != "README.md"}
    assert {titled(page) for page in pages - listed} == set()


def test_change_log_has_a_place_for_the_next_release() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    headings = re.findall(r"^## \[(.+?)\]", text("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert project["version"] in headings or len(headings) == 1
