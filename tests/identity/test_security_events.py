"""What a citizen gets wrong, and gets right, as security events: without an address, a number or a code."""

import logging
from typing import Any

import pytest

from gaap.audit.models import AuditEvent
from gaap_identity.services.limits import PASSWORD as PASSWORD_LIMIT
from tests.identity.people import PASSWORD, Citizen

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The lines of the security log."""
    caplog.set_level(logging.INFO, logger="gaap.security")
    return caplog


def events(told: Any) -> list[tuple[str, str, str]]:
    parts = [record.security for record in told.records if record.name == "gaap.security"]
    return [(part["event"], part["by"], str(part.get("way") or part.get("vot", ""))) for part in parts]


@pytest.mark.parametrize("email", ["harriet@example.org", "nobody@example.org"])
def test_a_wrong_password_is_noted_alike_for_whoever_it_is(
    citizen: Citizen, account: Any, told: Any, email: str
) -> None:
    citizen.post("/sign-in/password", email=email, password="not the password")
    assert events(told) == [("sign_in_failed", "unknown", "password")]
    assert not AuditEvent.objects.filter(action="sign_in_failed").exists()
    assert email not in told.text


def test_too_many_wrong_passwords_are_noted(citizen: Citizen, account: Any, told: Any) -> None:
    for _ in range(PASSWORD_LIMIT.tries + 1):
        citizen.post("/sign-in/password", email=account.email, password="not the password")
    assert [event for event, _by, _way in events(told)] == ["sign_in_failed"] * 6 + ["sign_in_locked", "limit_reached"]


def test_a_wrong_code_is_in_the_audit_too(citizen: Citizen, account: Any, told: Any) -> None:
    citizen.post("/sign-in/password", email=account.email, password=PASSWORD)
    citizen.post("/sign-in/code", code="000000" if citizen.codes[-1].code != "000000" else "111111")
    assert events(told) == [("sign_in_failed", f"citizen:{account.pk}", "code")]
    row = AuditEvent.objects.get(action="sign_in_failed")
    assert (row.actor_id, row.target_id, row.after) == (str(account.pk), str(account.pk), {"way": "code"})


def test_a_sign_in_is_noted(citizen: Citizen, account: Any, told: Any) -> None:
    citizen.sign_in(account.email)
    assert events(told) == [("sign_in_succeeded", f"citizen:{account.pk}", "Cl.Cm")]
    assert account.email not in told.text
    assert citizen.codes[-1].code not in told.text


def test_wrong_codes_of_app_and_paper_are_noted(citizen: Citizen, account: Any, told: Any) -> None:
    citizen.post("/sign-in/password", email=account.email, password=PASSWORD)
    citizen.post("/sign-in/app-code", code="123456")
    citizen.post("/sign-in/recovery-code", code="abcd-efgh-2345")
    assert [way for _event, _by, way in events(told)] == ["app_code", "recovery_code"]
    assert AuditEvent.objects.filter(action="sign_in_failed", actor_id=str(account.pk)).count() == 2


def test_a_forged_passkey_is_noted(told: Any) -> None:
    from gaap_identity.errors import PasskeyRefusedError
    from gaap_identity.services.passkeys import ask_to_use, use_passkey

    with pytest.raises(PasskeyRefusedError):
        use_passkey(state=ask_to_use().state, answer='{"id": "forged"}')
    assert events(told) == [("sign_in_failed", "unknown", "passkey")]
