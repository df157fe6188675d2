"""What somebody who means harm would try, from outside over HTTP."""

import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from gaap_identity.jose import base64url
from tests.identity.conftest import RSA
from tests.identity.people import PASSWORD, REDIRECT_URI, RelyingParty, SentCode
from tests.identity.world import World

pytestmark = pytest.mark.django_db

EMAIL = "harriet@example.org"
SECOND_ADDRESS = "https://renew.transport.example/second"
STRANGER = RSAKey.generate_key(2048)


@pytest.fixture
def rp(world: World) -> RelyingParty:
    """The service that is attacked."""
    return world.rp("renew-vehicle")


def claims_of(rp: RelyingParty, **changes: Any) -> dict[str, Any]:
    usual = {"iss": rp.client_id, "sub": rp.client_id, "aud": rp.issuer, "exp": int(time.time()) + 300, "jti": "j"}
    return {**usual, **changes}


def unsigned(claims: dict[str, Any], *, header: dict[str, Any] | None = None) -> str:
    parts = (json.dumps(part).encode() for part in (header or {"alg": "none"}, claims))
    return ".".join([*map(base64url, parts), ""])


def confused(claims: dict[str, Any], *, algorithm: str = "HS256") -> str:
    """Sign with the service's public key as if it were a shared secret."""
    text = unsigned(claims, header={"alg": algorithm}).rstrip(".")
    return f"{text}.{base64url(hmac.digest(RSA.as_pem(private=False), text.encode(), 'sha256'))}"


def test_a_code_that_is_replayed_takes_back_what_it_gave(world: World, rp: RelyingParty) -> None:
    code = world.code(rp)
    stolen = world.redeem(rp, code).json()["access_token"]
    assert world.told(stolen).status_code == 200
    assert world.redeem(rp, code).json()["error"] == "invalid_grant"
    assert world.told(stolen).status_code == 401


def test_a_code_sent_to_one_address_is_not_redeemed_with_another(world: World, rp: RelyingParty) -> None:
    world.register("renew-vehicle", redirect_uris=f"{REDIRECT_URI} {SECOND_ADDRESS}")
    answer = world.redeem(rp, world.code(rp), redirect_uri=SECOND_ADDRESS)
    assert (answer.status_code, answer.json()["error_description"]) == (400, "Invalid redirect URI")


def test_a_code_is_not_redeemed_by_another_client(world: World, rp: RelyingParty) -> None:
    code = world.code(rp)
    assert world.redeem(world.rp("with-max-age"), code).json()["error"] == "invalid_grant"
    assert world.redeem(rp, code).status_code == 200, "and the attempt does not use it up"


@pytest.mark.parametrize(
    "forge",
    [
        unsigned,
        confused,
        lambda claims: unsigned(claims, header={"alg": "NONE"}) + "AAAA",
        lambda claims: unsigned(claims, header={}),
        lambda claims: jwt.encode({"alg": "RS256"}, claims, STRANGER, algorithms=["RS256"]),
        lambda claims: jwt.encode(
            {"alg": "RS256", "jwk": STRANGER.as_dict(private=False)}, claims, STRANGER, algorithms=["RS256"]
        ),
        lambda claims: jwt.encode(
            {"alg": "RS256", "jku": "https://elsewhere.example/jwks"}, claims, STRANGER, algorithms=["RS256"]
        ),
        lambda claims: jwt.encode({"alg": "ES256"}, claims, ECKey.generate_key("P-256"), algorithms=["ES256"]),
    ],
)
def test_forged_assertions(world: World, rp: RelyingParty, forge: Callable[[dict[str, Any]], str]) -> None:
    answer = world.redeem(rp, world.code(rp), client_assertion=forge(claims_of(rp)))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


@pytest.mark.parametrize(
    ("changes", "description"),
    [
        ({"exp": 1}, "private_key_jwt has expired"),
        ({"nbf": 10**10}, "private_key_jwt is not valid yet"),
        ({"iat": 10**10}, "private_key_jwt is not valid yet"),
    ],
)
def test_assertions_out_of_time(world: World, rp: RelyingParty, changes: dict[str, Any], description: str) -> None:
    answer = world.redeem(rp, world.code(rp), client_assertion=rp.assertion(**changes))
    assert (answer.status_code, answer.json()["error_description"]) == (400, description)


def test_an_assertion_is_good_once(world: World, rp: RelyingParty) -> None:
    assertion = rp.assertion(jti="the same")
    assert world.redeem(rp, world.code(rp), client_assertion=assertion).status_code == 200
    answer = world.redeem(rp, world.code(rp), client_assertion=assertion)
    assert (answer.status_code, answer.json()["error_description"]) == (400, "private_key_jwt was used before")


def test_an_assertion_is_no_request_object(world: World, rp: RelyingParty) -> None:
    """A token that proves the client, taken from a log say, must not become a request (RFC 9101, 10.8)."""
    response = world.signed_in.get(rp.jar_path(rp.assertion(aud=rp.issuer)))
    assert (response.status_code, "Location" in response.headers) == (400, False)
    swapped = world.answer(world.signed_in.get(rp.jar_path(sub=rp.client_id)))
    assert swapped["error"] == "invalid_request_object"


def test_a_request_object_is_no_assertion(world: World, rp: RelyingParty) -> None:
    answer = world.redeem(rp, world.code(rp), client_assertion=rp.request_object())
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_an_id_token_opens_nothing_and_an_access_token_hints_at_nobody(world: World, rp: RelyingParty) -> None:
    tokens = world.tokens(rp)
    assert world.told(tokens["id_token"]).status_code == 401
    answer = world.answer(world.signed_in.get(rp.jar_path(id_token_hint=tokens["access_token"])))
    assert answer["error"] == "invalid_request"


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "https://renew.transport.example.elsewhere.example/bye",
        "https://renew.transport.example@elsewhere.example/bye",
        "https://renew.transport.example/bye/../..//elsewhere.example",
        "https:elsewhere.example",
        "javascript:alert(1)",
        "\\\\elsewhere.example",
        "https://renew.transport.example/bye\r\nSet-Cookie: x=1",
    ],
)
def test_no_open_redirect_on_logout(world: World, rp: RelyingParty, address: str) -> None:
    hint = world.tokens(rp)["id_token"]
    query = urlencode({"id_token_hint": hint, "post_logout_redirect_uri": address})
    response = world.anonymous.get(f"/logout?{query}")
    target = urlsplit(response.headers["Location"])
    assert (target.netloc, target.path) == ("", "/account/signed-out")
    assert "x" not in response.cookies


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/callback",
        "https://renew.transport.example/callback/../elsewhere",
        "https://renew.transport.example/callback%2f..",
        "https://renew.transport.example:443/callback",
        "https://user@renew.transport.example/callback",
        "http://renew.transport.example/callback",
        f"{REDIRECT_URI} https://elsewhere.example",
        f"{REDIRECT_URI}\r\nSet-Cookie: x=1",
    ],
)
def test_no_open_redirect_at_authorize(world: World, rp: RelyingParty, address: str) -> None:
    response = world.signed_in.get(rp.authorize_path(redirect_uri=address))
    assert (response.status_code, "Location" in response.headers) == (400, False)


def test_a_parameter_given_twice_cannot_say_two_things(world: World, rp: RelyingParty) -> None:
    twice = rp.authorize_path() + "&" + urlencode({"redirect_uri": SECOND_ADDRESS})
    assert world.signed_in.get(twice).status_code == 400


def test_state_cannot_split_the_answer(world: World, rp: RelyingParty) -> None:
    state = "a\r\nSet-Cookie: x=1\r\n\r\n<script>"
    response = world.signed_in.get(rp.authorize_path(state=state))
    assert world.answer(response)["state"] == state
    assert "x" not in response.cookies


@pytest.mark.parametrize(
    "page", ["/prove-identity", "/prove-identity/result", "/account/sign-out", "/sign-in/password"]
)
def test_another_site_cannot_press_the_citizens_buttons(world: World, rp: RelyingParty, page: str) -> None:
    world.signed_in.get(rp.authorize_path(vtr='["Cl.Cm.P2"]'))
    forged = world.signed_in.post(
        page, data={"csrfmiddlewaretoken": "x"}, headers={"Origin": "https://elsewhere.example"}
    )
    assert forged.status_code == 403
    assert "code" in world.answer(world.signed_in.get(rp.authorize_path())), "and the citizen is still signed in"


def test_a_session_that_was_planted_is_not_the_one_that_is_signed_in(
    world: World, rp: RelyingParty, codes: list[SentCode]
) -> None:
    with httpx.Client(base_url=world.root, timeout=30) as attacker, httpx.Client(base_url=world.root) as victim:
        attacker.get(rp.authorize_path())
        planted = attacker.cookies["gaap_citizen"]
        victim.cookies.set("gaap_citizen", planted)
        post_page(victim, "/sign-in/password", email=EMAIL, password=PASSWORD)
        post_page(victim, "/sign-in/code", code=codes[-1].code)
        assert victim.cookies.get("gaap_citizen", domain=urlsplit(world.root).hostname) != planted
        assert attacker.get("/account").headers["Location"] == "/sign-in"
        assert attacker.get(rp.authorize_path(prompt="none")).headers["Location"].count("login_required") == 1


def post_page(browser: httpx.Client, page: str, **values: str) -> httpx.Response:
    """Fill in a form as a browser does."""
    html = browser.get(page).text
    token = html.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    return browser.post(page, data={"csrfmiddlewaretoken": token, **values})


@pytest.mark.parametrize(
    "page", ["/sign-in", "/sign-in/password", "/sign-in/create", "/account", "/account/signed-out"]
)
def test_no_page_can_be_framed(world: World, page: str) -> None:
    response = world.signed_in.get(page)
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


def test_the_cookie_is_out_of_reach(world: World, rp: RelyingParty) -> None:
    cookie = world.anonymous.get(rp.authorize_path()).headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_another_clients_logout_hint_does_not_lead_to_this_ones_address(world: World, rp: RelyingParty) -> None:
    hint = world.tokens(world.rp("with-max-age"))["id_token"]
    response = world.anonymous.get("/logout", params={"id_token_hint": hint, "client_id": rp.client_id})
    assert urlsplit(response.headers["Location"]).path == "/account/signed-out"


def test_pkce_cannot_be_left_out_afterwards(world: World, rp: RelyingParty) -> None:
    code = world.code(rp, code_challenge=rp.challenge, code_challenge_method="S256")
    assert world.redeem(rp, code).json()["error"] == "invalid_grant"


def test_another_sector_sees_another_person(world: World, rp: RelyingParty) -> None:
    world.register("elsewhere", sector_identifier="https://www.health.example/ids.json")
    world.register("neighbour", sector_identifier="renew.transport.example")
    subjects = {
        name: world.told(world.tokens(world.rp(name))["access_token"]).json()["sub"]
        for name in (rp.client_id, "elsewhere", "neighbour")
    }
    assert subjects[rp.client_id] == subjects["neighbour"] != subjects["elsewhere"]


@pytest.mark.parametrize("body", ["%", "code=%ff%fe", "=&=&=", "grant_type=authorization_code&" * 50, "\0"])
def test_rubbish_is_never_a_500(world: World, body: str) -> None:
    for path in ("/token", "/par", "/userinfo", "/authorize", "/logout"):
        answer = world.anonymous.post(
            path, content=body.encode(), headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert answer.status_code < 500, path
        assert world.anonymous.get(f"{path}?{body}".replace("\0", "%00")).status_code < 500, path
