"""The Basic and Config provider profiles of OpenID Connect, checked from outside over HTTP.

Each check is named after what it looks at in the profile's test plan; the client follows the standard (ADR 0041).
"""

import base64
import hashlib
import re
import time
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.identity.conftest import RSA
from tests.identity.people import ASSERTION_TYPE, REDIRECT_URI, RelyingParty
from tests.identity.world import SECRET, World

pytestmark = pytest.mark.django_db

REQUIRED_METADATA = {
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "scopes_supported",
    "response_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "claims_supported",
}


@pytest.fixture
def rp(world: World) -> RelyingParty:
    """A client that follows the standard and wants RS256, as the profiles expect."""
    world.register("standard", is_standard=True, algorithm="RS256")
    return world.rp("standard")


def metadata_of(world: World) -> dict[str, Any]:
    return dict(world.anonymous.get("/.well-known/openid-configuration").json())


def keys_of(world: World) -> KeySet:
    return KeySet.import_key_set(world.anonymous.get(metadata_of(world)["jwks_uri"]).json())


def id_token(world: World, rp: RelyingParty, **asked: Any) -> dict[str, Any]:
    text = world.tokens(rp, **asked)["id_token"]
    return dict(jwt.decode(text, keys_of(world), algorithms=["RS256", "ES256"]).claims)


def test_config_issuer_matches_where_it_stands(world: World) -> None:
    assert metadata_of(world)["issuer"] == world.root


def test_config_required_metadata(world: World) -> None:
    assert metadata_of(world).keys() >= REQUIRED_METADATA


def test_config_is_json(world: World) -> None:
    response = world.anonymous.get("/.well-known/openid-configuration")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")


def test_config_endpoints_are_absolute_and_answer(world: World) -> None:
    for name, value in metadata_of(world).items():
        if name.endswith(("_endpoint", "_uri")):
            assert value.startswith(world.root), name
            assert world.anonymous.get(value).status_code < 500, name
            assert world.anonymous.get(value).status_code != 404, name


def test_config_scopes_hold_openid(world: World) -> None:
    assert "openid" in metadata_of(world)["scopes_supported"]


def test_config_claims_hold_sub(world: World) -> None:
    assert "sub" in metadata_of(world)["claims_supported"]


def test_config_response_types_hold_code(world: World) -> None:
    assert metadata_of(world)["response_types_supported"] == ["code"]


def test_config_id_tokens_can_be_rs256(world: World) -> None:
    algorithms = metadata_of(world)["id_token_signing_alg_values_supported"]
    assert "RS256" in algorithms
    assert "none" not in algorithms


def test_config_key_set_has_unique_public_signing_keys(world: World) -> None:
    keys = world.anonymous.get(metadata_of(world)["jwks_uri"]).json()["keys"]
    assert len({key["kid"] for key in keys}) == len(keys)
    assert {key["use"] for key in keys} == {"sig"}
    assert not any({"d", "p", "q", "k"} & set(key) for key in keys)
    assert {key["alg"] for key in keys} == set(metadata_of(world)["id_token_signing_alg_values_supported"])


def test_config_rsa_keys_are_long_enough(world: World) -> None:
    keys = world.anonymous.get(metadata_of(world)["jwks_uri"]).json()["keys"]
    moduli = [base64.urlsafe_b64decode(key["n"] + "==") for key in keys if key["kty"] == "RSA"]
    assert moduli
    assert all(len(modulus) >= 256 for modulus in moduli)


def test_config_request_uri_is_declared_unsupported_and_is(world: World, rp: RelyingParty) -> None:
    assert metadata_of(world)["request_uri_parameter_supported"] is False
    answer = world.answer(world.signed_in.get(rp.authorize_path(request_uri="https://x.example/r")))
    assert answer["error"] == "request_uri_not_supported"


def test_basic_code_flow(world: World, rp: RelyingParty) -> None:
    tokens = world.tokens(rp)
    assert tokens.keys() >= {"access_token", "token_type", "id_token"}
    assert tokens["token_type"].lower() == "bearer"


def test_basic_state_comes_back_unchanged(world: World, rp: RelyingParty) -> None:
    for state in ("s p a c e", "ä&=?#%41", "x" * 1000):
        answer = world.answer(world.signed_in.get(rp.authorize_path(state=state)))
        assert answer["state"] == state


def test_basic_response_type_missing(world: World, rp: RelyingParty) -> None:
    assert world.answer(world.signed_in.get(rp.authorize_path(response_type=None)))["error"] == "invalid_request"


def test_basic_id_token_claims(world: World, rp: RelyingParty) -> None:
    claims = id_token(world, rp)
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (world.root, rp.client_id, rp.nonce)
    assert 0 < len(claims["sub"]) <= 255
    assert claims["sub"].isascii()
    assert claims["iat"] <= time.time() + 1 < claims["exp"]


def test_basic_id_token_signature_names_its_key(world: World, rp: RelyingParty) -> None:
    token = jwt.decode(world.tokens(rp)["id_token"], keys_of(world), algorithms=["RS256"])
    assert token.header["alg"] == "RS256"
    assert token.header["kid"] in {key.kid for key in keys_of(world)}


def test_basic_at_hash(world: World, rp: RelyingParty) -> None:
    tokens = world.tokens(rp)
    claims = jwt.decode(tokens["id_token"], keys_of(world), algorithms=["RS256"]).claims
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def test_basic_without_nonce(world: World, rp: RelyingParty) -> None:
    assert "nonce" not in id_token(world, rp, nonce=None)


def test_basic_subject_is_the_same_each_time_and_at_userinfo(world: World, rp: RelyingParty) -> None:
    tokens = world.tokens(rp)
    subject = jwt.decode(tokens["id_token"], keys_of(world), algorithms=["RS256"]).claims["sub"]
    assert world.told(tokens["access_token"]).json()["sub"] == subject == id_token(world, rp)["sub"]


def test_basic_userinfo_get(world: World, rp: RelyingParty) -> None:
    response = world.told(world.tokens(rp)["access_token"])
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")


def test_basic_userinfo_post_header(world: World, rp: RelyingParty) -> None:
    bearer = {"Authorization": f"Bearer {world.tokens(rp)['access_token']}"}
    assert "sub" in world.anonymous.post("/userinfo", headers=bearer).json()


def test_basic_userinfo_post_body(world: World, rp: RelyingParty) -> None:
    token = world.tokens(rp)["access_token"]
    assert "sub" in world.anonymous.post("/userinfo", data={"access_token": token}).json()
    twice = world.anonymous.post(
        "/userinfo", data={"access_token": token}, headers={"Authorization": f"Bearer {token}"}
    )
    assert (twice.status_code, "invalid_request" in twice.headers["WWW-Authenticate"]) == (401, True)


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("openid email", {"sub", "email", "email_verified"}),
        ("openid phone", {"sub", "phone_number", "phone_number_verified"}),
        ("openid profile", {"sub"}),
        ("openid address", {"sub"}),
        ("email phone openid", {"sub", "email", "email_verified", "phone_number", "phone_number_verified"}),
    ],
)
def test_basic_scopes(world: World, rp: RelyingParty, scope: str, names: set[str]) -> None:
    assert world.told(world.tokens(rp, scope=scope)["access_token"]).json().keys() == names


@pytest.mark.parametrize(
    "extra",
    [
        {"display": "page"},
        {"display": "popup"},
        {"claims_locales": "se"},
        {"acr_values": "1 2"},
        {"ui_locales": "se"},
        {"login_hint": "harriet@example.org"},
        {"extra": "foobar"},
        {"claims": '{"userinfo": {"name": {"essential": true}}}'},
        {"claims": '{"id_token": {"auth_time": {"essential": true}}}'},
        {"max_age": "15000"},
    ],
)
def test_basic_parameters_that_must_not_stop_it(world: World, rp: RelyingParty, extra: dict[str, str]) -> None:
    assert id_token(world, rp, **extra)["aud"] == rp.client_id


def test_basic_prompt_none_signed_out(world: World, rp: RelyingParty) -> None:
    assert world.answer(world.anonymous.get(rp.authorize_path(prompt="none")))["error"] == "login_required"


def test_basic_prompt_none_signed_in(world: World, rp: RelyingParty) -> None:
    first, second = id_token(world, rp), id_token(world, rp, prompt="none")
    assert (first["sub"], first["auth_time"]) == (second["sub"], second["auth_time"])


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "0"}, {"prompt": "select_account"}])
def test_basic_signing_in_again(world: World, rp: RelyingParty, asked: dict[str, str]) -> None:
    response = world.signed_in.get(rp.authorize_path(**asked))
    assert response.headers["Location"] == "/sign-in"


def test_basic_auth_time_when_max_age_is_asked(world: World, rp: RelyingParty) -> None:
    assert time.time() - id_token(world, rp, max_age="10000")["auth_time"] < 60


def test_basic_id_token_hint(world: World, rp: RelyingParty) -> None:
    hint = world.tokens(rp)["id_token"]
    assert "code" in world.answer(world.signed_in.get(rp.authorize_path(prompt="none", id_token_hint=hint)))


def test_basic_unregistered_redirect_uri(world: World, rp: RelyingParty) -> None:
    response = world.signed_in.get(rp.authorize_path(redirect_uri=REDIRECT_URI + "?dummy1=lorem"))
    assert (response.status_code, "Location" in response.headers) == (400, False)


def test_basic_request_by_post(world: World, rp: RelyingParty) -> None:
    response = world.signed_in.post("/authorize", data=rp.parameters(), follow_redirects=False)
    assert (response.status_code, urlsplit(response.headers["Location"]).path) == (303, "/authorize")
    assert "code" in world.answer(world.signed_in.get(response.headers["Location"]))


def test_basic_post_is_refused_by_the_contract(world: World) -> None:
    rp = world.rp("renew-vehicle")
    assert world.signed_in.post("/authorize", data=rp.parameters()).status_code == 405


def test_basic_unsigned_request_object(world: World, rp: RelyingParty) -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(b'{"redirect_uri": "%s"}' % REDIRECT_URI.encode()).rstrip(b"=").decode()
    answer = world.answer(world.signed_in.get(rp.jar_path(f"{head}.{body}.")))
    assert answer["error"] == "invalid_request_object"


def test_basic_request_object_decides(world: World, rp: RelyingParty) -> None:
    values = {**rp.parameters(redirect_uri="https://elsewhere.example"), "request": rp.request_object()}
    response = world.signed_in.get(f"/authorize?{urlencode(values)}")
    assert response.headers["Location"].startswith(REDIRECT_URI)


def test_basic_code_is_good_once(world: World, rp: RelyingParty) -> None:
    code = world.code(rp)
    first = world.redeem(rp, code)
    again = world.redeem(rp, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert world.told(first.json()["access_token"]).status_code == 401


def test_basic_client_secret_post(world: World) -> None:
    rp = RelyingParty("by-secret", RSA, issuer=world.root)
    nothing = {"client_assertion": None, "client_assertion_type": None}
    answer = world.redeem(rp, world.code(rp), client_id="by-secret", client_secret=SECRET, **nothing)
    assert answer.status_code == 200


def test_basic_answer_in_the_fragment(world: World, rp: RelyingParty) -> None:
    location = world.signed_in.get(rp.authorize_path(response_mode="fragment")).headers["Location"]
    assert location.startswith(REDIRECT_URI + "#code=")
    assert dict(parse_qsl(urlsplit(location).fragment)).keys() == {"code", "state", "iss"}


def test_basic_token_answers_are_not_kept(world: World, rp: RelyingParty) -> None:
    answer = world.redeem(rp, world.code(rp))
    assert answer.headers["Cache-Control"] == "no-store"
    assert re.fullmatch(r"application/json(;.*)?", answer.headers["Content-Type"])


def test_basic_answers_name_the_issuer(world: World, rp: RelyingParty) -> None:
    assert metadata_of(world)["authorization_response_iss_parameter_supported"] is True
    assert world.answer(world.signed_in.get(rp.authorize_path()))["iss"] == world.root


def test_basic_pushed_request(world: World, rp: RelyingParty) -> None:
    form = {**rp.parameters(), "client_assertion": rp.assertion(), "client_assertion_type": ASSERTION_TYPE}
    pushed = world.anonymous.post(metadata_of(world)["pushed_authorization_request_endpoint"], data=form)
    assert (pushed.status_code, pushed.json()["expires_in"] > 0) == (201, True)
    query = urlencode({"client_id": rp.client_id, "request_uri": pushed.json()["request_uri"]})
    assert "code" in world.answer(world.signed_in.get(f"/authorize?{query}"))
