"""``/logout``: who is signed out, and where they are sent (contract A.7)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from gaap.clock import now
from gaap_identity.models import BrowserSession
from tests.identity.people import Citizen, RelyingParty, answer_of, post_form

pytestmark = pytest.mark.django_db

BYE = "https://renew.transport.example/bye"


@pytest.fixture
def hint(signed_in: Citizen, rp: RelyingParty) -> str:
    """An ID token of the signed-in citizen."""
    code = answer_of(signed_in.browser.get(rp.authorize_path()))["code"]
    return str(post_form(signed_in.browser, "/token", rp.token_form(code)).json()["id_token"])


def log_out(citizen: Citizen, **values: str) -> str:
    response = citizen.browser.get(f"/logout?{urlencode(values)}")
    assert response.status_code == 302
    return str(response["Location"])


def errors_of(location: str) -> dict[str, list[str]]:
    assert urlsplit(location).path == "/account/signed-out"
    return parse_qs(urlsplit(location).query)


def test_back_to_the_service(signed_in: Citizen, hint: str, account: Any) -> None:
    assert log_out(signed_in, id_token_hint=hint, post_logout_redirect_uri=BYE, state="s 1") == BYE + "?state=s+1"
    assert not BrowserSession.objects.filter(account=account).exists()
    assert signed_in.browser.get("/account")["Location"] == "/sign-in"


def test_every_browser_is_signed_out(signed_in: Citizen, hint: str, account: Any) -> None:
    elsewhere = Citizen(signed_in.codes)
    elsewhere.enter(account)
    log_out(signed_in, id_token_hint=hint)
    assert elsewhere.browser.get("/account")["Location"] == "/sign-in"


def test_the_hint_alone_is_enough(signed_in: Citizen, hint: str, account: Any) -> None:
    signed_in.browser.cookies.clear()
    assert log_out(signed_in, id_token_hint=hint, post_logout_redirect_uri=BYE) == BYE
    assert not BrowserSession.objects.filter(account=account).exists()


def test_an_expired_hint_will_do(signed_in: Citizen, rp: RelyingParty, monkeypatch: pytest.MonkeyPatch) -> None:
    code = answer_of(signed_in.browser.get(rp.authorize_path()))["code"]
    long_ago = now() - timedelta(days=1)
    monkeypatch.setattr("gaap_identity.services.tokens.now", lambda: long_ago)
    hint = post_form(signed_in.browser, "/token", rp.token_form(code)).json()["id_token"]
    assert log_out(signed_in, id_token_hint=hint, post_logout_redirect_uri=BYE) == BYE


def test_without_anything_our_own_page(signed_in: Citizen, account: Any) -> None:
    assert errors_of(log_out(signed_in)) == {}
    assert not BrowserSession.objects.filter(account=account).exists()


def test_no_open_redirect(signed_in: Citizen, hint: str) -> None:
    assert errors_of(log_out(signed_in, post_logout_redirect_uri=BYE)) == {}
    for address in ("https://elsewhere.example/", BYE + "/", BYE + "?a=1", "//elsewhere.example"):
        errors = errors_of(log_out(signed_in, id_token_hint=hint, post_logout_redirect_uri=address))
        assert errors["error_code"] == ["invalid_request"]


@pytest.mark.parametrize("bad", ["nonsense", "a.b.c", ""])
def test_a_hint_that_we_did_not_sign(signed_in: Citizen, hint: str, account: Any, bad: str) -> None:
    forged = bad or hint[:-4] + "AAAA"
    errors = errors_of(log_out(signed_in, id_token_hint=forged, post_logout_redirect_uri=BYE))
    assert errors == {"error_code": ["invalid_request"], "error_description": ["unable to validate id_token_hint"]}
    assert not BrowserSession.objects.filter(account=account).exists()


def test_a_client_that_is_gone(signed_in: Citizen, hint: str, client_row: Any, make_client: Callable[..., Any]) -> None:
    type(client_row).objects.update(client_id="renamed")
    errors = errors_of(log_out(signed_in, id_token_hint=hint))
    assert errors == {"error_code": ["unauthorized_client"], "error_description": ["client not found"]}


def test_the_page_says_so(citizen: Citizen) -> None:
    assert "You are signed out" in citizen.browser.get("/account/signed-out").content.decode()
