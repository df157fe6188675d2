"""From the service to the service: sign-up, proof, code, tokens, userinfo."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.identity.people import (
    CORE_IDENTITY,
    Citizen,
    RelyingParty,
    answer_of,
    claims_parameter,
    post_form,
    read_token,
)

EMAIL = "harriet@example.org"
PHONE = "+447700900123"
pytestmark = pytest.mark.django_db


def redeem(citizen: Citizen, rp: RelyingParty, response: object, **changes: str) -> Any:
    answer = answer_of(response)
    assert answer["state"] == rp.state
    return post_form(citizen.browser, "/token", rp.token_form(answer["code"], **changes)).json()


def test_sign_up_prove_and_be_known(citizen: Citizen, rp: RelyingParty) -> None:
    first = citizen.browser.get(
        rp.authorize_path(
            vtr='["Cl.Cm.P2"]',
            claims=claims_parameter(CORE_IDENTITY),
            code_challenge=rp.challenge,
            code_challenge_method="S256",
        )
    )
    assert first["Location"] == "/sign-in"
    assert citizen.create_account(EMAIL, phone=PHONE)["Location"] == "/prove-identity"
    tokens = redeem(citizen, rp, citizen.prove("ngoc"), code_verifier=rp.verifier)

    keys = citizen.browser.get("/.well-known/jwks.json").json()
    id_token = read_token(tokens["id_token"], keys)
    assert id_token.header["alg"] == "ES256"
    assert id_token.claims["nonce"] == rp.nonce
    assert id_token.claims["vot"] == "Cl.Cm"

    userinfo = citizen.browser.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    assert userinfo["sub"] == id_token.claims["sub"]
    assert userinfo["email"] == EMAIL
    assert userinfo["phone_number"] == PHONE

    document = citizen.browser.get("/.well-known/did.json").json()
    method = document["assertionMethod"][0]
    core = jwt.decode(userinfo[CORE_IDENTITY], ECKey.import_key(method["publicKeyJwk"]), algorithms=["ES256"])
    assert core.header["kid"] == method["id"]
    assert core.claims["vot"] == "P2"
    assert core.claims["sub"] == id_token.claims["sub"]
    name = core.claims["vc"]["credentialSubject"]["name"][0]["nameParts"]
    assert [part["value"] for part in name] == ["Nguyễn", "Thị", "Ngọc"]
