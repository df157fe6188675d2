"""Signing and reading JSON Web Tokens. Every call names its algorithms; nothing is taken from the token alone."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

Key = RSAKey | ECKey

#: What a client may sign its assertions with (contract A.1; ES256 goes beyond it).
CLIENT_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256")
#: What the platform signs with.
OWN_ALGORITHMS = ("ES256", "RS256")

RSA_KEY_BITS = 2048
UNREADABLE = (JoseError, ValueError, TypeError)


class UnreadableTokenError(Exception):
    """The token is no signed JSON Web Token, or its signature or algorithm is not the one expected."""


@dataclass(frozen=True)
class Token:
    """A token whose signature held. Its claims are not checked yet."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


def new_key(algorithm: str) -> Key:
    """Return a fresh private key for ``ES256`` or ``RS256``."""
    return ECKey.generate_key("P-256") if algorithm == "ES256" else RSAKey.generate_key(RSA_KEY_BITS)


@lru_cache(maxsize=64)
def private_key(pem: str, algorithm: str) -> Key:
    """Return the private key in ``pem``. Cached, because parsing an RSA key costs tens of milliseconds."""
    kind = ECKey if algorithm == "ES256" else RSAKey
    return kind.import_key(pem)


@lru_cache(maxsize=512)
def read_public_key(pem: str) -> Key | None:
    """Return the RSA or elliptic curve public key in ``pem``; None when it holds none, or a private key."""
    for kind in (RSAKey, ECKey):
        try:
            key = kind.import_key(pem)
        except UNREADABLE:
            continue
        return None if key.is_private else key
    return None


def sign(claims: Mapping[str, Any], *, key: Key, algorithm: str, kid: str, typ: str = "JWT") -> str:
    """Return ``claims`` as a compact token signed with ``key``."""
    header = {"alg": algorithm, "kid": kid, "typ": typ}
    return jwt.encode(header, dict(claims), key, algorithms=[algorithm])


def verify(text: str, *, keys: Key | KeySet, algorithms: Sequence[str]) -> Token:
    """Return the token in ``text`` if one of ``keys`` signed it; raises UnreadableTokenError."""
    try:
        token = jwt.decode(text, keys, algorithms=list(algorithms))
    except UNREADABLE as error:
        raise UnreadableTokenError("The token cannot be read.") from error
    if not isinstance(token.claims, dict):
        raise UnreadableTokenError("The token holds no claims.")
    return Token(header=token.header, claims=token.claims)


def base64url(data: bytes) -> str:
    """Return ``data`` in URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def left_half_hash(text: str) -> str:
    """Return ``at_hash`` of an access token: the left half of its SHA-256 (OpenID Connect Core, 3.1.3.6)."""
    return base64url(hashlib.sha256(text.encode()).digest()[:16])
