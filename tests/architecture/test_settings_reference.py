"""The settings reference names every variable that the settings read, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READERS = ("settings.py", "databases.py")
SETTINGS = "\n".join((ROOT / "platform/gaap_site" / name).read_text() for name in READERS)
REFERENCE = (ROOT / "docs/reference/settings.md").read_text()

READ_DIRECTLY = re.compile(r'environ(?:\.get\(|\[)"([A-Z_]+)"')
READ_AS_SECRET = re.compile(r'_secret\("([A-Z_]+)"\)')
READ_FROM_A_LIST = re.compile(r'"(GAAP_[A-Z_]+)"\),\)')


def variables() -> set[str]:
    found = {
        name for pattern in (READ_DIRECTLY, READ_AS_SECRET, READ_FROM_A_LIST) for name in pattern.findall(SETTINGS)
    }
    brand = re.search(r"for key in \(([^)]*)\)\n\s+if f\"GAAP_BRAND_", SETTINGS)
    assert brand is not None
    return found | {f"GAAP_BRAND_{key.upper()}" for key in re.findall(r'"(\w+)"', brand[1])}


def test_every_variable_is_documented():
    assert variables() - set(re.findall(r"`([A-Z_]+)`", REFERENCE)) == set()


def test_nothing_else_is_documented():
    rows = [line for line in REFERENCE.splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row.split("|")[1])}
    assert documented - variables() == set()
