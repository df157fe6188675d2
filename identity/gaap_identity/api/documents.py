"""The public documents: discovery, key set, DID document and trustmark (contract A.1)."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from gaap.conf import conf
from gaap_identity.jose import CLIENT_ALGORITHMS, OWN_ALGORITHMS
from gaap_identity.openid import addresses
from gaap_identity.openid.claims import IDENTITY_CLAIMS, claim_address
from gaap_identity.openid.levels import CREDENTIAL_LEVELS, IDENTITY_LEVELS
from gaap_identity.openid.requests import PUBLIC_SCOPES
from gaap_identity.services.signing_keys import CORE_IDENTITY, TOKENS, published_keys

ONE_DAY = "max-age=86400"
ONE_HOUR = "max-age=3600, private"
PLAIN_CLAIMS = [
    "act",
    "power",
    "sub",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "wallet_subject_id",
]


@require_safe
def discovery(request: HttpRequest) -> JsonResponse:
    """Tell relying parties what is offered and where."""
    return _document(provider_metadata(), cache=ONE_DAY)


@require_safe
def jwks(request: HttpRequest) -> JsonResponse:
    """Give the keys that verify ID tokens and access tokens."""
    return _document({"keys": published_keys(TOKENS)}, cache=ONE_DAY)


@require_safe
def did_document(request: HttpRequest) -> JsonResponse:
    """Give the keys that verify core identities (contract A.6)."""
    did = addresses.did()
    methods = [
        {"type": "JsonWebKey", "id": f"{did}#{key['kid']}", "controller": did, "publicKeyJwk": key}
        for key in published_keys(CORE_IDENTITY)
    ]
    context = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"]
    return _document({"@context": context, "id": did, "assertionMethod": methods}, cache=ONE_HOUR)


@require_safe
def trustmark(request: HttpRequest) -> JsonResponse:
    """Say which levels the provider vouches for."""
    issuer = addresses.issuer()
    levels = {"C": list(CREDENTIAL_LEVELS), "P": list(IDENTITY_LEVELS)}
    return _document({"idp": issuer, "trustmark_provider": issuer, **levels}, cache=ONE_DAY)


def provider_metadata() -> dict[str, Any]:
    """Return the metadata of OpenID Connect Discovery 1.0; it names nothing that is not served."""
    return {
        "issuer": addresses.issuer(),
        "authorization_endpoint": addresses.endpoint("authorize"),
        "token_endpoint": addresses.endpoint("token"),
        "userinfo_endpoint": addresses.endpoint("userinfo"),
        "end_session_endpoint": addresses.endpoint("logout"),
        "jwks_uri": addresses.endpoint(".well-known/jwks.json"),
        "trustmarks": addresses.trustmark(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment"],
        "grant_types_supported": ["authorization_code"],
        "scopes_supported": list(PUBLIC_SCOPES),
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": list(OWN_ALGORITHMS),
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_post"],
        "token_endpoint_auth_signing_alg_values_supported": list(CLIENT_ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "request_parameter_supported": True,
        "request_uri_parameter_supported": False,
        "request_object_signing_alg_values_supported": list(CLIENT_ALGORITHMS),
        "pushed_authorization_request_endpoint": addresses.endpoint("par"),
        "require_pushed_authorization_requests": False,
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": False,
        "claims_parameter_supported": True,
        "claim_types_supported": ["normal"],
        "claims_supported": [*PLAIN_CLAIMS, *(claim_address(name) for name in IDENTITY_CLAIMS)],
        "prompt_values_supported": ["none", "login", "consent", "create"],
        "ui_locales_supported": [code for code, _ in conf.languages],
    }


def _document(content: dict[str, Any], *, cache: str) -> JsonResponse:
    return JsonResponse(content, headers={"Cache-Control": cache, "Access-Control-Allow-Origin": "*"})
