"""Who calls the token endpoint: signed assertions (private_key_jwt) and secrets (contract A.4)."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from gaap.clock import now
from gaap.crypto import keyed_digest
from gaap.rows import insert_once
from gaap_identity import jose
from gaap_identity.errors import TokenRefusedError
from gaap_identity.models import Client, UsedAssertion
from gaap_identity.openid import addresses
from gaap_identity.services.client_keys import keys_of
from gaap_identity.services.known_clients import known_client
from gaap_identity.services.passwords import verify_password

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CLOCK_SKEW_SECONDS = 30
SIGNATURE_WRONG = "Invalid signature in private_key_jwt"
END_OF_TIME = 253402300799


class ClientRefusedError(TokenRefusedError):
    """The caller is not the client that it claims to be."""

    def __init__(self, description: str, *, code: str = "invalid_client", status: int = 400) -> None:
        """Take the ``error_description``, the ``error`` and the HTTP status."""
        super().__init__(code, description, status=status)


def authenticate_client(form: Mapping[str, str], *, endpoint: str = "token") -> Client:
    """Return the client that the fields of a request to ``endpoint`` prove; raises ClientRefusedError.

    An assertion may be meant for the issuer, for the token endpoint, or for the endpoint it is sent to.
    """
    if form.get("client_assertion") or form.get("client_assertion_type"):
        return _check_assertion(form, endpoint=endpoint)
    if form.get("client_id") and form.get("client_secret"):
        return _check_secret(form["client_id"], form["client_secret"])
    raise ClientRefusedError("Invalid request: no client authentication", code="invalid_request")


def _check_secret(client_id: str, secret: str) -> Client:
    client = _find_client(client_id)
    if client.auth_method != Client.AuthMethod.CLIENT_SECRET_POST:
        raise ClientRefusedError("Client is not registered to use client_secret_post")
    if not verify_password(secret, stored=client.client_secret):
        raise ClientRefusedError("Invalid client secret")
    return client


def _check_assertion(form: Mapping[str, str], *, endpoint: str) -> Client:
    assertion = form.get("client_assertion", "")
    if form.get("client_assertion_type") != ASSERTION_TYPE or not assertion:
        raise ClientRefusedError("Invalid client_assertion_type", code="invalid_request")
    claimed = _claimed_client(assertion)
    if form.get("client_id", claimed) != claimed:
        raise ClientRefusedError(SIGNATURE_WRONG)
    client = _find_client(claimed)
    if client.auth_method != Client.AuthMethod.PRIVATE_KEY_JWT:
        raise ClientRefusedError("Client is not registered to use private_key_jwt")
    claims = _verified_claims(assertion, client=client, endpoint=endpoint)
    _remember(claims.get("jti") or _fingerprint(assertion), client=client, expires=claims["exp"])
    return client


def _verified_claims(assertion: str, *, client: Client, endpoint: str) -> Mapping[str, Any]:
    try:
        claims = jose.verify(assertion, keys=keys_of(client, assertion), algorithms=jose.CLIENT_ALGORITHMS).claims
    except jose.UnreadableTokenError:
        raise ClientRefusedError(SIGNATURE_WRONG) from None
    if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
        raise ClientRefusedError(SIGNATURE_WRONG)
    if not _is_for_us(claims.get("aud"), endpoint=endpoint):
        raise ClientRefusedError(SIGNATURE_WRONG)
    _check_times(claims)
    return claims


def _check_times(claims: Mapping[str, Any]) -> None:
    moment = now().timestamp()
    times = {name: claims[name] for name in ("exp", "nbf", "iat") if name in claims}
    if "exp" not in times or not all(_is_time(value) for value in times.values()):
        raise ClientRefusedError(SIGNATURE_WRONG)
    if times["exp"] <= moment:
        raise ClientRefusedError("private_key_jwt has expired", code="invalid_grant")
    if max(times.get("nbf", 0), times.get("iat", 0)) > moment + CLOCK_SKEW_SECONDS:
        raise ClientRefusedError("private_key_jwt is not valid yet", code="invalid_grant")


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= END_OF_TIME


def _is_for_us(audience: object, *, endpoint: str) -> bool:
    accepted = (addresses.issuer(), addresses.endpoint("token"), addresses.endpoint(endpoint))
    values = audience if isinstance(audience, list) else [audience]
    return bool(values) and all(value in accepted for value in values)


def _remember(jti: object, *, client: Client, expires: float) -> None:
    """Note the assertion as used; raises ClientRefusedError when it was used before."""
    digest = keyed_digest(json.dumps(jti), purpose="identity.assertion")
    moment = now()
    until = moment.fromtimestamp(expires, tz=moment.tzinfo)
    if not insert_once(UsedAssertion(client=client, jti_digest=digest, expires_at=until)):
        raise ClientRefusedError("private_key_jwt was used before")


def _find_client(client_id: str) -> Client:
    client = known_client(client_id)
    if client is None:
        raise ClientRefusedError("Client authentication failed", status=401)
    if not client.is_active or client.service.is_archived:
        raise ClientRefusedError("client deactivated", code="unauthorized_client")
    return client


def _claimed_client(assertion: str) -> str:
    """Return whose assertion this says it is, before anything is verified; only to find the key."""
    try:
        payload = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        subject = claims["sub"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise ClientRefusedError(SIGNATURE_WRONG) from None
    if not isinstance(subject, str):
        raise ClientRefusedError(SIGNATURE_WRONG)
    return subject


def _fingerprint(assertion: str) -> str:
    return hashlib.sha256(assertion.encode()).hexdigest()
