"""``/userinfo``: what is told, to whom, and what stands in the audit of it (contract A.6)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from gaap.audit.models import AuditEvent
from gaap.clock import now
from tests.identity.people import (
    CORE_IDENTITY,
    RETURN_CODE,
    Citizen,
    RelyingParty,
    answer_of,
    claims_parameter,
    post_form,
)

pytestmark = pytest.mark.django_db

VOCAB = "https://vocab.account.gov.uk/v1/"
ADDRESS, PASSPORT = VOCAB + "address", VOCAB + "passport"


def redeem(citizen: Citizen, rp: RelyingParty, response: Any) -> str:
    code = answer_of(response)["code"]
    return str(post_form(citizen.browser, "/token", rp.token_form(code)).json()["access_token"])


def told(citizen: Citizen, token: str) -> Any:
    return citizen.browser.get("/userinfo", headers={"Authorization": f"Bearer {token}"}).json()


def prove(citizen: Citizen, rp: RelyingParty, persona: str, *claims: str, vtr: str = '["Cl.Cm.P2"]') -> Any:
    citizen.browser.get(rp.authorize_path(vtr=vtr, claims=claims_parameter(*claims)))
    return told(citizen, redeem(citizen, rp, citizen.prove(persona)))


@pytest.mark.parametrize(
    ("header", "challenge"),
    [
        (None, "Bearer"),
        ("Basic abc", 'Bearer error="invalid_request"'),
        ("Bearer", 'Bearer error="invalid_request"'),
        ("Bearer   ", 'Bearer error="invalid_request"'),
        ("Bearer made-up", 'Bearer error="invalid_token"'),
    ],
)
def test_without_a_token_nothing(citizen: Citizen, header: str | None, challenge: str) -> None:
    response = citizen.browser.get("/userinfo", headers={"Authorization": header} if header else {})
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith(challenge)


def test_scopes_decide_what_is_told(signed_in: Citizen, rp: RelyingParty) -> None:
    for scope, names in {
        "openid": {"sub"},
        "openid email": {"sub", "email", "email_verified"},
        "openid phone": {"sub", "phone_number", "phone_number_verified"},
    }.items():
        token = redeem(signed_in, rp, signed_in.browser.get(rp.authorize_path(scope=scope)))
        assert told(signed_in, token).keys() == names


def test_no_phone_when_codes_go_by_email(citizen: Citizen, make_account: Callable[..., Any], rp: RelyingParty) -> None:
    citizen.enter(make_account("someone@example.org", phone=""))
    token = redeem(citizen, rp, citizen.browser.get(rp.authorize_path()))
    assert told(citizen, token).keys() == {"sub", "email", "email_verified"}


def test_post_is_taken_too(signed_in: Citizen, rp: RelyingParty) -> None:
    token = redeem(signed_in, rp, signed_in.browser.get(rp.authorize_path()))
    response = signed_in.browser.post("/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert response.json()["email"] == "harriet@example.org"


def test_a_token_lasts_three_minutes(signed_in: Citizen, rp: RelyingParty, monkeypatch: pytest.MonkeyPatch) -> None:
    token = redeem(signed_in, rp, signed_in.browser.get(rp.authorize_path()))
    later = now() + timedelta(seconds=181)
    monkeypatch.setattr("gaap_identity.services.userinfo.now", lambda: later)
    assert signed_in.browser.get("/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_client_that_is_switched_off_learns_nothing(
    signed_in: Citizen, rp: RelyingParty, make_client: Callable[..., Any]
) -> None:
    token = redeem(signed_in, rp, signed_in.browser.get(rp.authorize_path()))
    make_client(is_active=False)
    assert signed_in.browser.get("/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_the_core_identity(signed_in: Citizen, rp: RelyingParty) -> None:
    claims = prove(signed_in, rp, "maria", CORE_IDENTITY, ADDRESS, PASSPORT)
    document = signed_in.browser.get("/.well-known/did.json").json()
    key = ECKey.import_key(document["assertionMethod"][0]["publicKeyJwk"])
    core = jwt.decode(claims[CORE_IDENTITY], key, algorithms=["ES256"])
    assert core.header["kid"].partition("#")[0] == document["id"]
    assert core.claims["iss"] == rp.issuer
    assert core.claims["aud"] == rp.client_id
    assert core.claims["sub"] == claims["sub"]
    assert core.claims["vot"] == "P2"
    assert core.claims["vtm"] == rp.issuer + "trustmark"
    assert core.claims["nbf"] <= core.claims["iat"]
    assert core.claims["exp"] - core.claims["iat"] == 1800
    subject = core.claims["vc"]["credentialSubject"]
    assert core.claims["vc"]["type"] == ["VerifiableCredential", "VerifiableIdentityCredential"]
    assert [name.get("validUntil") for name in subject["name"]] == [None, "2016-06-17"]
    assert subject["name"][0]["validFrom"] == "2016-06-18"
    assert subject["birthDate"] == [{"value": "1968-12-31"}]
    assert claims[PASSPORT][0]["icaoIssuerCode"] == "ESP"
    assert ADDRESS not in claims, "this persona has none"


def test_only_what_was_asked_for_is_told(signed_in: Citizen, rp: RelyingParty) -> None:
    assert prove(signed_in, rp, "harriet", ADDRESS).keys() & {CORE_IDENTITY, ADDRESS, PASSPORT} == {ADDRESS}


def test_a_proven_identity_is_not_told_to_a_service_that_asked_for_none(signed_in: Citizen, rp: RelyingParty) -> None:
    prove(signed_in, rp, "harriet", CORE_IDENTITY)
    path = rp.authorize_path(vtr='["Cl.Cm"]', claims=claims_parameter(CORE_IDENTITY))
    assert CORE_IDENTITY not in told(signed_in, redeem(signed_in, rp, signed_in.browser.get(path)))


def test_the_level_told_is_the_strongest_asked_for(signed_in: Citizen, rp: RelyingParty) -> None:
    claims = prove(signed_in, rp, "sukarti", CORE_IDENTITY, vtr='["Cl.Cm.P1","Cl.Cm.P2"]')
    document = signed_in.browser.get("/.well-known/did.json").json()
    key = ECKey.import_key(document["assertionMethod"][0]["publicKeyJwk"])
    assert jwt.decode(claims[CORE_IDENTITY], key, algorithms=["ES256"]).claims["vot"] == "P2"


@pytest.mark.parametrize(
    ("persona", "code"), [("bronwen", "L"), ("tomos", "N"), ("edith", "M"), ("victor", "F"), ("quit", "Q")]
)
def test_return_codes(signed_in: Citizen, rp: RelyingParty, persona: str, code: str) -> None:
    claims = prove(signed_in, rp, persona, CORE_IDENTITY, RETURN_CODE)
    assert claims[RETURN_CODE] == [{"code": code}]
    assert CORE_IDENTITY not in claims


def test_no_return_code_with_success(signed_in: Citizen, rp: RelyingParty) -> None:
    assert RETURN_CODE not in prove(signed_in, rp, "llyr", CORE_IDENTITY, RETURN_CODE)


def test_other_sectors_know_the_citizen_by_another_name(
    signed_in: Citizen, rp: RelyingParty, make_client: Callable[..., Any]
) -> None:
    def subject(**facts: Any) -> str:
        make_client(**facts)
        return str(told(signed_in, redeem(signed_in, rp, signed_in.browser.get(rp.authorize_path())))["sub"])

    first = subject()
    assert subject(sector_identifier="https://www.renew.transport.example/somewhere") == first
    assert subject(sector_identifier="permits.example") != first
    assert subject(subject_type="public") not in (first, "")


def test_every_release_stands_in_the_audit(signed_in: Citizen, rp: RelyingParty, account: Any) -> None:
    prove(signed_in, rp, "ngoc", CORE_IDENTITY)
    event = AuditEvent.objects.filter(action="claims_released").latest("id")
    assert (event.actor_kind, event.actor_id) == ("citizen", str(account.pk))
    assert event.after is not None
    assert event.after["client"] == rp.client_id
    assert CORE_IDENTITY in event.after["claims"]
    assert "Nguyễn" not in str(event.after)
    assert account.email not in str(list(AuditEvent.objects.values()))
