"""A citizen's own account: changing what it holds, signing in another way, and coming back after a loss."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gaap.breaches import is_breached
from gaap.outbox.models import OutboxEvent
from gaap_identity.models import Account, AuthenticatorApp, BrowserSession, CoreIdentity, FactorReset
from gaap_identity.services.recovery_codes import new_recovery_codes
from gaap_identity.services.totp import add_app, code_at, matching_step, new_secret, present_step
from tests.identity.conftest import Clock
from tests.identity.people import PASSWORD, Citizen, RelyingParty, answer_of, text_of

pytestmark = pytest.mark.django_db

NEW_EMAIL = "new.harriet@example.org"
OTHER_PASSWORD = "nine wet chairs on paint"
CONFIRMED = [
    "/account/email",
    "/account/phone",
    "/account/password",
    "/account/passkeys/add",
    "/account/app",
    "/account/recovery-codes",
    "/account/delete",
]
SIGNED_IN = [*CONFIRMED, "/account", "/account/passkeys", "/account/sessions", "/account/activity", "/account/confirm"]


def change_password(citizen: Citizen, password: str) -> Any:
    """Change it as the pages want it: the present one first."""
    citizen.browser.get("/account/password")
    citizen.post("/account/confirm", password=PASSWORD)
    return citizen.post("/account/password", password=password)


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> list[tuple[str, str]]:
    """The notices that were handed to Notify: kind and address."""
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "gaap_notify.public.send_platform_email",
        lambda email: sent.append((email.kind.removeprefix("identity_"), email.recipient)),
    )
    monkeypatch.setattr("gaap_identity.services.notices.transaction.on_commit", lambda act: act())
    return sent


@pytest.mark.parametrize("path", SIGNED_IN)
def test_every_page_wants_a_full_sign_in(citizen: Citizen, account: Account, path: str) -> None:
    assert citizen.browser.get(path)["Location"] == "/sign-in"
    citizen.enter(account, vot="Cl")
    assert citizen.browser.get(path)["Location"] == "/sign-in"
    citizen.enter(account)
    shown = citizen.browser.get(path)
    assert shown.status_code == 200 or (path, shown["Location"]) == ("/account/password", "/account/confirm")


@pytest.mark.parametrize("path", CONFIRMED)
def test_what_matters_wants_the_password_again_after_ten_minutes(signed_in: Citizen, clock: Clock, path: str) -> None:
    clock.advance(timedelta(minutes=11))
    assert signed_in.browser.get(path)["Location"] == "/account/confirm"
    assert "The password is wrong" in text_of(signed_in.post("/account/confirm", password="no"))
    assert signed_in.browser.get(path)["Location"] == "/account/confirm"
    assert signed_in.post("/account/confirm", password=PASSWORD)["Location"] == path
    assert signed_in.browser.get(path).status_code == 200


def test_a_password_alone_is_stepped_up_by_the_second_factor_alone(citizen: Citizen, account: Account) -> None:
    citizen.enter(account, vot="Cl")
    assert citizen.browser.get("/sign-in")["Location"] == "/sign-in/code"
    assert citizen.codes[-1].recipient == account.phone
    assert citizen.post("/sign-in/code", code=citizen.codes[-1].code)["Location"] == "/account"


def test_stepping_up_for_a_service(citizen: Citizen, account: Account, rp: RelyingParty) -> None:
    citizen.enter(account, vot="Cl")
    assert citizen.browser.get(rp.authorize_path())["Location"] == "/sign-in"
    assert citizen.browser.get("/sign-in")["Location"] == "/sign-in/code"
    assert "code" in answer_of(citizen.post("/sign-in/code", code=citizen.codes[-1].code))


def test_changing_the_address(signed_in: Citizen, account: Account, notices: list[tuple[str, str]]) -> None:
    assert signed_in.post("/account/email", email=NEW_EMAIL)["Location"] == "/account/email/code"
    assert signed_in.codes[-1].recipient == NEW_EMAIL
    signed_in.post("/account/email/code", code=signed_in.codes[-1].code)
    assert Account.objects.with_email(NEW_EMAIL).get() == account
    assert notices == [("email_changed", "harriet@example.org")]


def test_an_address_in_use_is_told_to_its_owner_only(
    signed_in: Citizen, account: Account, make_account: Callable[..., Account]
) -> None:
    make_account(NEW_EMAIL)
    assert signed_in.post("/account/email", email=NEW_EMAIL)["Location"] == "/account/email/code"
    page = signed_in.post("/account/email/code", code=signed_in.codes[-1].code)
    assert "another account" in text_of(page)
    assert Account.objects.get(pk=account.pk).email == account.email


def test_a_code_for_one_change_makes_no_other(signed_in: Citizen, account: Account) -> None:
    signed_in.post("/account/email", email=NEW_EMAIL)
    assert signed_in.post("/account/phone/code", code=signed_in.codes[-1].code)["Location"] == "/account"
    assert Account.objects.get(pk=account.pk).phone == account.phone


def test_changing_the_phone(signed_in: Citizen, account: Account, notices: list[tuple[str, str]]) -> None:
    signed_in.post("/account/phone", phone="+84912345678")
    signed_in.post("/account/phone/code", code=signed_in.codes[-1].code)
    assert Account.objects.get(pk=account.pk).phone == "+84912345678"
    assert notices == [("phone_changed", account.email)]


def test_changing_the_password_signs_out_elsewhere(
    signed_in: Citizen, account: Account, notices: list[tuple[str, str]]
) -> None:
    Citizen(signed_in.codes).enter(account)
    change_password(signed_in, OTHER_PASSWORD)
    assert BrowserSession.objects.filter(account=account).count() == 1
    assert signed_in.browser.get("/account").status_code == 200
    assert notices == [("password_changed", account.email)]
    other = Citizen(signed_in.codes)
    assert "wrong" in text_of(other.post("/sign-in/password", email=account.email, password=PASSWORD))
    assert other.sign_in(account.email, password=OTHER_PASSWORD)["Location"] == "/account"


def test_changing_the_password_wants_the_present_one_each_time(signed_in: Citizen, account: Account) -> None:
    assert signed_in.post("/account/password", password=OTHER_PASSWORD)["Location"] == "/account/confirm"
    signed_in.post("/account/confirm", password=PASSWORD)
    assert signed_in.post("/account/password", password=OTHER_PASSWORD)["Location"] == "/account"
    assert signed_in.post("/account/password", password=PASSWORD)["Location"] == "/account/confirm"
    signed_in.post("/account/confirm", password=OTHER_PASSWORD)
    assert signed_in.post("/account/password", password=PASSWORD)["Location"] == "/account"


def test_a_password_for_another_page_changes_no_password(signed_in: Citizen, clock: Clock) -> None:
    clock.advance(timedelta(minutes=11))
    signed_in.browser.get("/account/email")
    signed_in.post("/account/confirm", password=PASSWORD)
    assert signed_in.browser.get("/account/email").status_code == 200
    assert signed_in.post("/account/password", password=OTHER_PASSWORD)["Location"] == "/account/confirm"


def test_giving_the_password_again_changes_the_sessions_token(signed_in: Citizen) -> None:
    before = signed_in.browser.cookies["gaap_citizen"].value
    signed_in.browser.get("/account/password")
    signed_in.post("/account/confirm", password=PASSWORD)
    assert signed_in.browser.get("/account/password").status_code == 200
    assert signed_in.browser.cookies["gaap_citizen"].value != before
    signed_in.browser.cookies["gaap_citizen"] = before
    assert signed_in.browser.get("/account")["Location"] == "/sign-in"


def test_a_forgotten_password(citizen: Citizen, account: Account, notices: list[tuple[str, str]]) -> None:
    citizen.post("/sign-in/forgotten", email=account.email)
    assert citizen.post("/sign-in/forgotten/code", code=citizen.codes[-1].code)["Location"] == "/sign-in/code"
    assert citizen.browser.get("/sign-in/forgotten/password")["Location"] == "/sign-in/forgotten"
    assert citizen.post("/sign-in/code", code=citizen.codes[-1].code)["Location"] == "/sign-in/forgotten/password"
    assert citizen.post("/sign-in/forgotten/password", password=OTHER_PASSWORD)["Location"] == "/account"
    assert notices == [("password_changed", account.email)]
    assert Citizen(citizen.codes).sign_in(account.email, password=OTHER_PASSWORD)["Location"] == "/account"


def test_forgetting_tells_nobody_whether_there_is_an_account(citizen: Citizen, account: Account) -> None:
    answers = []
    for email in (account.email, "nobody@example.org"):
        there = citizen.post("/sign-in/forgotten", email=email)
        page = citizen.browser.get("/sign-in/forgotten/code")
        answers.append((there.status_code, there["Location"], page.status_code, citizen.codes[-1].recipient == email))
    assert answers[0] == answers[1]
    shown = citizen.post("/sign-in/forgotten/code", code=citizen.codes[-1].code)
    assert "has no account" in text_of(shown)


@pytest.fixture
def secret(account: Account) -> str:
    """The secret of the account's authenticator app, whose last step is long past."""
    secret = new_secret()
    add_app(account, secret=secret, code=code_at(secret, present_step()))
    AuthenticatorApp.objects.update(last_step=0)
    return secret


def test_totp_vectors() -> None:
    """RFC 6238, appendix B, in six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    vectors = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 20000000000: "353130"}
    assert {moment: code_at(secret, moment // 30) for moment in vectors} == vectors
    here = present_step()
    for distance, is_taken in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        step = matching_step(secret, code_at(secret, here + distance))
        assert (step is not None) == is_taken


def test_setting_an_app_up_and_signing_in_with_it(
    signed_in: Citizen, account: Account, notices: list[tuple[str, str]], clock: Clock
) -> None:
    shown = text_of(signed_in.browser.get("/account/app"))
    picture = signed_in.browser.get("/account/app/picture.svg")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/svg+xml")
    secret = BrowserSession.objects.get(account=account).data["app_secret"]
    assert secret[:4] in shown
    assert "does not match" in text_of(signed_in.post("/account/app", code="000000"))
    right = code_at(secret, present_step())
    assert signed_in.post("/account/app", code=right)["Location"] == "/account/recovery-codes"
    assert notices == [("factor_added", account.email)]
    clock.advance(timedelta(seconds=60))
    other = Citizen(signed_in.codes)
    there = other.post("/sign-in/password", email=account.email, password=PASSWORD)
    assert there["Location"] == "/sign-in/app-code"
    right = code_at(secret, present_step())
    assert other.post("/sign-in/app-code", code=right)["Location"] == "/account"


def test_no_app_code_works_twice(citizen: Citizen, account: Account, secret: str) -> None:
    right = code_at(secret, present_step())
    for expected in ("/account", None):
        citizen.post("/sign-in/password", email=account.email, password=PASSWORD)
        assert citizen.post("/sign-in/app-code", code=right).headers.get("Location") == expected


def test_six_wrong_app_codes_lock(citizen: Citizen, account: Account, secret: str) -> None:
    citizen.post("/sign-in/password", email=account.email, password=PASSWORD)
    statuses = [citizen.post("/sign-in/app-code", code="000000").status_code for _ in range(7)]
    assert statuses == [200] * 6 + [429]
    assert citizen.post("/sign-in/app-code", code=code_at(secret, present_step())).status_code == 429


def test_an_app_is_removed(signed_in: Citizen, account: Account, secret: str, notices: list[tuple[str, str]]) -> None:
    assert signed_in.browser.get("/account/app")["Location"] == "/account/app/remove"
    signed_in.post("/account/app/remove")
    assert Account.objects.get(pk=account.pk).second_factor == "sms"
    assert notices == [("factor_removed", account.email)]


def test_recovery_codes_work_once_and_the_old_ones_no_more(
    signed_in: Citizen, account: Account, notices: list[tuple[str, str]]
) -> None:
    page = signed_in.post("/account/recovery-codes").content.decode()
    shown = [part.partition("</code>")[0] for part in page.split("<code>")[1:]]
    assert len(set(shown)) == 10
    first = Citizen(signed_in.codes)
    for expected in ("/account", None):
        first.post("/sign-in/password", email=account.email, password=PASSWORD)
        used = first.post("/sign-in/recovery-code", code=shown[0].upper())
        assert used.headers.get("Location") == expected
    assert notices == [("recovery_code_used", account.email)]
    new_recovery_codes(account)
    assert first.post("/sign-in/recovery-code", code=shown[1]).status_code == 200
    assert "10 codes still work" in text_of(signed_in.browser.get("/account/recovery-codes"))


def test_other_ways_are_those_of_the_account(citizen: Citizen, account: Account, secret: str) -> None:
    new_recovery_codes(account)
    citizen.post("/sign-in/password", email=account.email, password=PASSWORD)
    shown = citizen.browser.get("/sign-in/other-ways").content.decode()
    for path in ("/sign-in/app-code", "/sign-in/new-code", "/sign-in/recovery-code", "/sign-in/lost"):
        assert f'href="{path}"' in shown
    assert 'href="/sign-in/passkey"' not in shown
    assert citizen.post("/sign-in/other-ways").status_code == 405


@pytest.mark.parametrize("path", ["app-code", "recovery-code", "other-ways", "lost", "lost/code", "new-code"])
def test_nothing_of_it_without_the_password(citizen: Citizen, account: Account, path: str) -> None:
    assert citizen.browser.get(f"/sign-in/{path}")["Location"] == "/sign-in/password"
    assert citizen.post(f"/sign-in/{path}", code="123456")["Location"] == "/sign-in/password"


def lose(citizen: Citizen, account: Account) -> Any:
    """Say that every second factor is lost, and prove the address."""
    citizen.post("/sign-in/password", email=account.email, password=PASSWORD)
    citizen.post("/sign-in/lost")
    assert citizen.codes[-1].recipient == account.email
    return citizen.post("/sign-in/lost/code", code=citizen.codes[-1].code)


def test_a_lost_factor_comes_back_after_the_wait_without_the_identity(
    citizen: Citizen, account: Account, notices: list[tuple[str, str]], clock: Clock, client_row: Any
) -> None:
    from gaap_identity.services.checks import prove_with_persona
    from gaap_identity.services.core_identities import level_held

    prove_with_persona(account, service=client_row.service, persona="harriet")
    assert "You can sign in again soon" in text_of(lose(citizen, account))
    assert notices == [("factor_reset_asked", account.email)]
    clock.advance(timedelta(hours=71, minutes=50))
    assert "You can sign in again soon" in text_of(lose(citizen, account))
    assert FactorReset.objects.count() == 1
    clock.advance(timedelta(minutes=20))
    assert lose(citizen, account)["Location"] == "/account"
    account.refresh_from_db()
    assert (account.second_factor, account.phone, level_held(account)) == ("email", "", "P0")
    assert notices[1:] == [("factor_reset_finished", account.email)]
    assert OutboxEvent.objects.filter(name="factor_reset_finished").count() == 1


def test_whoever_signs_in_as_usual_stops_the_reset(citizen: Citizen, account: Account, clock: Clock) -> None:
    lose(citizen, account)
    Citizen(citizen.codes).sign_in(account.email)
    assert FactorReset.objects.get().status == "cancelled"
    clock.advance(timedelta(hours=73))
    assert "You can sign in again soon" in text_of(lose(citizen, account))


def test_sessions_are_listed_and_ended(signed_in: Citizen, account: Account) -> None:
    other = Citizen(signed_in.codes)
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
    other.browser.defaults["HTTP_USER_AGENT"] = agent
    other.sign_in(account.email)
    shown = text_of(signed_in.browser.get("/account/sessions"))
    assert "Firefox on Linux" in shown
    signed_in.post("/account/sessions", which="others")
    assert other.browser.get("/account")["Location"] == "/sign-in"
    assert signed_in.browser.get("/account/sessions").status_code == 200
    assert signed_in.post("/account/sessions", which="all")["Location"] == "/account/signed-out"
    assert not BrowserSession.objects.filter(account=account).exists()


def test_activity_is_shown_to_its_own_citizen(
    signed_in: Citizen, account: Account, make_account: Callable[..., Account]
) -> None:
    change_password(signed_in, OTHER_PASSWORD)
    assert "Password changed" in text_of(signed_in.browser.get("/account/activity"))
    other = Citizen(signed_in.codes)
    other.enter(make_account("other@example.org"))
    assert "Password changed" not in text_of(other.browser.get("/account/activity"))


def test_deleting_the_account(
    signed_in: Citizen, account: Account, notices: list[tuple[str, str]], client_row: Any
) -> None:
    from gaap_identity.services.checks import prove_with_persona

    prove_with_persona(account, service=client_row.service, persona="harriet")
    signed_in.browser.get("/account/delete")
    assert Account.objects.exists()
    assert signed_in.post("/account/delete")["Location"] == "/account/signed-out"
    assert not Account.objects.exists()
    assert not CoreIdentity.objects.exists()
    assert notices == [("account_deleted", "harriet@example.org")]
    assert OutboxEvent.objects.filter(name="account_deleted").count() == 1


def test_breached_passwords_are_found_where_they_lie(tmp_path: Path) -> None:
    breached = [f"password {number}" for number in range(257)]
    digests = sorted(hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper() for text in breached)
    path = tmp_path / "breached.txt"
    path.write_text("".join(f"{digest}:{number}\r\n" for number, digest in enumerate(digests)), encoding="ascii")
    assert all(is_breached(text, path=path) for text in breached)
    assert not any(is_breached(f"another {number}", path=path) for number in range(257))
    path.write_text("", encoding="ascii")
    assert not is_breached("password 1", path=path)


def test_a_breached_password_is_refused(signed_in: Citizen, tmp_path: Path, settings: Any) -> None:
    path = tmp_path / "breached.txt"
    path.write_text(
        hashlib.sha1(OTHER_PASSWORD.encode(), usedforsecurity=False).hexdigest().upper() + ":3\n", encoding="ascii"
    )
    settings.GAAP_IDENTITY = {"BREACHED_PASSWORDS_FILE": str(path)}
    assert "stolen data" in text_of(change_password(signed_in, OTHER_PASSWORD))
    assert signed_in.post("/account/password", password=OTHER_PASSWORD + "!")["Location"] == "/account"
