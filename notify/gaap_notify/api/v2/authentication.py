"""The token that the contract's clients make from an API key (spec A.2)."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from gaap.keys.authentication import ApiCaller
from gaap.keys.models import ApiKey
from gaap.keys.services import note_key_use, service_keys
from gaap.organisations.models import Service
from gaap_notify.errors import AuthError

ALGORITHM = "HS256"
ALLOWED_SKEW_SECONDS = 30

MALFORMED = (
    "Invalid token: make sure your API token matches the example at "
    "https://docs.notifications.service.gov.uk/rest-api.html#authorisation-header"
)
WRONG_CLOCK = f"Error: Your system clock must be accurate to within {ALLOWED_SKEW_SECONDS} seconds"


#: How many tokens a process remembers. A client that makes one for each call makes the same one all second long.
TOKENS = 2048


@dataclass(frozen=True)
class UnverifiedToken:
    """A token's content before anybody has vouched for it; nobody changes it, for others are given it too."""

    text: str
    parts: jws.CompactSignature
    claims: Mapping[str, Any]


class ServiceTokenAuthentication(BaseAuthentication):
    """Verifies the JWT against every key of the service that it names; ``request.auth`` is the key."""

    def authenticate(self, request: Request) -> tuple[ApiCaller, ApiKey]:
        """Return caller and key; raises AuthError with the contract's message."""
        token = read_token(request.headers.get("Authorization", ""))
        keys = _keys_of(_issuer(token))
        api_key = _verify(token, keys)
        note_key_use(api_key)
        return ApiCaller(api_key.service, api_key), api_key


def read_token(header: str) -> UnverifiedToken:
    """Return the token in an Authorization header, not yet verified; raises AuthError."""
    if not header:
        raise AuthError("Unauthorized: authentication token must be provided", status_code=401)
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "bearer":
        raise AuthError("Unauthorized: authentication bearer scheme must be used", status_code=401)
    return _parse(text.strip())


@lru_cache(maxsize=TOKENS)
def _parse(text: str) -> UnverifiedToken:
    try:
        parts = jws.extract_compact(text.encode())
        claims = json.loads(parts.payload)
    except (JoseError, ValueError, RecursionError) as error:
        raise AuthError(MALFORMED) from error
    if not isinstance(claims, dict):
        raise AuthError(MALFORMED)
    return UnverifiedToken(text, parts, claims)


def _issuer(token: UnverifiedToken) -> UUID:
    if "iss" not in token.claims:
        raise AuthError("Invalid token: iss field not provided")
    try:
        return UUID(str(token.claims["iss"]))
    except ValueError as error:
        raise AuthError("Invalid token: service id is not the right data type") from error


def _keys_of(service_id: UUID) -> list[ApiKey]:
    keys = service_keys(service_id)
    if not keys and not Service.objects.filter(pk=service_id).exists():
        raise AuthError("Invalid token: service not found")
    if not keys:
        raise AuthError("Invalid token: service has no API keys")
    if keys[0].service.is_archived:
        raise AuthError("Invalid token: service is archived")
    return keys


def _verify(token: UnverifiedToken, keys: list[ApiKey]) -> ApiKey:
    """Return the key that signed the token; whether it may still be used is asked each time."""
    if token.parts.headers().get("alg") != ALGORITHM:
        raise AuthError("Invalid token: algorithm used is not HS256")
    place = _place_of_signer(token.text, tuple(key.secret for key in keys))
    if place is None:
        raise AuthError("Invalid token: API key not found")
    _check_times(token.claims)
    if not keys[place].is_usable:
        raise AuthError("Invalid token: API key revoked")
    return keys[place]


@lru_cache(maxsize=TOKENS)
def _place_of_signer(text: str, secrets: tuple[str, ...]) -> int | None:
    """Return the place of the secret that signed the token, or None when it is none of them or the token is not sound.

    Every secret is tried, so that the time taken does not tell which it was.
    """
    parts = _parse(text).parts
    places = [place for place, secret in enumerate(secrets) if _is_from(parts, _signer(secret))]
    return places[0] if places and _is_sound(parts, _signer(secrets[places[0]])) else None


@dataclass(frozen=True)
class _Signer:
    """A secret as what signs tokens; ``digest`` is copied for each."""

    key: OctKey
    digest: hmac.HMAC


@lru_cache(maxsize=TOKENS)
def _signer(secret: str) -> _Signer:
    return _Signer(OctKey.import_key(secret), hmac.new(secret.encode(), digestmod="sha256"))


def _is_from(parts: jws.CompactSignature, signer: _Signer) -> bool:
    """Tell whether the signature is the signer's (RFC 7515, appendix A.1); whether the token is sound is asked once."""
    segments, digest = parts.segments, signer.digest.copy()
    digest.update(segments["header"] + b"." + segments["payload"])
    signature = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=")
    return hmac.compare_digest(signature, segments["signature"])


def _is_sound(parts: jws.CompactSignature, signer: _Signer) -> bool:
    try:
        return jws.validate_compact(parts, signer.key, algorithms=[ALGORITHM])
    except JoseError:
        return False


def _check_times(claims: Mapping[str, Any]) -> None:
    """Hold the token to the machine's clock: the callers' clocks do not move with the suite's."""
    seconds = int(time.time())
    if "iat" not in claims:
        raise AuthError("Invalid token: API key not found")
    # Written so that "not a number" fails too.
    if not (_is_number(claims["iat"]) and abs(seconds - claims["iat"]) <= ALLOWED_SKEW_SECONDS):
        raise AuthError(WRONG_CLOCK)
    if not _holds(claims, "exp", lambda end: end > seconds - ALLOWED_SKEW_SECONDS):
        raise AuthError(MALFORMED)
    if not _holds(claims, "nbf", lambda start: start <= seconds + ALLOWED_SKEW_SECONDS):
        raise AuthError(MALFORMED)


def _holds(claims: Mapping[str, Any], name: str, condition: Callable[[float], bool]) -> bool:
    return name not in claims or (_is_number(claims[name]) and condition(claims[name]))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
