"""The sample service is a stranger's program: it knows public APIs only, and speaks the citizen's language."""

import ast
import re
from types import ModuleType

import pytest

from tests.journeys.conftest import PROGRAM, SUITE

OURS = ("gaap", "gaap_site", "gaap_identity", "gaap_payments", "gaap_notify")


def test_it_is_one_small_program() -> None:
    assert len(PROGRAM.read_text(encoding="utf-8").splitlines()) < 260


def test_it_imports_nothing_of_ours() -> None:
    tree = ast.parse(PROGRAM.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert "flask" in imported
    assert not [name for name in imported if name.partition(".")[0] in OURS]


def test_every_text_is_there_in_every_language(sample: ModuleType) -> None:
    english = sample.WORDS["en"]
    gaps = re.compile(r"{\w+}")
    for code, words in sample.WORDS.items():
        assert words.keys() == english.keys(), code
        assert all(gaps.findall(words[key]) == gaps.findall(english[key]) for key in english), code
        assert all(text.strip() for text in words.values()), code


def test_every_text_that_a_page_names_exists(sample: ModuleType) -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in (PROGRAM.parent / "templates").iterdir())
    named = set(re.findall(r'translate\("(\w+)"[),]', pages))
    assert len(named) > 20
    assert named <= sample.WORDS["en"].keys()


@pytest.mark.parametrize("code", ["en", "cy", "vi"])
def test_the_start_page_speaks_the_language_asked_for(sample: ModuleType, code: str) -> None:
    page = sample.app.test_client().get(f"/?lang={code}")
    assert f'<html lang="{code}">' in page.text
    assert sample.WORDS[code]["start_button"] in page.text
    assert "£54.00" in page.text


def test_the_language_is_remembered(sample: ModuleType) -> None:
    client = sample.app.test_client()
    client.get("/?lang=cy")
    assert '<html lang="cy">' in client.get("/", headers={"Accept-Language": "vi"}).text


def test_pages_allow_no_script_and_forms_to_the_platform_only(sample: ModuleType) -> None:
    page = sample.app.test_client().get("/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert f"form-action 'self' {SUITE};" in policy
    assert "<script" not in page.text
    assert 'style="' not in page.text


def test_dong_has_no_decimals(sample: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sample.money(5400) == "£54.00"
    assert sample.money(123_456_789) == "£1,234,567.89"
    monkeypatch.setattr(sample, "CURRENCY", "VND")
    assert sample.money(1_350_000) == "1.350.000 ₫"
