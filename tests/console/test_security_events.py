"""What staff get wrong, and get right, at their sign-in, as security events."""

import logging
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from gaap.audit.models import AuditEvent
from tests.console.test_second_factor import ADDRESS, add_app, app, nia, sign_in, signed_in, totp

__all__ = ["add_app", "app", "nia", "signed_in"]


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The lines of the security log."""
    caplog.set_level(logging.INFO, logger="gaap.security")
    return caplog


def events(told: Any) -> list[dict[str, Any]]:
    return [record.security for record in told.records if record.name == "gaap.security"]


@pytest.mark.parametrize("address", [ADDRESS, "nobody@transport.example"])
def test_a_wrong_password_is_noted_alike_for_whoever_it_is(nia: User, told: Any, address: str) -> None:
    Client().post(reverse("account_login"), {"login": address, "password": "not the password"})
    assert {event["event"] for event in events(told)} == {"sign_in_failed"}
    assert {event["by"] for event in events(told)} == {"unknown"}
    assert not AuditEvent.objects.filter(action="sign_in_failed").exists()
    assert address not in told.text
    assert "not the password" not in told.text


def test_a_sign_in_is_noted(nia: User, told: Any) -> None:
    sign_in(Client())
    assert events(told) == [{"event": "sign_in_succeeded", "by": f"person:{nia.pk}"}]
    assert ADDRESS not in told.text


def test_a_wrong_code_is_in_the_audit_too(app: str, nia: User, told: Any) -> None:
    client = sign_in(Client())
    told.clear()
    client.post(reverse("mfa_authenticate"), {"code": totp(app, steps=9)})
    assert events(told) == [{"event": "sign_in_failed", "by": f"person:{nia.pk}", "way": "code"}]
    row = AuditEvent.objects.get(action="sign_in_failed")
    assert (row.actor_id, row.after) == (str(nia.pk), {"way": "code"})


def test_a_wrong_confirmation_is_in_the_audit_too(signed_in: Client, nia: User, told: Any) -> None:
    told.clear()
    signed_in.post(reverse("account_reauthenticate"), {"password": "not the password"})
    assert [event["way"] for event in events(told) if event["by"] != "unknown"] == ["password_again"]
    assert AuditEvent.objects.filter(action="sign_in_failed", actor_id=str(nia.pk)).count() == 1


def test_too_many_tries_are_noted(nia: User, told: Any) -> None:
    for _ in range(12):
        Client().post(reverse("account_login"), {"login": ADDRESS, "password": "not the password"})
    assert "sign_in_locked" in {event["event"] for event in events(told)}
