"""What a simulation may force: every documented error, and tokens with one thing wrong (contract A.3, A.5 and A.6)."""

import json
from collections.abc import Callable, Collection
from types import MappingProxyType
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from gaap_identity.providers.company_registers import SANDBOX_COMPANIES
from gaap_identity.providers.personas import BY_IDENTIFIER

AUTHORIZE_ERRORS = (
    "access_denied",
    "interaction_required",
    "invalid_request",
    "invalid_request_object",
    "invalid_scope",
    "login_required",
    "request_uri_not_supported",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unmet_authentication_requirements",
    "unsupported_response_type",
)
TOKEN_ERRORS = ("invalid_client", "invalid_grant", "invalid_request", "unauthorized_client", "unsupported_grant_type")
USERINFO_ERRORS = ("invalid_request", "invalid_scope", "invalid_token")
DESCRIPTION = "Forced by the simulation"

SIGNATURE = "signature"
ONE_DAY = 24 * 60 * 60
ELSEWHERE = "https://elsewhere.example/"

#: What each fault makes of a token's claims.
SPOILERS: MappingProxyType[str, Callable[[dict[str, Any]], dict[str, Any]]] = MappingProxyType(
    {
        "iss": lambda claims: {"iss": ELSEWHERE},
        "aud": lambda claims: {"aud": "somebody-else"},
        "sub": lambda claims: {"sub": claims["sub"] + "x"},
        "expired": lambda claims: {"iat": claims["iat"] - ONE_DAY, "exp": claims["exp"] - ONE_DAY},
        "not_yet": lambda claims: {"iat": claims["iat"] + ONE_DAY, "exp": claims["exp"] + ONE_DAY},
        "nonce": lambda claims: {"nonce": "not-the-one-you-sent"},
        "vot": lambda claims: {"vot": "Cl" if claims["vot"].startswith("Cl") else "P0"},
    }
)
TOKENS = ("id_token", "core_identity")
#: A core identity bears no nonce.
NO_NONCE = ("core_identity", "nonce")
FAULTS = tuple(f"{kind}.{fault}" for kind in TOKENS for fault in (*SPOILERS, SIGNATURE) if (kind, fault) != NO_NONCE)

#: What a configuration may say (JSON Schema). ``claims`` replace what ``/userinfo`` would say, by their wire names.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "is_on": {"type": "boolean"},
        "persona": {"enum": sorted(BY_IDENTIFIER)},
        "company": {"enum": sorted(number for _country, number in SANDBOX_COMPANIES)},
        "authorize_error": {"enum": AUTHORIZE_ERRORS},
        "token_error": {"enum": TOKEN_ERRORS},
        "userinfo_error": {"enum": USERINFO_ERRORS},
        "faults": {"type": "array", "items": {"enum": FAULTS}, "uniqueItems": True},
        "claims": {"type": "object", "maxProperties": 50},
    },
}


class ConfigurationError(ValueError):
    """The configuration of a simulation cannot be read; says where."""


def read_configuration(text: str) -> dict[str, Any]:
    """Return the configuration in ``text``, JSON as ``SCHEMA`` has it; raises ConfigurationError."""
    try:
        configuration = json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigurationError("configuration is no JSON") from None
    fault = best_match(Draft202012Validator(SCHEMA).iter_errors(configuration))
    if fault is not None:
        place = "/".join(map(str, fault.absolute_path))
        raise ConfigurationError(f"configuration not valid at /{place}")
    return {"is_on": True, **configuration}


def spoil_claims(claims: dict[str, Any], *, kind: str, faults: Collection[str]) -> dict[str, Any]:
    """Return ``claims`` of a token of this ``kind`` with every fault of it that ``faults`` name."""
    wrong = [spoiler(claims) for fault, spoiler in SPOILERS.items() if f"{kind}.{fault}" in faults]
    return {**claims, **{name: value for changes in wrong for name, value in changes.items()}}


def spoil_signature(text: str, *, kind: str, faults: Collection[str]) -> str:
    """Return the signed token ``text`` with a signature that does not hold, if ``faults`` say so."""
    if f"{kind}.{SIGNATURE}" not in faults:
        return text
    head, _, signature = text.rpartition(".")
    return f"{head}.{signature[::-1]}"
