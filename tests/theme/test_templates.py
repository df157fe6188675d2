"""Habits that every template and style sheet of the suite keeps."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("platform", "identity", "payments", "notify")
TEMPLATES = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("**/templates/**/*.html"))]
STYLE_SHEETS = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("**/static/**/*.css"))]

INLINE = re.compile(r"<style\b|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|[\"'(=]\s*javascript:", re.IGNORECASE)
FORM = re.compile(r"<form\b[^>]*\bmethod=\"post\"[^>]*>.*?</form>", re.IGNORECASE | re.DOTALL)
PHYSICAL = re.compile(
    r"^\s*(?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom|width|height):", re.M
)
ELSEWHERE = re.compile(r"@import|url\(\"?(?:https?:|//|data:)|@font-face")

#: Mail programs read no style sheet, so the frame of an email carries its style itself.
EMAIL = ROOT / "notify/gaap_notify/templates/gaap_notify/email.html"

each_template = pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
each_style_sheet = pytest.mark.parametrize("path", STYLE_SHEETS, ids=lambda path: str(path.relative_to(ROOT)))

#: A bank's frame holds no cookie of ours; what it posts is believed only once the provider has confirmed it.
#: Unsubscribing takes the address of the link alone (RFC 8058), so there is nothing that another site could borrow.
UNGUARDED = {"3ds_in.html", "sandbox_bank.html", "unsubscribe.html"}


def test_there_are_templates_and_style_sheets() -> None:
    assert len(TEMPLATES) > 40
    assert STYLE_SHEETS


@each_template
def test_nothing_is_inline_but_in_emails(path: Path) -> None:
    assert bool(INLINE.findall(path.read_text(encoding="utf-8"))) is (path == EMAIL)


@each_template
def test_every_form_is_guarded_and_checked_by_us(path: Path) -> None:
    for form in FORM.findall(path.read_text(encoding="utf-8")):
        assert ("{% csrf_token %}" in form) is (path.name not in UNGUARDED)
        assert "novalidate" in form.partition(">")[0] or not re.search(r"\{\{ form|\{% field|<input|<textarea", form)


@each_style_sheet
def test_style_sheets_know_no_left_and_right(path: Path) -> None:
    assert PHYSICAL.findall(path.read_text(encoding="utf-8")) == []


@each_style_sheet
def test_style_sheets_load_nothing_from_elsewhere(path: Path) -> None:
    assert ELSEWHERE.findall(path.read_text(encoding="utf-8")) == []
