"""Sessions end when nothing happens and for good: those of staff within the settings, those of citizens after a day."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.console.passwords import BreachRule
from gaap.operators.conf import conf
from gaap.operators.staff_sessions import SEEN_AT
from gaap.testing.plugin import PASSWORD
from gaap_identity.conf import LONGEST_SESSION, SESSION_LIFETIME
from gaap_identity.models import BrowserSession
from gaap_identity.services.sessions import open_session, save_session, touch_session

pytestmark = pytest.mark.django_db


class Clock:
    """A clock that is moved."""

    offset = timedelta()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The suite's idea of now."""
    moved = Clock()
    monkeypatch.setattr("gaap.clock.offset", lambda: moved.offset)
    return moved


@pytest.fixture
def browser(owner: User) -> Client:
    """A team member's browser that has seen one page."""
    client = Client()
    client.force_login(owner)
    assert client.get(reverse("gaap-console")).status_code == 200
    return client


def is_signed_out(answer: Any) -> bool:
    return bool(answer.status_code == 302 and answer["Location"].startswith(reverse("account_login")))


def test_the_usual_limits() -> None:
    assert conf.idle_limit == timedelta(hours=1)
    assert conf.session_lifetime == timedelta(hours=12)


@pytest.mark.parametrize(("minutes", "ends"), [(59, False), (60, True)])
def test_staff_who_do_nothing_are_signed_out(
    browser: Client, clock: Clock, owner: User, minutes: int, ends: bool
) -> None:
    clock.offset = timedelta(minutes=minutes)
    assert is_signed_out(browser.get(reverse("gaap-console"))) is ends
    rows = AuditEvent.objects.filter(action="session_ended", actor_id=str(owner.pk))
    assert [row.after for row in rows] == ([{"limit": "idle"}] if ends else [])


def test_staff_are_told_why_and_come_back_to_their_page(browser: Client, clock: Clock) -> None:
    clock.offset = timedelta(hours=2)
    answer = browser.get(reverse("gaap-console"))
    assert is_signed_out(answer)
    assert "next=" in answer["Location"]
    assert "signed out to protect your account" in browser.get(answer["Location"]).content.decode()


def test_staff_who_go_on_are_signed_out_after_a_working_day(browser: Client, clock: Clock, owner: User) -> None:
    for minutes in range(30, 12 * 60, 30):
        clock.offset = timedelta(minutes=minutes)
        assert browser.get(reverse("gaap-console")).status_code == 200
    clock.offset = timedelta(hours=12)
    assert is_signed_out(browser.get(reverse("gaap-console")))
    assert AuditEvent.objects.get(action="session_ended").after == {"limit": "whole"}


def test_signing_in_anew_counts_anew(browser: Client, clock: Clock, owner: User) -> None:
    clock.offset = timedelta(hours=11)
    browser.force_login(owner)
    assert browser.get(reverse("gaap-console")).status_code == 200
    clock.offset = timedelta(hours=11, minutes=59)
    assert browser.get(reverse("gaap-console")).status_code == 200
    clock.offset = timedelta(hours=12, minutes=30)
    assert browser.get(reverse("gaap-console")).status_code == 200


def test_operators_have_the_same_limits(operator_client: Client, clock: Clock) -> None:
    assert operator_client.get(reverse("admin:index")).status_code == 200
    clock.offset = timedelta(minutes=61)
    assert operator_client.get(reverse("admin:index")).status_code == 302


def test_an_installation_chooses_its_own(browser: Client, clock: Clock, settings: Any) -> None:
    settings.GAAP_STAFF_IDLE_MINUTES = 15
    clock.offset = timedelta(minutes=16)
    assert is_signed_out(browser.get(reverse("gaap-console")))


def test_a_page_within_the_minute_writes_nothing(browser: Client, clock: Clock) -> None:
    before = browser.session[SEEN_AT]
    clock.offset = timedelta(seconds=59)
    browser.get(reverse("gaap-console"))
    assert browser.session[SEEN_AT] == before
    clock.offset = timedelta(seconds=61)
    browser.get(reverse("gaap-console"))
    assert browser.session[SEEN_AT] > before


def test_citizens_pages_leave_the_session_of_staff_alone(browser: Client, clock: Clock) -> None:
    clock.offset = timedelta(hours=2)
    answer: HttpResponse = browser.get("/sign-in")  # type: ignore[assignment]
    assert answer.status_code == 200
    assert not AuditEvent.objects.filter(action="session_ended").exists()


def test_citizens_are_signed_out_after_half_a_day_however_often_they_come(clock: Clock) -> None:
    opened = open_session("")
    from gaap_identity.services.accounts import NewAccount, create_account

    session = opened.session
    session.account = create_account(NewAccount(email="x@example.org", password_hash="x", second_factor="email"))
    from gaap.clock import now

    session.authenticated_at = now()
    save_session(session)
    for minutes in range(45, 12 * 60, 45):
        clock.offset = timedelta(minutes=minutes)
        touch_session(BrowserSession.objects.alive().get(pk=session.pk))
    clock.offset = LONGEST_SESSION - timedelta(seconds=5)
    touch_session(BrowserSession.objects.alive().get(pk=session.pk))
    clock.offset = LONGEST_SESSION
    assert not BrowserSession.objects.alive().filter(pk=session.pk).exists()
    assert SESSION_LIFETIME < LONGEST_SESSION


def test_staff_may_choose_no_breached_password(tmp_path: Any, settings: Any) -> None:
    import hashlib

    from django.contrib.auth.password_validation import validate_password

    path = tmp_path / "breached.txt"
    digest = hashlib.sha1(PASSWORD.encode(), usedforsecurity=False).hexdigest().upper()
    path.write_text(f"{digest}:9\n", encoding="ascii")
    validate_password(PASSWORD)
    settings.GAAP_BREACHED_PASSWORDS_FILE = str(path)
    with pytest.raises(ValidationError, match="stolen data"):
        validate_password(PASSWORD)
    validate_password(f"{PASSWORD} of mine")
    assert BreachRule().get_help_text() == ""


def test_a_file_of_breaches_that_is_not_there_is_told_at_the_start(settings: Any) -> None:
    from gaap.checks import check_breached_passwords

    assert check_breached_passwords(None) == []
    settings.GAAP_BREACHED_PASSWORDS_FILE = "/nowhere"
    assert [fault.id for fault in check_breached_passwords(None)] == ["gaap.E014"]
