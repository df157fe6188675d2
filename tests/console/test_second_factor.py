"""The second factor: added, asked for, lost; and needed where the deployment says so."""

import base64
import hmac
import re
import struct
import time
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from gaap.audit.models import AuditEvent
from tests.console.conftest import person

PASSWORD = "three quiet otters"
ADDRESS = "nia@transport.example"


def totp(secret: str, *, steps: int = 0) -> str:
    """RFC 6238: the code of an authenticator app, ``steps`` times 30 seconds from now."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.new(base64.b32decode(secret), counter, "sha1").digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


@pytest.fixture
def nia(db: None) -> User:
    user = person(ADDRESS)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def signed_in(nia: User) -> Client:
    return sign_in(Client())


def sign_in(client: Client) -> Client:
    client.post(reverse("account_login"), {"login": ADDRESS, "password": PASSWORD})
    return client


@pytest.fixture
def add_app(django_capture_on_commit_callbacks) -> Callable[[Client], str]:
    """Return a function that adds an authenticator app and returns its secret."""

    def add(client: Client) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            return _add_app(client)

    return add


def _add_app(client: Client) -> str:
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    found = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert found is not None, page
    answer = client.post(reverse("mfa_activate_totp"), {"code": totp(found[1])})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    forget_used_codes()
    return found[1]


def forget_used_codes() -> None:
    """A code is good for once; tests do not wait for the next one."""
    cache.clear()


@pytest.fixture
def app(signed_in: Client, add_app: Callable[[Client], str]) -> str:
    return add_app(signed_in)


def test_after_the_password_comes_the_code(app: str) -> None:
    client = sign_in(Client())
    assert client.get(reverse("gaap-console")).status_code == 302
    wrong = client.post(reverse("mfa_authenticate"), {"code": totp(app, steps=9)})
    assert "This code is not right" in wrong.content.decode()
    assert client.post(reverse("mfa_authenticate"), {"code": totp(app)})["Location"] == reverse("gaap-console")
    assert client.get(reverse("gaap-console")).status_code == 200


def test_a_code_is_good_for_once(app: str) -> None:
    code = totp(app)
    sign_in_with(code)
    assert "This code is not right" in sign_in_with(code)


def test_a_recovery_code_stands_in_for_the_app_once(signed_in: Client, app: str) -> None:
    page = signed_in.get(reverse("mfa_view_recovery_codes")).content.decode()
    codes = re.findall(r"^(?:.*<code>)?(\d{8})$", page, re.MULTILINE)
    assert len(codes) == 10
    assert sign_in_with(codes[0]) == reverse("gaap-console")
    forget_used_codes()
    assert "This code is not right" in sign_in_with(codes[0])


def sign_in_with(code: str) -> str:
    answer = sign_in(Client()).post(reverse("mfa_authenticate"), {"code": code})
    return str(answer.get("Location") or answer.content.decode())


def test_the_secret_is_encrypted_in_the_table(app: str) -> None:
    assert app not in str(Authenticator.objects.get(type="totp").data)


def test_adding_and_removing_are_recorded_and_told(signed_in: Client, app: str) -> None:
    signed_in.post(reverse("mfa_deactivate_totp"))
    actions = list(AuditEvent.objects.filter(action__startswith="second_factor").values_list("action", flat=True))
    assert {"second_factor_added", "second_factor_removed"} <= set(actions)
    assert not Authenticator.objects.exists()


@pytest.fixture
def demanding(settings: Settings) -> None:
    """A deployment in which nobody gets in with a password alone."""
    settings.GAAP_CONSOLE = {"SECOND_FACTOR": True}


@pytest.mark.usefixtures("demanding")
@pytest.mark.parametrize("name", ["gaap-console", "gaap-console-new-service", "account_email"])
def test_without_one_every_page_leads_to_adding_one(signed_in: Client, name: str) -> None:
    assert signed_in.get(reverse(name))["Location"].startswith(reverse("mfa_activate_totp"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("demanding")
def test_whoever_adds_one_goes_on_at_once(signed_in: Client, app: str) -> None:
    assert signed_in.get(reverse("gaap-console")).status_code == 200


@pytest.mark.usefixtures("demanding")
def test_a_session_from_before_must_show_the_code(signed_in: Client, add_app: Callable[[Client], str]) -> None:
    before = sign_in(Client())
    secret = add_app(signed_in)
    way = before.get(reverse("gaap-console"))["Location"]
    assert way.startswith(reverse("mfa_reauthenticate"))
    before.post(way, {"code": totp(secret), "next": reverse("gaap-console")})
    assert before.get(reverse("gaap-console")).status_code == 200


def test_old_sessions_are_asked_again_before_the_second_factor_changes(
    signed_in: Client, app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = time.time() + 600
    monkeypatch.setattr("gaap.console.adapters.time.time", lambda: later)
    way = signed_in.get(reverse("mfa_deactivate_totp"))["Location"]
    assert way.startswith(reverse("account_reauthenticate"))


def test_proving_it_again_changes_the_sessions_token_and_leaves_it_in_the_list(signed_in: Client) -> None:
    before = signed_in.cookies["gaap_session"].value
    signed_in.post(reverse("account_reauthenticate"), {"password": "not the password"})
    assert signed_in.cookies["gaap_session"].value == before
    signed_in.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    after = signed_in.cookies["gaap_session"].value
    assert after != before
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [after]
    assert signed_in.get(reverse("gaap-console")).status_code == 200
    signed_in.cookies["gaap_session"] = before
    assert signed_in.get(reverse("gaap-console")).status_code == 302


def test_a_code_given_again_changes_it_too(signed_in: Client, app: str) -> None:
    before = signed_in.cookies["gaap_session"].value
    signed_in.post(reverse("mfa_reauthenticate"), {"code": totp(app)})
    assert signed_in.cookies["gaap_session"].value != before


def test_changing_a_password_wants_the_present_one(signed_in: Client, nia: User) -> None:
    for present, is_changed in (("not the password", False), (PASSWORD, True)):
        fields = {"oldpassword": present, "password1": "four quiet otters swim", "password2": "four quiet otters swim"}
        signed_in.post(reverse("account_change_password"), fields)
        nia.refresh_from_db()
        assert nia.check_password("four quiet otters swim") == is_changed
