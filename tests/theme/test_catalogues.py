"""Every package's catalogues: complete in Welsh and Vietnamese, compiled, and of the same messages as the source."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "platform/gaap",
    "platform/gaap_site",
    "identity/gaap_identity",
    "payments/gaap_payments",
    "notify/gaap_notify",
)
LANGUAGES = ("en", "cy", "vi")
TRANSLATIONS = ("cy", "vi")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w*\}|\(\(\w+\)\)")
IS_CI = os.environ.get("CI", "").lower() in ("1", "true")
HAS_GETTEXT = all(shutil.which(tool) for tool in ("xgettext", "msgmerge", "msgattrib"))

Message = tuple[str | None, str, str]


def catalogue(package: str, language: str) -> polib.POFile:
    path = ROOT / package / "locale" / language / "LC_MESSAGES" / "django.po"
    assert path.is_file(), f"{package} has no catalogue for {language}: run makemessages there"
    return polib.pofile(str(path))


def messages(file: polib.POFile) -> set[Message]:
    return {(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in file if not entry.obsolete}


def forms(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def gaps(text: str) -> Counter[str]:
    return Counter(PLACEHOLDER.findall(text))


def is_sentence(text: str) -> bool:
    """Say whether a text must differ between languages; single words and names of countries may be alike."""
    return len(text.split()) > 2 and not text.istitle()


with_catalogues = pytest.mark.parametrize(
    "package", [package for package in PACKAGES if (ROOT / package / "locale").is_dir()]
)


@with_catalogues
@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_message_is_translated(package: str, language: str) -> None:
    entries = catalogue(package, language)
    assert [entry.msgid for entry in entries if not all(forms(entry))] == []
    assert [entry.msgid for entry in entries if entry.fuzzy] == []
    assert [entry.msgid for entry in entries if entry.msgid in forms(entry) and is_sentence(entry.msgid)] == []


@with_catalogues
@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_plural_has_all_its_forms(package: str, language: str) -> None:
    entries = catalogue(package, language)
    found = re.match(r"nplurals=(\d+);", entries.metadata["Plural-Forms"])
    assert found is not None
    counts = {entry.msgid: len(entry.msgstr_plural) for entry in entries if entry.msgid_plural}
    assert {msgid: count for msgid, count in counts.items() if count != int(found[1])} == {}


@with_catalogues
@pytest.mark.parametrize("language", TRANSLATIONS)
def test_translations_have_the_gaps_of_the_source(package: str, language: str) -> None:
    wrong = [
        (entry.msgid, text)
        for entry in catalogue(package, language)
        for text in forms(entry)
        if gaps(text) not in (gaps(entry.msgid), gaps(entry.msgid_plural or entry.msgid))
    ]
    assert wrong == []


@with_catalogues
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_source(package: str, language: str) -> None:
    source = catalogue(package, language)
    compiled = polib.mofile(str(ROOT / package / "locale" / language / "LC_MESSAGES" / "django.mo"))
    wanted = {(entry.msgctxt, entry.msgid): forms(entry) for entry in source.translated_entries()}
    assert {(entry.msgctxt, entry.msgid): forms(entry) for entry in compiled} == wanted


@pytest.mark.skipif(not HAS_GETTEXT and not IS_CI, reason="gettext not found: install it so that `xgettext` is on PATH")
@pytest.mark.parametrize("package", PACKAGES)
def test_the_catalogues_hold_every_message_of_the_source(package: str, tmp_path: Path) -> None:
    in_source = extract(ROOT / package, tmp_path / "copy")
    if not in_source and not (ROOT / package / "locale").exists():
        return
    for language in LANGUAGES:
        in_catalogue = messages(catalogue(package, language))
        assert in_source - in_catalogue == set(), f"{language}: run makemessages in {package} and translate these"
        assert in_catalogue - in_source == set(), f"{language}: run makemessages in {package} to be rid of these"


def extract(package: Path, copy: Path) -> set[Message]:
    """Return what makemessages finds in a copy of the package that has no catalogue yet."""
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("locale", "__pycache__"))
    (copy / "locale").mkdir()
    # -P: the package's own modules (http.py, conf.py) must not stand in for those of Python.
    command = [sys.executable, "-P", "-m", "django", "makemessages", "--locale", "en", "--no-location"]
    environment = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1"}
    subprocess.run(command, cwd=copy, env=environment, check=True, capture_output=True)
    found = copy / "locale" / "en" / "LC_MESSAGES" / "django.po"
    return messages(polib.pofile(str(found))) if found.exists() else set()
