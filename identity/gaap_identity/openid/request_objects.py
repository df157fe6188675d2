"""Signed request objects (JAR; RFC 9101 and contract A.2): what their claims must say, in the contract's order."""

import json
from collections.abc import Mapping
from typing import Any

from gaap.clock import now
from gaap_identity.errors import (
    AccessDeniedError,
    AuthorizationError,
    InvalidRequestObjectError,
    UnauthorizedClientError,
    UnsupportedResponseTypeError,
)
from gaap_identity.openid import addresses
from gaap_identity.openid.requests import ClientRules, check_response_type, check_state, parse_scopes

#: Claims that describe the object itself and are no parameters of the request.
OWN_CLAIMS = frozenset({"iss", "aud", "sub", "exp", "nbf", "iat", "jti"})
#: Parameters that may stand in an object as JSON instead of text.
STRUCTURED = {"vtr": list, "claims": dict, "max_age": int}
CLOCK_SKEW_SECONDS = 30


def parameters_of(claims: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters of the request that ``claims`` hold, each as the text it would be in a query.

    A value of the wrong type is left out, so that whatever needs it finds it missing.
    """
    return {name: _text(name, value) for name, value in claims.items() if _is_parameter(name, value)}


def check_query(query: Mapping[str, str], *, client: ClientRules) -> None:
    """Check what must stand beside the object, too: ``response_type`` and ``scope``. Raises AuthorizationError.

    A client that follows the standard need not repeat them (RFC 9101, section 5).
    """
    if client.is_standard:
        return
    check_response_type(query)
    parse_scopes(query.get("scope", ""), client=client)


def check_object(claims: Mapping[str, Any], *, client: ClientRules, client_id: str) -> None:
    """Check that the object was made by this client, for this endpoint and for now; raises AuthorizationError."""
    check_state(parameters_of(claims), client=client)
    if claims.get("client_id") != client_id:
        raise UnauthorizedClientError("Request object client_id not valid")
    if "request" in claims or "request_uri" in claims:
        raise AuthorizationError("Request object must not hold request or request_uri")
    if not _is_for_us(claims.get("aud")):
        raise AccessDeniedError("Request object aud not valid")
    if claims.get("iss") != client_id:
        raise UnauthorizedClientError("Request object iss not valid")
    if claims.get("sub") == client_id:
        raise InvalidRequestObjectError("Request object sub must not be the client_id")
    _check_times(claims)
    if claims.get("response_type") != "code":
        raise UnsupportedResponseTypeError("Unsupported response type")


def _check_times(claims: Mapping[str, Any]) -> None:
    moment = now().timestamp()
    times = {name: claims[name] for name in ("exp", "nbf") if name in claims}
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in times.values()):
        raise InvalidRequestObjectError("Request object times not valid")
    if times.get("exp", moment + 1) <= moment:
        raise InvalidRequestObjectError("Request object has expired")
    if times.get("nbf", 0) > moment + CLOCK_SKEW_SECONDS:
        raise InvalidRequestObjectError("Request object is not valid yet")


def _is_for_us(audience: object) -> bool:
    """Tell whether the object is for the authorization endpoint (contract) or the issuer (RFC 9101)."""
    values = audience if isinstance(audience, list) else [audience]
    return any(value in (addresses.endpoint("authorize"), addresses.issuer()) for value in values)


def _is_parameter(name: str, value: object) -> bool:
    kind = STRUCTURED.get(name, str)
    return name not in OWN_CLAIMS and isinstance(value, str | kind) and not isinstance(value, bool)


def _text(name: str, value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
