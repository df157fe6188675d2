"""The ASVS register: read from docs/security/asvs/*.toml, checked, and written as a page.

``python -m tests.security.register`` writes the page anew.
"""

import ast
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.project import ROOT

FOLDER = ROOT / "docs/security/asvs"
PAGE = ROOT / "docs/security/asvs.md"
VERDICTS = ("met", "not met", "not applicable")
HEAD = """\
# OWASP ASVS 5.0: the register

Every requirement of levels 1 and 2 of the [OWASP Application Security Verification Standard](https://owasp.org/asvs)
5.0.0, in short words of our own (the standard's number says which one is meant), with a verdict about this suite and
the tests that hold it. This page is written from the files in `asvs/` by `python -m tests.security.register`; the tests
fail when a requirement has no verdict, when something is met without a test, and when a test that is named here is
gone. *Not applicable* also stands for what an installation brings itself, such as the proxy that ends TLS.

"""


@dataclass(frozen=True)
class Requirement:
    """One requirement: its number, its level (1 or 2), and what we say of it."""

    number: str
    chapter: str
    level: int
    name: str
    verdict: str
    reason: str
    tests: tuple[str, ...]

    @property
    def place(self) -> tuple[int, ...]:
        """Where it stands in the standard."""
        return tuple(int(part) for part in self.number.split("."))


def read_register() -> list[Requirement]:
    """Return every requirement in the standard's order."""
    found = [row for path in sorted(FOLDER.glob("*.toml")) for row in _rows(tomllib.loads(path.read_text()))]
    return sorted(found, key=lambda row: row.place)


def _rows(chapter: dict[str, Any]) -> Iterator[Requirement]:
    title = f"{chapter['chapter']} {chapter['title']}"
    for number, facts in chapter.items():
        if isinstance(facts, dict):
            yield Requirement(
                number,
                title,
                int(facts.get("level", 0)),
                str(facts.get("name", "")),
                str(facts.get("verdict", "")),
                str(facts.get("reason", "")),
                tuple(facts.get("tests", ())),
            )


def faults(register: Iterable[Requirement]) -> Iterator[str]:
    """Name whatever is wrong with a register, row by row."""
    for row in register:
        if row.verdict not in VERDICTS:
            yield f"{row.number} has no verdict"
        if not (row.name and row.reason):
            yield f"{row.number} has no name or no reason"
        if row.verdict == "met" and not row.tests:
            yield f"{row.number} is met without a test"
        yield from (f"{row.number} names {test}, which is gone" for test in row.tests if not is_there(test))


def is_there(test: str) -> bool:
    """Tell whether ``path::name`` is a test function of this tree."""
    path, _, name = test.partition("::")
    return name.startswith("test_") and name in _functions(ROOT / path)


@cache
def _functions(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def written(register: list[Requirement]) -> str:
    """Return the page."""
    return HEAD + _summary(register) + "".join(_section(title, register) for title in _titles(register))


def _titles(register: list[Requirement]) -> list[str]:
    return list(dict.fromkeys(row.chapter for row in register))


def _summary(register: list[Requirement]) -> str:
    counts = Counter((row.level, row.verdict) for row in register)
    lines = [f"| {level} | {' | '.join(str(counts[level, verdict]) for verdict in VERDICTS)} |" for level in (1, 2)]
    return "\n".join(["| Level | Met | Not met | Not applicable |", "| --- | --- | --- | --- |", *lines, ""])


def _section(title: str, register: list[Requirement]) -> str:
    lines = [_line(row) for row in register if row.chapter == title]
    head = ["", f"## {title}", "", "| No | Level | Requirement | Verdict | Why | Tests |", "| --- " * 6 + "|"]
    return "\n".join([*head, *lines, ""])


def _line(row: Requirement) -> str:
    tests = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in row.tests)
    return f"| {row.number} | {row.level} | {row.name} | {row.verdict} | {row.reason} | {tests} |"


if __name__ == "__main__":
    PAGE.write_text(written(read_register()), encoding="utf-8")
