"""Signing in, page by page."""

from typing import Any

import pytest
from django.apps import apps

from gaap.audit.models import AuditEvent
from gaap_identity.models import BrowserSession, TryCounter
from gaap_identity.models.browsers import token_digest
from tests.identity.people import PASSWORD, Citizen, RelyingParty, answer_of, text_of

pytestmark = pytest.mark.django_db

WRONG = "The email address or the password is wrong"


def test_password_then_code(citizen: Citizen, account: Any) -> None:
    assert citizen.post("/sign-in/password", email=account.email, password=PASSWORD)["Location"] == "/sign-in/code"
    assert (citizen.codes[-1].channel, citizen.codes[-1].recipient) == ("sms", account.phone)
    page = text_of(citizen.browser.get("/sign-in/code"))
    assert "ending in 0123" in page
    assert account.phone not in page
    assert citizen.post("/sign-in/code", code=citizen.codes[-1].code)["Location"] == "/account"
    assert AuditEvent.objects.filter(action="citizen_signed_in", actor_id=str(account.pk)).count() == 1


def test_the_password_alone_opens_nothing(citizen: Citizen, account: Any) -> None:
    citizen.post("/sign-in/password", email=account.email, password=PASSWORD)
    assert citizen.browser.get("/account")["Location"] == "/sign-in"


def test_the_password_is_enough_where_the_service_says_so(citizen: Citizen, account: Any, rp: RelyingParty) -> None:
    citizen.browser.get(rp.authorize_path(vtr='["Cl"]'))
    response = citizen.post("/sign-in/password", email=account.email, password=PASSWORD)
    assert "code" in answer_of(response)
    assert citizen.codes == []
    assert citizen.browser.get("/account")["Location"] == "/sign-in"


def test_back_to_the_service_after_the_code(citizen: Citizen, account: Any, rp: RelyingParty) -> None:
    citizen.browser.get(rp.authorize_path())
    response = citizen.sign_in(account.email)
    assert answer_of(response)["state"] == rp.state


def test_a_sign_in_is_finished_once(citizen: Citizen, account: Any, rp: RelyingParty) -> None:
    citizen.browser.get(rp.authorize_path())
    citizen.sign_in(account.email)
    assert citizen.sign_in(account.email)["Location"] == "/account"


@pytest.mark.parametrize("email", ["harriet@example.org", "nobody@example.org"])
def test_a_wrong_password_says_nothing_about_the_account(citizen: Citizen, account: Any, email: str) -> None:
    response = citizen.post("/sign-in/password", email=email, password="not the password")
    page = text_of(response)
    assert response.status_code == 200
    assert WRONG in page
    assert "not the password" not in response.content.decode()


@pytest.mark.parametrize("email", ["harriet@example.org", "nobody@example.org"])
def test_six_wrong_passwords_close_the_door(citizen: Citizen, account: Any, email: str) -> None:
    for _ in range(6):
        assert citizen.post("/sign-in/password", email=email, password="not the password").status_code == 200
    assert citizen.post("/sign-in/password", email=email, password=PASSWORD).status_code == 429


def test_the_door_opens_again(citizen: Citizen, account: Any) -> None:
    from gaap.clock import now

    for _ in range(7):
        citizen.post("/sign-in/password", email=account.email, password="not the password")
    assert citizen.post("/sign-in/password", email=account.email, password=PASSWORD).status_code == 429
    TryCounter.objects.update(expires_at=now())
    assert citizen.post("/sign-in/password", email=account.email, password=PASSWORD).status_code == 302


def test_the_right_password_forgets_the_wrong_ones(citizen: Citizen, account: Any) -> None:
    for _ in range(3):
        for _ in range(5):
            citizen.post("/sign-in/password", email=account.email, password="not the password")
        assert citizen.post("/sign-in/password", email=account.email, password=PASSWORD).status_code == 302


def test_a_composed_and_a_decomposed_password_are_one(citizen: Citizen) -> None:
    citizen.create_account("ngoc@example.org", password="mật khẩu rất dài")
    import unicodedata

    decomposed = unicodedata.normalize("NFD", "mật khẩu rất dài")
    response = Citizen(citizen.codes).post("/sign-in/password", email="ngoc@example.org", password=decomposed)
    assert response["Location"] == "/sign-in/code"


def test_a_new_code(citizen: Citizen, account: Any) -> None:
    citizen.post("/sign-in/password", email=account.email, password=PASSWORD)
    assert "Get a new security code" in text_of(citizen.browser.get("/sign-in/new-code"))
    assert citizen.post("/sign-in/new-code")["Location"] == "/sign-in/code"
    assert len(citizen.codes) == 2
    assert citizen.post("/sign-in/code", code=citizen.codes[-1].code)["Location"] == "/account"


@pytest.mark.parametrize("path", ["/sign-in/code", "/sign-in/new-code"])
def test_no_code_without_the_password(citizen: Citizen, path: str) -> None:
    assert citizen.browser.get(path)["Location"] == "/sign-in/password"
    assert citizen.post(path, code="123456")["Location"] == "/sign-in/password"
    assert citizen.codes == []


def test_signing_in_changes_the_token(citizen: Citizen, account: Any) -> None:
    citizen.post("/sign-in/password", email=account.email, password=PASSWORD)
    before = citizen.browser.cookies["gaap_citizen"].value
    citizen.post("/sign-in/code", code=citizen.codes[-1].code)
    after = citizen.browser.cookies["gaap_citizen"].value
    assert before != after
    citizen.browser.cookies["gaap_citizen"] = before
    assert citizen.browser.get("/account")["Location"] == "/sign-in"


def test_a_token_that_somebody_planted_becomes_nobodys(citizen: Citizen, account: Any) -> None:
    citizen.browser.cookies["gaap_citizen"] = "planted"
    citizen.sign_in(account.email)
    assert citizen.browser.cookies["gaap_citizen"].value != "planted"
    assert not BrowserSession.objects.filter(token_digest=token_digest("planted")).exists()


def test_the_cookie(citizen: Citizen, account: Any) -> None:
    citizen.post("/sign-in/password", email=account.email, password=PASSWORD)
    cookie = citizen.browser.cookies["gaap_citizen"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["expires"]
    stored = list(BrowserSession.objects.values_list("token_digest", flat=True))
    assert cookie.value not in stored


def test_a_visit_alone_stores_nothing(citizen: Citizen) -> None:
    response = citizen.browser.get("/sign-in")
    assert response.status_code == 200
    assert "gaap_citizen" not in response.cookies
    assert not BrowserSession.objects.exists()


def test_a_session_ends_an_hour_after_the_last_page(signed_in: Citizen, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from gaap.clock import now

    moment = now()
    for minutes, status in ((50, 200), (100, 200), (159, 200), (221, 302)):
        later = moment + timedelta(minutes=minutes)
        for place in ("models.browsers", "services.sessions"):
            monkeypatch.setattr(f"gaap_identity.{place}.now", lambda later=later: later)
        assert signed_in.browser.get("/account").status_code == status


def test_signing_out(signed_in: Citizen) -> None:
    token = signed_in.browser.cookies["gaap_citizen"].value
    assert signed_in.browser.get("/account/sign-out").status_code == 405
    assert signed_in.post("/account/sign-out")["Location"] == "/account/signed-out"
    signed_in.browser.cookies["gaap_citizen"] = token
    assert signed_in.browser.get("/account")["Location"] == "/sign-in"


def test_citizens_and_staff_are_strangers_to_each_other(signed_in: Citizen, operator_client: Any) -> None:
    assert signed_in.browser.get("/admin/").status_code == 302
    assert operator_client.get("/account")["Location"] == "/sign-in"


def test_forms_need_their_csrf_token(account: Any) -> None:
    from django.test import Client as Browser

    browser = Browser(enforce_csrf_checks=True)
    response = browser.post("/sign-in/password", {"email": account.email, "password": PASSWORD})
    assert response.status_code == 403


def test_without_notify_it_is_said_clearly(citizen: Citizen, account: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(apps, "is_installed", lambda name: name != "gaap_notify")
    response = citizen.post("/sign-in/password", email=account.email, password=PASSWORD)
    assert response.status_code == 503
    assert "We cannot send security codes at the moment" in text_of(response)


def test_pages_are_not_cached_and_lead_to_the_service_only(citizen: Citizen, rp: RelyingParty) -> None:
    citizen.browser.get(rp.authorize_path())
    response = citizen.browser.get("/sign-in/password")
    assert "no-store" in response["Cache-Control"]
    assert "https://renew.transport.example" in response["Content-Security-Policy"]
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "Renew" in text_of(response) or "Report a pothole" in text_of(response)
