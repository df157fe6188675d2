"""Passwords: what may be one, how they are asked for, and what is kept of them."""

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from gaap.passwords import is_of_this_place
from gaap_identity.models import Account
from gaap_identity.services import codes
from gaap_identity.services.passwords import check_password_rules, hash_password, verify_password
from gaap_identity.services.sessions import open_session, save_session

RULES: list[Callable[[str], None]] = [check_password_rules, validate_password]
GOOD = ["all lower case and spaces", "ALLUPPERANDLONGER", "98127634598123", "¡ñandú! ¿çà va? ễ", "x" * 20 + "🙂" * 44]
each_rule = pytest.mark.parametrize("rule", RULES, ids=["citizens", "staff"])


@each_rule
@pytest.mark.parametrize("password", GOOD[:2] + GOOD[3:])
def test_any_characters_will_do(rule: Callable[[str], None], password: str) -> None:
    rule(password)


@each_rule
def test_nothing_is_cut_off_or_changed(rule: Callable[[str], None]) -> None:
    long = "seventy characters of one and the same password, which nobody cuts off"
    rule(long)
    stored = hash_password(long)
    assert verify_password(long, stored=stored)
    for other in (long[:-1], long[:64], long.upper(), f" {long}", f"{long} "):
        assert not verify_password(other, stored=stored)


@each_rule
@pytest.mark.parametrize(
    "password",
    ["Government2026!!", "example-government-1", "GaaP.GaaP.GaaP.1", "ExampleGovernmentServices1", "password12345678"],
)
def test_words_of_this_place_are_no_password(rule: Callable[[str], None], password: str) -> None:
    with pytest.raises(ValidationError):
        rule(password)


def test_the_words_are_those_of_the_deployment(settings: Any) -> None:
    assert not is_of_this_place("Atlantis-2026!")
    settings.GAAP_BRAND = {"organisation": "Republic of Atlantis"}
    assert is_of_this_place("Atlantis-2026!")
    assert not is_of_this_place("atlantis swims home")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "purpose"),
    [("/console/sign-in", "current-password"), ("/console/sign-up", "new-password"), ("/sign-in", None)],
)
def test_fields_are_masked_and_can_be_filled_by_a_manager(client: Client, path: str, purpose: str | None) -> None:
    page = client.get(path).content.decode()
    if purpose is None:
        client.post(path, {"email": "nobody@example.org"})
        page, purpose = client.get("/sign-in/password").content.decode(), "current-password"
    (field,) = re.findall(r"<input[^>]*type=\"password\"[^>]*>", page)
    assert f'autocomplete="{purpose}"' in field
    assert "onpaste" not in page


@pytest.mark.django_db
def test_a_password_of_years_ago_still_opens(clock_in_years: Callable[[int], None]) -> None:
    user = get_user_model().objects.create_user("owner@transport.example", password=GOOD[0])
    stored = hash_password(GOOD[0])
    clock_in_years(30)
    assert user.check_password(GOOD[0])
    assert verify_password(GOOD[0], stored=stored)


@pytest.fixture
def clock_in_years(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that lets so many years go by, for the suite and for Django."""

    def let_pass(years: int) -> None:
        later = datetime.now(UTC) + timedelta(days=365 * years)
        monkeypatch.setattr("django.utils.timezone.now", lambda: later)

    return let_pass


@pytest.mark.django_db
def test_hashes_are_argon2id() -> None:
    user = get_user_model().objects.create_user("owner@transport.example", password=GOOD[0])
    for stored in (user.password, hash_password(GOOD[0])):
        kind, parameters = re.findall(r"(argon2id)\$v=19\$(m=\d+,t=\d+,p=\d+)\$", stored)[0]
        assert (kind, parameters) == ("argon2id", "m=19456,t=2,p=1")


@pytest.mark.django_db
def test_a_new_database_lets_nobody_in() -> None:
    assert not get_user_model().objects.exists()
    assert not Account.objects.exists()


@pytest.mark.django_db
def test_codes_have_six_random_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    bounds: list[int] = []
    sent: list[str] = []
    draw = secrets.randbelow

    def noted(bound: int) -> int:
        bounds.append(bound)
        return draw(bound)

    monkeypatch.setattr("secrets.randbelow", noted)
    monkeypatch.setattr(codes, "send_code", lambda code, **_: sent.append(code))
    session = open_session("").session
    save_session(session)
    for _ in range(3):
        codes.send_new_code(session, purpose="sign_in", channel="sms", recipient="+447700900123", language="en")
    assert bounds == [1_000_000] * 3
    assert all(re.fullmatch(r"\d{6}", code) for code in sent)
