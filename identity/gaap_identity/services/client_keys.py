"""The public keys of a client: one registered as PEM, or the key set at its address (contract A.4)."""

import base64
import hashlib
import json
from typing import Any

from django.core.cache import cache
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gaap import http
from gaap_identity.jose import Key, UnreadableTokenError, read_public_key
from gaap_identity.models import Client

CACHE_SECONDS = 24 * 60 * 60
#: A key id that nobody knows makes us look again, but not more often than this.
REFETCH_SECONDS = 60
FETCH_TIMEOUT_SECONDS = 5.0
KEY_TYPES = ("RSA", "EC")


def keys_of(client: Client, token: str) -> Key | KeySet:
    """Return the key or keys that may have signed ``token``; raises UnreadableTokenError when there are none."""
    if client.public_key:
        key = read_public_key(client.public_key)
        if key is None:
            raise UnreadableTokenError("The client's public key cannot be read.")
        return key
    kid = _kid_of(token)
    document = _cached_document(client.jwks_uri)
    if not _has_kid(document, kid):
        document = _fetch_again(client.jwks_uri)
    return _key_set(document, kid)


def _key_set(document: dict[str, Any], kid: str) -> KeySet:
    named = [key for key in document.get("keys", []) if isinstance(key, dict) and key.get("kid") == kid]
    usable = [key for key in named if key.get("kty") in KEY_TYPES and key.get("use", "sig") == "sig"]
    try:
        return KeySet.import_key_set({"keys": usable})
    except (JoseError, ValueError, TypeError, KeyError):
        raise UnreadableTokenError("The client's key set cannot be read.") from None


def _has_kid(document: dict[str, Any], kid: str) -> bool:
    return any(isinstance(key, dict) and key.get("kid") == kid for key in document.get("keys", []))


def _cached_document(address: str) -> dict[str, Any]:
    document = cache.get(_cache_key(address))
    return document if document is not None else _fetch_again(address)


def _fetch_again(address: str) -> dict[str, Any]:
    """Fetch the key set, unless that was done a moment ago; then return what is known."""
    if not cache.add(f"{_cache_key(address)}.fetched", True, REFETCH_SECONDS):
        return cache.get(_cache_key(address)) or {}
    document = _fetch(address)
    cache.set(_cache_key(address), document, CACHE_SECONDS)
    return document


def _fetch(address: str) -> dict[str, Any]:
    try:
        answer = http.call("GET", address, timeout=FETCH_TIMEOUT_SECONDS)
        document = json.loads(answer.body)
    except (http.OutgoingError, ValueError, RecursionError):
        raise UnreadableTokenError("The client's key set cannot be fetched.") from None
    if answer.status != 200 or not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise UnreadableTokenError("The client's key set cannot be read.")
    return document


def _kid_of(token: str) -> str:
    try:
        header = token.split(".")[0]
        kid = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise UnreadableTokenError("The token names no key.") from None
    return str(kid)


def _cache_key(address: str) -> str:
    return f"identity.jwks.{hashlib.sha256(address.encode()).hexdigest()}"
