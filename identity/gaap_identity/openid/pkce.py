"""Proof Key for Code Exchange at the authorization endpoint (RFC 7636; contract A.2): S256 alone."""

import hashlib
import re
from collections.abc import Mapping

from gaap_identity.errors import AuthorizationError
from gaap_identity.jose import base64url

CHALLENGE = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
METHOD = "S256"


def parse_challenge(values: Mapping[str, str], *, is_required: bool) -> str:
    """Return ``code_challenge``, empty when there is none and none is required; raises AuthorizationError."""
    if "code_challenge" not in values:
        if is_required:
            raise AuthorizationError("Request is missing code_challenge parameter, but PKCE is enforced.")
        if values.get("code_challenge_method"):
            raise AuthorizationError("Request is missing code_challenge parameter")
        return ""
    if not CHALLENGE.fullmatch(values["code_challenge"]):
        raise AuthorizationError("Invalid value for code_challenge parameter.")
    if not values.get("code_challenge_method"):
        raise AuthorizationError(
            "Request is missing code_challenge_method parameter. "
            "code_challenge_method is required when code_challenge is present."
        )
    if values["code_challenge_method"] != METHOD:
        raise AuthorizationError("Invalid value for code_challenge_method parameter.")
    return values["code_challenge"]


def challenge_of(verifier: str) -> str:
    """Return the challenge that belongs to ``verifier``; empty when there is none, or when it is no verifier."""
    return base64url(hashlib.sha256(verifier.encode("ascii")).digest()) if CHALLENGE.fullmatch(verifier) else ""
