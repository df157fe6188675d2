"""The ASVS register is whole and honest: a verdict for each requirement, and a test that is there for each met one."""

import hashlib
from collections import Counter
from dataclasses import replace

import pytest

from tests.security.register import PAGE, faults, read_register, written

#: Numbers and levels of the standard's levels 1 and 2, as published in May 2025.
COUNTS = {1: 70, 2: 183}
DIGEST = "29debb6cfc11acf5deb2b2bb4e01bd836c5648dcc592aae17957e36b808cec05"


def test_every_requirement_of_levels_1_and_2_is_there_once() -> None:
    register = read_register()
    assert Counter(row.level for row in register) == COUNTS
    assert len({row.number for row in register}) == sum(COUNTS.values())
    text = "\n".join(f"{row.number} {row.level}" for row in register)
    assert hashlib.sha256(text.encode()).hexdigest() == DIGEST


def test_every_row_has_a_verdict_and_every_met_one_a_test_that_exists() -> None:
    assert list(faults(read_register())) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"verdict": ""}, "has no verdict"),
        ({"verdict": "mostly"}, "has no verdict"),
        ({"reason": ""}, "has no name or no reason"),
        ({"tests": ()}, "is met without a test"),
        ({"tests": ("tests/security/test_register.py::test_of_yesterday",)}, "which is gone"),
        ({"tests": ("tests/security/test_of_yesterday.py::test_one",)}, "which is gone"),
        ({"tests": ("tests/security/register.py::faults",)}, "which is gone"),
    ],
    ids=["none", "unknown", "no-reason", "no-test", "gone", "file-gone", "no-test-function"],
)
def test_what_is_wrong_is_named(change: dict[str, object], fault: str) -> None:
    met = next(row for row in read_register() if row.verdict == "met")
    (found,) = faults([replace(met, **change)])  # type: ignore[arg-type]
    assert met.number in found
    assert fault in found


def test_the_page_is_the_one_that_is_written() -> None:
    assert PAGE.read_text(encoding="utf-8") == written(read_register()), "run python -m tests.security.register"
