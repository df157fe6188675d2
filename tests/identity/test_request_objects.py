"""Signed request objects (JAR) and pushed requests (PAR): what they may say, and that nobody can bend them."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from gaap_identity.jose import base64url
from gaap_identity.models import PushedRequest, SignIn
from tests.identity.conftest import EC, RSA
from tests.identity.people import ASSERTION_TYPE, REDIRECT_URI, Citizen, RelyingParty, answer_of, post_form

pytestmark = pytest.mark.django_db

STRANGER = RSAKey.generate_key(2048)


@pytest.mark.parametrize(
    "changes",
    [
        {"vtr": ["Cl.Cm"]},
        {"vtr": '["Cl"]'},
        {"claims": {"userinfo": {"https://vocab.account.gov.uk/v1/coreIdentityJWT": None}}, "vtr": ["Cl.Cm"]},
        {"exp": None, "jti": None},
        {"aud": ["http://127.0.0.1:8000/authorize", "https://elsewhere.example"]},
        {"aud": "http://127.0.0.1:8000/"},
        {"max_age": 10},
        {"sub": "somebody"},
    ],
)
def test_what_an_object_may_say(citizen: Citizen, rp: RelyingParty, changes: dict[str, Any]) -> None:
    assert citizen.browser.get(rp.jar_path(**changes))["Location"] == "/sign-in"


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
def test_every_algorithm_signs_objects(citizen: Citizen, rp: RelyingParty, algorithm: str) -> None:
    rp.algorithm = algorithm
    assert citizen.browser.get(rp.jar_path())["Location"] == "/sign-in"


def test_only_what_is_signed_counts(citizen: Citizen, rp: RelyingParty) -> None:
    bent = {"redirect_uri": "https://elsewhere.example", "state": "bent", "nonce": "bent", "scope": "openid"}
    values = {"response_type": "code", "client_id": rp.client_id, **bent, "request": rp.request_object()}
    assert citizen.browser.get(f"/authorize?{urlencode(values)}")["Location"] == "/sign-in"
    sign_in = SignIn.objects.get()
    assert (sign_in.redirect_uri, sign_in.state, sign_in.nonce) == (REDIRECT_URI, rp.state, rp.nonce)
    assert sign_in.scopes == ["openid", "email", "phone"]


@pytest.mark.parametrize(
    ("missing", "error"), [("response_type", "invalid_request"), ("scope", "invalid_scope"), ("client_id", "")]
)
def test_what_must_stand_beside_the_object(citizen: Citizen, rp: RelyingParty, missing: str, error: str) -> None:
    values = {"response_type": "code", "scope": "openid", "client_id": rp.client_id, "request": rp.request_object()}
    del values[missing]
    response = citizen.browser.get(f"/authorize?{urlencode(values)}")
    if error:
        assert answer_of(response)["error"] == error
    else:
        assert (response.status_code, response.content.decode()) == (400, "Request is missing parameters")


def test_a_client_that_follows_the_standard_sends_the_object_alone(
    citizen: Citizen, rp: RelyingParty, make_client: Callable[..., Any]
) -> None:
    make_client(is_standard=True)
    values = {"client_id": rp.client_id, "request": rp.request_object(state=None, nonce=None)}
    assert citizen.browser.get(f"/authorize?{urlencode(values)}")["Location"] == "/sign-in"


def unsigned(claims: dict[str, Any]) -> str:
    head, body = (base64url(json.dumps(part).encode()) for part in ({"alg": "none"}, claims))
    return f"{head}.{body}."


def test_an_unsigned_object_is_refused_at_a_registered_address_only(citizen: Citizen, rp: RelyingParty) -> None:
    claims = {**rp.parameters(), "iss": rp.client_id, "aud": rp.issuer + "authorize"}
    answer = answer_of(citizen.browser.get(rp.jar_path(unsigned(claims))))
    assert answer["error"] == "invalid_request_object"
    bent = citizen.browser.get(rp.jar_path(unsigned({**claims, "redirect_uri": "https://elsewhere.example"})))
    assert (bent.status_code, "Location" in bent) == (400, False)


def confused(claims: dict[str, Any]) -> str:
    """An object whose HMAC secret is the client's public key."""
    head, body = (base64url(json.dumps(part).encode()) for part in ({"alg": "HS256"}, claims))
    mac = hmac.new(RSA.as_pem(private=False), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64url(mac)}"


def forged(rp: RelyingParty) -> list[str]:
    """Objects that bear a signature, but not the client's."""
    claims = {**rp.parameters(), "iss": rp.client_id, "aud": rp.issuer + "authorize", "exp": int(time.time()) + 60}
    good = rp.request_object()
    return [
        jwt.encode({"alg": "PS256"}, claims, STRANGER, algorithms=["PS256"]),
        confused(claims),
        jwt.encode({"alg": "ES256"}, claims, EC, algorithms=["ES256"]),
        good[:-6] + "AAAAAA",
        good.split(".")[0] + "." + unsigned(claims).split(".")[1] + "." + good.split(".")[2],
        "nonsense",
        "a.b.c",
        "é",
    ]


@pytest.mark.parametrize("number", range(8))
def test_a_forged_object_goes_nowhere(citizen: Citizen, rp: RelyingParty, number: int) -> None:
    response = citizen.browser.get(rp.jar_path(forged(rp)[number]))
    assert (response.status_code, response.content.decode()) == (400, "Invalid Request")


def test_objects_can_be_required(citizen: Citizen, rp: RelyingParty, make_client: Callable[..., Any]) -> None:
    make_client(is_jar_required=True)
    assert answer_of(citizen.browser.get(rp.authorize_path()))["error_description"] == "Request object is required"
    assert citizen.browser.get(rp.jar_path())["Location"] == "/sign-in"


def hint_of(citizen: Citizen, rp: RelyingParty) -> str:
    code = answer_of(citizen.browser.get(rp.authorize_path()))["code"]
    return str(post_form(citizen.browser, "/token", rp.token_form(code)).json()["id_token"])


def test_re_authentication_of_the_same_person(signed_in: Citizen, rp: RelyingParty) -> None:
    path = rp.jar_path(prompt="login", id_token_hint=hint_of(signed_in, rp))
    assert signed_in.browser.get(path)["Location"] == "/sign-in"
    assert "code" in answer_of(signed_in.sign_in("harriet@example.org"))


def test_re_authentication_as_somebody_else(
    signed_in: Citizen, rp: RelyingParty, make_account: Callable[..., Any]
) -> None:
    make_account("other@example.org")
    path = rp.jar_path(prompt="login", id_token_hint=hint_of(signed_in, rp))
    assert signed_in.browser.get(path)["Location"] == "/sign-in"
    answer = answer_of(signed_in.sign_in("other@example.org"))
    assert (answer["error"], answer["state"]) == ("login_required", rp.state)
    assert SignIn.objects.filter(status="refused").count() == 1


def test_silence_for_somebody_other_than_the_hint(
    signed_in: Citizen, rp: RelyingParty, make_account: Callable[..., Any]
) -> None:
    hint = hint_of(signed_in, rp)
    other = Citizen(signed_in.codes)
    other.enter(make_account("other@example.org"))
    assert answer_of(other.browser.get(rp.jar_path(prompt="none", id_token_hint=hint)))["error"] == "login_required"
    assert "code" in answer_of(signed_in.browser.get(rp.jar_path(prompt="none", id_token_hint=hint)))


def test_a_hint_outside_an_object_is_passed_over(
    signed_in: Citizen, rp: RelyingParty, make_client: Callable[..., Any]
) -> None:
    assert "code" in answer_of(signed_in.browser.get(rp.authorize_path(id_token_hint="nonsense")))
    make_client(is_standard=True)
    answer = answer_of(signed_in.browser.get(rp.authorize_path(id_token_hint="nonsense")))
    assert answer["error_description"] == "unable to validate id_token_hint"


def test_a_hint_that_was_given_to_another_client(
    signed_in: Citizen, rp: RelyingParty, make_client: Callable[..., Any]
) -> None:
    make_client("other")
    hint = hint_of(signed_in, RelyingParty("other", RSA))
    assert answer_of(signed_in.browser.get(rp.jar_path(id_token_hint=hint)))["error"] == "invalid_request"


def push(citizen: Citizen, rp: RelyingParty, **changes: Any) -> tuple[int, dict[str, Any]]:
    form = {
        **rp.parameters(),
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": rp.assertion(aud=rp.issuer + "par"),
        **changes,
    }
    form = {name: value for name, value in form.items() if value is not None}
    response = post_form(citizen.browser, "/par", form)
    assert response["Cache-Control"] == "no-store"
    return response.status_code, response.json()


def test_a_pushed_request_can_be_taken_once(signed_in: Citizen, rp: RelyingParty) -> None:
    status, answer = push(signed_in, rp)
    assert (status, answer["expires_in"]) == (201, 90)
    path = f"/authorize?{urlencode({'client_id': rp.client_id, 'request_uri': answer['request_uri']})}"
    assert answer_of(signed_in.browser.get(path)).keys() == {"code", "state"}
    assert signed_in.browser.get(path).status_code == 400
    assert rp.state not in repr(PushedRequest.objects.values_list("reference_digest"))


def test_a_pushed_request_belongs_to_its_client(
    signed_in: Citizen, rp: RelyingParty, make_client: Callable[..., Any]
) -> None:
    make_client("other")
    reference = push(signed_in, rp)[1]["request_uri"]
    path = f"/authorize?{urlencode({'client_id': 'other', 'request_uri': reference})}"
    assert signed_in.browser.get(path).status_code == 400


def test_a_pushed_object_counts_as_signed(
    signed_in: Citizen, rp: RelyingParty, make_client: Callable[..., Any]
) -> None:
    make_client(is_jar_required=True)
    assert push(signed_in, rp)[1]["error_description"] == "Request object is required"
    reference = push(signed_in, rp, request=rp.request_object())[1]["request_uri"]
    path = f"/authorize?{urlencode({'client_id': rp.client_id, 'request_uri': reference})}"
    assert "code" in answer_of(signed_in.browser.get(path))


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"redirect_uri": "https://elsewhere.example"}, 400, "invalid_request"),
        ({"scope": "email"}, 400, "invalid_scope"),
        ({"vtr": '["P9"]'}, 400, "invalid_request"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, 400, "invalid_request"),
        ({"client_assertion": "a.b.c"}, 400, "invalid_client"),
        ({"client_assertion": None, "client_assertion_type": None}, 400, "invalid_request"),
        ({"request": "a.b.c"}, 400, "invalid_request"),
    ],
)
def test_what_cannot_be_pushed(
    citizen: Citizen, rp: RelyingParty, changes: dict[str, Any], status: int, error: str
) -> None:
    answered, answer = push(citizen, rp, **changes)
    assert (answered, answer["error"]) == (status, error)
    assert not PushedRequest.objects.exists()


def test_only_forms_are_pushed(citizen: Citizen, rp: RelyingParty) -> None:
    assert citizen.browser.get("/par").status_code == 405
    assert citizen.browser.post("/par", {}, content_type="application/json").status_code == 400
