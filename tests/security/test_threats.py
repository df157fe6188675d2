"""Each component has a threat model of all six kinds, and every test that it names is there."""

import re
from pathlib import Path

import pytest

from tests.project import ROOT
from tests.security.register import is_there

MODELS = sorted((ROOT / "docs/security").glob("threats-*.md"))
ROW = re.compile(r"^\| ([STRIDE]) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)


def test_every_component_has_one() -> None:
    assert [model.stem for model in MODELS] == [f"threats-{name}" for name in ("identity", "notify", "pay", "platform")]


@each_model
def test_every_kind_of_threat_is_thought_of(model: Path) -> None:
    rows = ROW.findall(model.read_text(encoding="utf-8"))
    assert {kind for kind, *_ in rows} == set("STRIDE")
    assert [kind for kind, *_ in rows] == sorted((kind for kind, *_ in rows), key="STRIDE".index)


@each_model
def test_every_answer_names_tests_that_are_there(model: Path) -> None:
    for _, threat, _, tests in ROW.findall(model.read_text(encoding="utf-8")):
        named = re.findall(r"`(.+?)`", tests)
        assert named, threat
        assert [test for test in named if not is_there(f"tests/{test}")] == [], threat
