"""No secret of anybody stands in the tree: every tracked file is read for what looks like one."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project import ROOT, tracked_files

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
#: What secrets look like that are worth stealing.
PATTERNS = {
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*\n?[A-Za-z0-9+/=]{40,}",
    "AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b",
    "GitLab": r"\bglpat-[A-Za-z0-9_-]{20,}\b",
    "Slack": r"\bxox[abprs]-[A-Za-z0-9-]{10,}\b",
    "Stripe": r"\b(?:sk|rk)_live_[A-Za-z0-9]{16,}\b",
    "Twilio": r"\bSK[0-9a-f]{32}\b",
    "Google": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "PyPI": r"\bpypi-[A-Za-z0-9_-]{50,}\b",
    "key of the suite": rf"\bgaap_live_[0-9a-z]{{4,}}_[^\s\"']*-{UUID}-{UUID}",
    "password in an address": (
        r"\b(?:postgres(?:ql)?|amqps?|rediss?|https?)://[^\s:/@\"'{}$<]+:(?P<password>[^\s@/\"'{}$<]{3,})@"
    ),
}
#: Passwords in addresses that open nothing: words of documentation and tests.
WORDS = {"password", "secret", "guest", "pass", "there", "user"}
ALLOWED: dict[str, str] = {}
MAX_BYTES = 2_000_000


def secrets_in(text: str) -> Iterator[str]:
    """Name the kinds of secrets that a text holds."""
    for kind, pattern in PATTERNS.items():
        for found in re.finditer(pattern, text):
            if found.groupdict().get("password") not in WORDS:
                yield kind


def readable(path: Path) -> str:
    """Return a file as text; what is none is read as far as it goes."""
    return path.read_bytes()[:MAX_BYTES].decode("utf-8", errors="replace")


def test_no_secret_is_in_the_tree() -> None:
    found = {str(path.relative_to(ROOT)): [*secrets_in(readable(path))] for path in tracked_files()}
    assert {name: kinds for name, kinds in found.items() if kinds and name not in ALLOWED} == {}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("private key", "-----BEGIN " + "EC PRIVATE KEY-----\n" + "M" * 60),
        ("AWS", "AKIA" + "Z" * 16),
        ("GitHub", "ghp_" + "a" * 36),
        ("GitLab", "glpat-" + "a" * 20),
        ("Slack", "xoxb-" + "1" * 12),
        ("Stripe", "sk_live_" + "a" * 24),
        ("Twilio", "SK" + "0" * 32),
        ("Google", "AIza" + "a" * 35),
        ("PyPI", "pypi-" + "a" * 60),
        ("password in an address", "postgres://gaap:" + "hunter22" + "@db.example/gaap"),
    ],
    ids=lambda value: value if " " in value or len(value) < 10 else "",
)
def test_each_kind_is_found(kind: str, text: str) -> None:
    assert [*secrets_in(f'x = "{text}"')] == [kind]


def test_a_key_of_the_suite_is_found() -> None:
    ids = "-".join(["6b2c9a50-1111-4222-8333-444455556666"] * 2)
    assert [*secrets_in("gaap_live_" + "0a1b2c_name-" + ids)] == ["key of the suite"]
