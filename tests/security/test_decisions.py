"""The security decisions answer the requirements that ask for a document, with the numbers of the code."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from gaap.components import known_scopes
from gaap.hashers import StaffPasswordHasher
from gaap.operators.conf import conf as operators
from gaap.organisations.models import Membership
from gaap.passwords import OWN_WORDS
from gaap_identity import conf as identity
from gaap_identity.jose import RSA_KEY_BITS
from gaap_identity.services import limits
from gaap_identity.services.passwords import MIN_LENGTH
from gaap_identity.web.proving_forms import MAX_FILE_BYTES
from gaap_notify.services.letters.accepting import MAX_PDF_BYTES
from gaap_payments.web.held import MAXIMUM
from tests.project import ROOT
from tests.security.register import read_register

TEXT = (ROOT / "docs/security/decisions.md").read_text(encoding="utf-8")
FLAT = " ".join(TEXT.split())
SECTIONS = {part.partition("\n")[0]: part for part in TEXT.split("\n## ")[1:]}
HERE = "tests/security/test_decisions.py::"
MINUTE = timedelta(minutes=1)


def answered(section: str) -> set[str]:
    """Return the requirements that a section says it answers."""
    return {number for line in re.findall(r"^\*ASVS (.+)\*$", section, re.MULTILINE) for number in line.split(", ")}


def test_every_topic_has_its_section() -> None:
    wanted = {row.number for row in read_register() if any(test.startswith(HERE) for test in row.tests)}
    told = [number for section in SECTIONS.values() for number in answered(section)]
    assert sorted(told) == sorted(wanted)
    assert min(len(section.split()) for section in SECTIONS.values()) > 40


@pytest.mark.parametrize("limit", ["PASSWORD", "CODE", "APP_CODE", "RECOVERY_CODE", "CODE_SENDS"])
def test_tries_are_those_of_the_code(limit: str) -> None:
    found = getattr(limits, limit)
    assert f"{found.tries} tries in {found.period // MINUTE} minutes" in FLAT
    assert f"{found.tries} codes sent in {found.period // MINUTE} minutes" in FLAT


def test_numbers_are_those_of_the_code() -> None:
    rules: list[Any] = list(settings.AUTH_PASSWORD_VALIDATORS)
    length_rule = rules[0]["OPTIONS"]["min_length"]
    told = [
        f"{limits.CODE_SENDS_OF_A_DAY.tries} in a day",
        f"Passwords have {MIN_LENGTH} characters at least for citizens, {length_rule} for staff",
        f"after {int(operators.idle_limit / MINUTE)} minutes of doing nothing (`GAAP_STAFF_IDLE_MINUTES`)",
        f"after {int(operators.session_lifetime / MINUTE / 60)} hours (`GAAP_STAFF_SESSION_HOURS`)",
        f"{identity.LONGEST_SESSION // MINUTE // 60} hours after signing in",
        f"again after {identity.CONFIRMATION_LIFETIME // MINUTE} minutes",
        f"{identity.KEY_LIFETIME.days} days, then published for {identity.RETIRED_KEY_MEMORY.days} more",
        f"RS256 with {RSA_KEY_BITS} bits",
        f"argon2id, {StaffPasswordHasher.memory_cost // 1024} MiB, {StaffPasswordHasher.time_cost} passes",
        f"{MAX_FILE_BYTES:,} bytes",
        f"{MAX_PDF_BYTES // 1024**2} MB, ten pages",
        f"the largest body, {settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2} MB",
    ]
    assert [words for words in told if words not in FLAT] == []
    assert timedelta(hours=1) == identity.SESSION_LIFETIME
    assert MAXIMUM == 10
    assert [word for word in OWN_WORDS if f"`{word}`" not in FLAT] == []


def test_scopes_and_roles_are_those_of_the_code() -> None:
    section = SECTIONS["Who may do what"]
    assert set(re.findall(r"`([a-z_]+:[a-z_]+)`", section)) == known_scopes()
    roles = " ".join(section.split()).partition("have a role: ")[2].partition(", each of")[0]
    assert re.findall(r"`(\w+)`", roles) == list(Membership.Role.values)
