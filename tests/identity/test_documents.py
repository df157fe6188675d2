"""Discovery, key set, DID document and trustmark (contract A.1)."""

import pytest
from django.test import Client as Browser
from joserfc.jwk import ECKey

pytestmark = pytest.mark.django_db
ISSUER = "http://127.0.0.1:8000/"


def test_endpoints_stand_directly_under_the_issuer(client: Browser) -> None:
    document = client.get("/.well-known/openid-configuration").json()
    assert document["issuer"] == ISSUER
    for endpoint, word in {
        "authorization_endpoint": "authorize",
        "token_endpoint": "token",
        "userinfo_endpoint": "userinfo",
        "end_session_endpoint": "logout",
        "trustmarks": "trustmark",
    }.items():
        assert document[endpoint] == ISSUER + word


def test_discovery_names_what_the_contract_fixes(client: Browser) -> None:
    document = client.get("/.well-known/openid-configuration").json()
    assert document["response_types_supported"] == ["code"]
    assert document["id_token_signing_alg_values_supported"] == ["ES256", "RS256"]
    assert document["token_endpoint_auth_methods_supported"] == ["private_key_jwt", "client_secret_post"]
    assert {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"} <= set(
        document["token_endpoint_auth_signing_alg_values_supported"]
    )
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert "https://vocab.account.gov.uk/v1/coreIdentityJWT" in document["claims_supported"]
    assert document["ui_locales_supported"] == ["en", "cy", "vi"]
    assert document["request_parameter_supported"] is True
    assert document["request_uri_parameter_supported"] is False
    assert document["backchannel_logout_supported"] is True
    assert document["scopes_supported"] == ["openid", "email", "phone"]


@pytest.mark.parametrize(
    ("path", "cache"),
    [
        ("/.well-known/openid-configuration", "max-age=86400"),
        ("/.well-known/jwks.json", "max-age=86400"),
        ("/.well-known/did.json", "max-age=3600, private"),
    ],
)
def test_documents_say_how_long_they_may_be_kept(client: Browser, path: str, cache: str) -> None:
    assert client.get(path)["Cache-Control"] == cache


@pytest.mark.parametrize("path", ["/.well-known/jwks.json", "/.well-known/did.json", "/trustmark"])
def test_documents_are_only_read(client: Browser, path: str) -> None:
    assert client.post(path).status_code == 405


def test_key_set_holds_this_key_and_the_next_for_each_algorithm_and_no_private_part(client: Browser) -> None:
    keys = client.get("/.well-known/jwks.json").json()["keys"]
    assert sorted(key["alg"] for key in keys) == ["ES256", "ES256", "RS256", "RS256"]
    assert len({key["kid"] for key in keys}) == 4
    assert not any({"d", "p", "q", "dp", "dq", "qi", "k"} & set(key) for key in keys)


def test_keys_stay_the_same(client: Browser) -> None:
    assert client.get("/.well-known/jwks.json").json() == client.get("/.well-known/jwks.json").json()


def test_did_document_names_its_keys_by_did_and_thumbprint(client: Browser) -> None:
    document = client.get("/.well-known/did.json").json()
    assert document["id"] == "did:web:127.0.0.1%3A8000"
    method = document["assertionMethod"][0]
    assert method["type"] == "JsonWebKey"
    assert method["controller"] == document["id"]
    assert method["id"] == f"{document['id']}#{ECKey.import_key(method['publicKeyJwk']).thumbprint()}"


def test_core_identity_keys_are_apart_from_token_keys(client: Browser) -> None:
    document = client.get("/.well-known/did.json").json()
    kids = {method["publicKeyJwk"]["kid"] for method in document["assertionMethod"]}
    assert kids.isdisjoint(key["kid"] for key in client.get("/.well-known/jwks.json").json()["keys"])


def test_trustmark(client: Browser) -> None:
    assert client.get("/trustmark").json() == {
        "idp": ISSUER,
        "trustmark_provider": ISSUER,
        "C": ["Cl", "Cl.Cm"],
        "P": ["P0", "P1", "P2", "P3"],
    }
