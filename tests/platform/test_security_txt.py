"""``security.txt``: what RFC 9116 wants in it, and settings that are refused at the start."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from gaap.checks import check_security_reports
from gaap.clock import now

SOON = (now() + timedelta(days=200)).replace(microsecond=0)


@pytest.fixture
def _told(settings: Any) -> None:
    settings.GAAP_BASE_URL = "https://platform.example/"
    settings.GAAP_SECURITY_CONTACTS = ["mailto:security@platform.example", "https://platform.example/report"]
    settings.GAAP_SECURITY_EXPIRES = SOON.isoformat()
    settings.GAAP_SECURITY_LANGUAGES = ["en", "cy", "vi"]
    settings.GAAP_SECURITY_POLICY_URL = "https://platform.example/security"


@pytest.mark.usefixtures("_told")
def test_file_says_who_until_when_and_in_which_language(client: Client) -> None:
    answer = client.get("/.well-known/security.txt")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    lines = answer.content.decode().splitlines()
    assert lines == [
        "Contact: mailto:security@platform.example",
        "Contact: https://platform.example/report",
        f"Expires: {SOON.isoformat()}",
        "Preferred-Languages: en, cy, vi",
        "Canonical: https://platform.example/.well-known/security.txt",
        "Policy: https://platform.example/security",
    ]
    assert datetime.fromisoformat(lines[2].partition(": ")[2]).utcoffset() is not None
    assert check_security_reports(None) == []


@pytest.mark.usefixtures("_told")
def test_earlier_address_leads_there(client: Client) -> None:
    answer = client.get("/security.txt")
    assert (answer.status_code, answer["Location"]) == (302, "/.well-known/security.txt")
    assert client.post("/.well-known/security.txt").status_code == 405


@pytest.mark.parametrize("address", ["/.well-known/security.txt", "/security.txt"])
def test_nothing_where_nobody_said(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404
    assert check_security_reports(None) == []


@pytest.mark.usefixtures("_told")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONTACTS", ["security@platform.example"]),
        ("CONTACTS", ["http://platform.example/report"]),
        ("CONTACTS", ["mailto:a@platform.example\nContact: mailto:b@other.example"]),
        ("EXPIRES", ""),
        ("EXPIRES", "next year"),
        ("EXPIRES", "2030-01-01T00:00:00"),
        ("EXPIRES", "2099-01-01T00:00:00Z"),
        ("LANGUAGES", ["English please"]),
        ("POLICY_URL", "http://platform.example/security"),
    ],
)
def test_settings_that_are_refused(settings: Any, name: str, value: Any) -> None:
    setattr(settings, f"GAAP_SECURITY_{name}", value)
    (fault,) = check_security_reports(None)
    assert fault.id == "gaap.E018"
    assert fault.hint


@pytest.mark.usefixtures("_told")
def test_contacts_that_have_expired_are_a_warning(settings: Any) -> None:
    settings.GAAP_SECURITY_EXPIRES = "2020-01-01T00:00:00Z"
    (fault,) = check_security_reports(None)
    assert fault.id == "gaap.W004"


@pytest.mark.usefixtures("_told")
def test_no_file_without_an_end(client: Client, settings: Any) -> None:
    """RFC 9116 wants the time in every file."""
    settings.GAAP_SECURITY_EXPIRES = ""
    assert client.get("/.well-known/security.txt").status_code == 404
