"""Simulator mode: a team's own tests reach every branch without a person, and nobody else is touched by it."""

import json
from typing import Any

import pytest
from django.test import Client as Browser
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gaap.audit.models import AuditEvent
from gaap_identity.models import Account, Client, Simulation
from gaap_identity.openid.simulated import AUTHORIZE_ERRORS, FAULTS, TOKEN_ERRORS, USERINFO_ERRORS
from gaap_identity.providers.personas import PERSONAS
from tests.identity.people import (
    ASSERTION_TYPE,
    CORE_IDENTITY,
    RETURN_CODE,
    RelyingParty,
    answer_of,
    claims_parameter,
    post_form,
)

pytestmark = pytest.mark.django_db

P2 = {"vtr": '["Cl.Cm.P2"]', "claims": claims_parameter(CORE_IDENTITY, RETURN_CODE)}


def configure(rp: RelyingParty, configuration: Any, **form: str) -> Any:
    proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": rp.assertion()}
    text = configuration if isinstance(configuration, str) else json.dumps(configuration)
    return post_form(Browser(), "/simulation", {"configuration": text, **proof, **form})


def sign_in(rp: RelyingParty, **asked: Any) -> dict[str, str]:
    """Ask as a service's automated test does: no cookie, no page."""
    return answer_of(Browser().get(rp.authorize_path(**asked)))


def tokens_of(rp: RelyingParty, **asked: Any) -> Any:
    return post_form(Browser(), "/token", rp.token_form(sign_in(rp, **asked)["code"])).json()


def told(rp: RelyingParty, **asked: Any) -> Any:
    access_token = tokens_of(rp, **asked)["access_token"]
    return Browser().get("/userinfo", headers={"Authorization": f"Bearer {access_token}"})


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.identifier)
def test_each_persona_without_a_page(rp: RelyingParty, persona: Any) -> None:
    assert configure(rp, {"persona": persona.identifier}).status_code == 200
    for _ in range(2):
        claims = told(rp, **P2).json()
        if persona.result.return_codes:
            assert claims[RETURN_CODE] == [{"code": code} for code in persona.result.return_codes]
        assert (CORE_IDENTITY in claims) == (RETURN_CODE not in claims)


def test_a_refusal_for_a_service_that_wants_no_reasons(rp: RelyingParty) -> None:
    configure(rp, {"persona": "victor"})
    assert sign_in(rp, vtr='["Cl.Cm.P2"]')["error"] == "access_denied"
    assert "code" in sign_in(rp, vtr='["Cl.Cm"]')


def test_nobody_in_particular_signs_in(rp: RelyingParty) -> None:
    configure(rp, {})
    assert told(rp).json()["phone_number"] == "+447700900000"


@pytest.mark.parametrize("error", AUTHORIZE_ERRORS)
def test_errors_of_authorize(rp: RelyingParty, error: str) -> None:
    configure(rp, {"authorize_error": error})
    answer = sign_in(rp)
    assert answer == {"error": error, "error_description": "Forced by the simulation", "state": rp.state}


@pytest.mark.parametrize("error", TOKEN_ERRORS)
def test_errors_of_token(rp: RelyingParty, error: str) -> None:
    configure(rp, {"token_error": error})
    assert tokens_of(rp) == {"error": error, "error_description": "Forced by the simulation"}


@pytest.mark.parametrize("error", USERINFO_ERRORS)
def test_errors_of_userinfo(rp: RelyingParty, error: str) -> None:
    configure(rp, {"userinfo_error": error})
    response = told(rp)
    assert (response.status_code, f'error="{error}"' in response["WWW-Authenticate"]) == (401, True)
    assert not AuditEvent.objects.filter(action="claims_released").exists(), "nothing was told"


def is_sound(rp: RelyingParty, claims: Any, *, is_id_token: bool) -> bool:
    import time

    expected = {"iss": rp.issuer, "aud": rp.client_id, "vot": "Cl.Cm" if is_id_token else "P2"}
    nonce = claims.get("nonce") == rp.nonce if is_id_token else True
    in_time = claims["iat"] - 5 <= time.time() < claims["exp"]
    return nonce and in_time and all(claims[name] == value for name, value in expected.items())


@pytest.mark.parametrize("fault", FAULTS)
def test_tokens_with_one_thing_wrong(rp: RelyingParty, fault: str) -> None:
    configure(rp, {"persona": "llyr", "faults": [fault]})
    tokens = tokens_of(rp, **P2)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    info = Browser().get("/userinfo", headers=headers).json()
    is_id_token = fault.startswith("id_token")
    text = tokens["id_token"] if is_id_token else info[CORE_IDENTITY]
    try:
        claims = jwt.decode(text, keys_for(is_id_token), algorithms=["ES256"]).claims
    except JoseError:
        assert fault.endswith("signature")
        return
    assert not fault.endswith("signature")
    if fault.endswith("sub"):
        assert claims["sub"] != info["sub"]
    else:
        assert not is_sound(rp, claims, is_id_token=is_id_token)


def keys_for(is_id_token: bool) -> KeySet:
    if is_id_token:
        return KeySet.import_key_set(Browser().get("/.well-known/jwks.json").json())
    methods = Browser().get("/.well-known/did.json").json()["assertionMethod"]
    return KeySet.import_key_set({"keys": [{**method["publicKeyJwk"], "kid": method["id"]} for method in methods]})


def test_claims_are_what_the_team_says(rp: RelyingParty) -> None:
    configure(rp, {"claims": {"email": "team@example.org", RETURN_CODE: [{"code": "Z"}]}})
    claims = told(rp).json()
    assert (claims["email"], claims[RETURN_CODE]) == ("team@example.org", [{"code": "Z"}])


def test_a_request_is_still_read_as_strictly(rp: RelyingParty) -> None:
    configure(rp, {})
    assert sign_in(rp, vtr="nonsense")["error"] == "invalid_request"
    assert Browser().get(rp.authorize_path(redirect_uri="https://elsewhere.example")).status_code == 400


def test_each_configuration_replaces_the_one_before(rp: RelyingParty) -> None:
    configure(rp, {"authorize_error": "access_denied", "faults": ["id_token.iss"]})
    assert configure(rp, {"persona": "llyr"}).json() == {"is_on": True, "persona": "llyr"}
    assert "code" in sign_in(rp)
    configure(rp, {"is_on": False})
    assert Browser().get(rp.authorize_path())["Location"] == "/sign-in"
    assert AuditEvent.objects.filter(action="simulation_changed").count() == 3


@pytest.mark.parametrize(
    "configuration",
    ["", "{", "[]", "null", {"persona": "nobody"}, {"faults": ["x"]}, {"claims": 1}, {"other": 1}, {"token_error": ""}],
)
def test_configurations_that_make_no_sense(rp: RelyingParty, configuration: Any) -> None:
    response = configure(rp, configuration)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
    assert not Simulation.objects.exists()


def test_only_the_client_itself_configures(rp: RelyingParty) -> None:
    assert configure(rp, {}, client_assertion="a.b.c").json()["error"] == "invalid_client"
    assert Browser().get("/simulation").status_code == 405
    assert not Simulation.objects.exists()


def test_a_live_service_simulates_nothing(rp: RelyingParty, settings: Any) -> None:
    configure(rp, {"persona": "llyr"})
    service = Client.objects.get().service
    type(service).objects.filter(pk=service.pk).update(is_live=True)
    assert Browser().get(rp.authorize_path())["Location"] == "/sign-in"
    response = configure(rp, {"persona": "llyr"})
    assert (response.status_code, response.json()["error"]) == (403, "unauthorized_client")


def test_production_simulates_nothing(rp: RelyingParty, settings: Any) -> None:
    configure(rp, {"persona": "llyr"})
    settings.GAAP_ENVIRONMENT = "production"
    assert Browser().get(rp.authorize_path())["Location"] == "/sign-in"
    assert configure(rp, {}).status_code == 403


def test_nobody_can_sign_in_as_a_persona(rp: RelyingParty) -> None:
    from gaap_identity.errors import SignInRefusedError
    from gaap_identity.services.accounts import check_password

    configure(rp, {"persona": "llyr"})
    sign_in(rp)
    account = Account.objects.get()
    for password in ("", "!", "password"):
        with pytest.raises(SignInRefusedError):
            check_password(account.email, password=password)
