"""``/token``: what is given for a code, to whom, and once (contract A.4 and A.5)."""

import base64
import hashlib
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from gaap.clock import now
from tests.identity.conftest import EC, RSA
from tests.identity.people import Citizen, RelyingParty, answer_of, post_form, read_token

pytestmark = pytest.mark.django_db

STRANGER = RSAKey.generate_key(2048)
SIGNATURE = "Invalid signature in private_key_jwt"


@pytest.fixture
def code(signed_in: Citizen, rp: RelyingParty) -> str:
    """A fresh authorization code."""
    return answer_of(signed_in.browser.get(rp.authorize_path()))["code"]


def ask(citizen: Citizen, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    response = post_form(citizen.browser, "/token", form)
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    return response.status_code, response.json()


def test_the_answer(signed_in: Citizen, rp: RelyingParty, code: str) -> None:
    status, answer = ask(signed_in, rp.token_form(code))
    assert status == 200
    assert answer.keys() >= {"access_token", "id_token", "expires_in", "token_type"}
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 180)
    assert "refresh_token" not in answer


def test_the_id_token(signed_in: Citizen, rp: RelyingParty, code: str, account: Any) -> None:
    _, answer = ask(signed_in, rp.token_form(code))
    token = read_token(answer["id_token"], signed_in.browser.get("/.well-known/jwks.json").json())
    half = hashlib.sha256(answer["access_token"].encode()).digest()[:16]
    assert token.header["alg"] == "ES256"
    assert token.claims["iss"] == rp.issuer
    assert token.claims["aud"] == rp.client_id
    assert token.claims["nonce"] == rp.nonce
    assert token.claims["vot"] == "Cl.Cm"
    assert token.claims["vtm"] == rp.issuer + "trustmark"
    assert token.claims["exp"] - token.claims["iat"] == 120
    assert abs(token.claims["auth_time"] - time.time()) < 60
    assert token.claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert token.claims["sub"].startswith("urn:fdc:gaap.example:2026:")
    assert account.subject not in token.claims["sub"]


def test_the_access_token_is_a_jwt(signed_in: Citizen, rp: RelyingParty, code: str) -> None:
    _, answer = ask(signed_in, rp.token_form(code))
    keys = signed_in.browser.get("/.well-known/jwks.json").json()
    access, identity = read_token(answer["access_token"], keys), read_token(answer["id_token"], keys)
    assert access.claims["exp"] - access.claims["iat"] == 180
    assert access.claims["client_id"] == rp.client_id
    assert access.claims["scope"] == ["openid", "email", "phone"]
    assert access.claims["claims"] == []
    assert access.claims["sid"] == identity.claims["sid"]
    assert access.claims["sub"] == identity.claims["sub"]


def test_rs256_for_a_client_that_wants_it(
    signed_in: Citizen, rp: RelyingParty, make_client: Callable[..., Any]
) -> None:
    make_client(algorithm="RS256")
    code = answer_of(signed_in.browser.get(rp.authorize_path()))["code"]
    _, answer = ask(signed_in, rp.token_form(code))
    keys = signed_in.browser.get("/.well-known/jwks.json").json()
    assert read_token(answer["id_token"], keys).header["alg"] == "RS256"
    assert read_token(answer["access_token"], keys).header["alg"] == "RS256"


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
def test_every_rsa_algorithm_is_taken(signed_in: Citizen, rp: RelyingParty, code: str, algorithm: str) -> None:
    rp.algorithm = algorithm
    assert ask(signed_in, rp.token_form(code))[0] == 200


def test_es256_assertions_are_taken(signed_in: Citizen, rp: RelyingParty, make_client: Callable[..., Any]) -> None:
    make_client(public_key=EC.as_pem(private=False).decode())
    rp.key, rp.algorithm = EC, "ES256"
    code = answer_of(signed_in.browser.get(rp.authorize_path()))["code"]
    assert ask(signed_in, rp.token_form(code))[0] == 200


@pytest.mark.parametrize("audience", ["http://127.0.0.1:8000/", ["http://127.0.0.1:8000/token"]])
def test_both_audiences_are_taken(signed_in: Citizen, rp: RelyingParty, code: str, audience: Any) -> None:
    assert ask(signed_in, rp.token_form(code, client_assertion=rp.assertion(aud=audience)))[0] == 200


def test_an_assertion_without_jti_is_taken_once(signed_in: Citizen, rp: RelyingParty, code: str) -> None:
    assertion = rp.assertion(jti=None)
    assert ask(signed_in, rp.token_form(code, client_assertion=assertion))[0] == 200
    status, answer = ask(signed_in, rp.token_form(code, client_assertion=assertion))
    assert (status, answer["error_description"]) == (400, "private_key_jwt was used before")


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_an_assertion_is_taken_once(signed_in: Citizen, rp: RelyingParty, code: str) -> None:
    assertion = rp.assertion()
    assert ask(signed_in, rp.token_form(code, client_assertion=assertion))[0] == 200
    status, answer = ask(signed_in, rp.token_form("another", client_assertion=assertion))
    assert (status, answer["error"]) == (400, "invalid_client")


def test_a_client_that_is_switched_off(
    signed_in: Citizen, rp: RelyingParty, code: str, make_client: Callable[..., Any]
) -> None:
    make_client(is_active=False)
    status, answer = ask(signed_in, rp.token_form(code))
    assert (status, answer["error"]) == (400, "unauthorized_client")


def test_a_replayed_code_takes_back_what_it_gave(signed_in: Citizen, rp: RelyingParty, code: str) -> None:
    _, answer = ask(signed_in, rp.token_form(code))
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    assert signed_in.browser.get("/userinfo", headers=bearer).status_code == 200
    status, refusal = ask(signed_in, rp.token_form(code))
    assert (status, refusal["error"]) == (400, "invalid_grant")
    assert signed_in.browser.get("/userinfo", headers=bearer).status_code == 401


def test_a_code_lasts_five_minutes(
    signed_in: Citizen, rp: RelyingParty, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = now() + timedelta(seconds=301)
    monkeypatch.setattr("gaap_identity.services.oauth.now", lambda: later)
    status, answer = ask(signed_in, rp.token_form(code))
    assert (status, answer["error"]) == (400, "invalid_grant")


def test_a_code_is_for_the_client_that_asked(
    signed_in: Citizen, rp: RelyingParty, code: str, make_client: Callable[..., Any]
) -> None:
    make_client("another")
    other = RelyingParty("another", RSA)
    assert ask(signed_in, other.token_form(code))[1]["error"] == "invalid_grant"
    assert ask(signed_in, rp.token_form(code))[0] == 200


def test_pkce(signed_in: Citizen, rp: RelyingParty) -> None:
    path = rp.authorize_path(code_challenge=rp.challenge, code_challenge_method="S256")
    for verifier, status in ((None, 400), ("w" * 50, 400), (rp.verifier, 200)):
        code = answer_of(signed_in.browser.get(path))["code"]
        answered, answer = ask(signed_in, rp.token_form(code, code_verifier=verifier))
        assert answered == status
        assert answer.get("error") == (None if status == 200 else "invalid_grant")


def test_a_secret_instead_of_a_key(signed_in: Citizen, make_client: Callable[..., Any]) -> None:
    make_client("by-secret", secret="a secret of some length")
    rp = RelyingParty("by-secret", RSA)

    def form(secret: str) -> dict[str, str]:
        code = answer_of(signed_in.browser.get(rp.authorize_path()))["code"]
        nothing = {"client_assertion": None, "client_assertion_type": None}
        return rp.token_form(code, client_id="by-secret", client_secret=secret, **nothing)

    assert ask(signed_in, form("a secret of some length"))[0] == 200
    assert ask(signed_in, form("a secret of some lengths"))[1]["error"] == "invalid_client"


def test_a_secret_does_not_open_a_client_with_a_key(signed_in: Citizen, rp: RelyingParty, code: str) -> None:
    form = rp.token_form(code, client_assertion=None, client_assertion_type=None, client_id=rp.client_id)
    assert ask(signed_in, {**form, "client_secret": ""})[1]["error"] == "invalid_request"
    assert ask(signed_in, {**form, "client_secret": "x"})[1]["error"] == "invalid_client"


def test_a_key_does_not_open_a_client_with_a_secret(signed_in: Citizen, make_client: Callable[..., Any]) -> None:
    make_client("by-secret", secret="a secret of some length")
    rp = RelyingParty("by-secret", RSA)
    code = answer_of(signed_in.browser.get(rp.authorize_path()))["code"]
    assert ask(signed_in, rp.token_form(code))[1]["error"] == "invalid_client"


def test_only_forms_are_posted(signed_in: Citizen, rp: RelyingParty, code: str) -> None:
    assert signed_in.browser.get("/token").status_code == 405
    response = signed_in.browser.post("/token", json.dumps(rp.token_form(code)), content_type="application/json")
    assert response.json()["error"] == "invalid_request"


@pytest.mark.parametrize("query", ["?x", "?code=1", "?grant_type=authorization_code&%zz"])
def test_nothing_is_taken_from_the_address(signed_in: Citizen, rp: RelyingParty, code: str, query: str) -> None:
    response = post_form(signed_in.browser, f"/token{query}", rp.token_form(code))
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("client_id", ["a\0b", "ngọc", "\ud800", "x" * 300])
def test_ids_that_no_client_can_have(signed_in: Citizen, rp: RelyingParty, code: str, client_id: str) -> None:
    claims = json.dumps({"iss": client_id, "sub": client_id}).encode()
    assertion = f"{base64url(b'{}')}.{base64url(claims)}.AAAA"
    assert ask(signed_in, rp.token_form(code, client_assertion=assertion))[0] == 401
    if client_id.isprintable():
        nothing = {"client_assertion": None, "client_assertion_type": None}
        form = rp.token_form(code, client_id=client_id, client_secret="x", **nothing)
        assert ask(signed_in, form)[0] == 401


def test_neither_code_nor_token_is_stored_readable(signed_in: Citizen, rp: RelyingParty, code: str) -> None:
    from gaap_identity.models import AccessToken, AuthorizationCode

    _, answer = ask(signed_in, rp.token_form(code))
    stored = repr([*AuthorizationCode.objects.values(), *AccessToken.objects.values()])
    assert code not in stored
    assert answer["access_token"] not in stored
