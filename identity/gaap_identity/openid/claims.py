"""Identity claims: their names, and reading the ``claims`` parameter (contract A.2 and A.6)."""

import json
from collections.abc import Sequence

from gaap_identity.conf import conf
from gaap_identity.errors import AuthorizationError

CORE_IDENTITY = "coreIdentityJWT"
ADDRESS = "address"
PASSPORT = "passport"
DRIVING_PERMIT = "drivingPermit"
RETURN_CODE = "returnCode"
IDENTITY_CLAIMS = (CORE_IDENTITY, ADDRESS, PASSPORT, DRIVING_PERMIT, RETURN_CODE)


def claim_address(name: str) -> str:
    """Return the wire name of an identity claim, e.g. of ``coreIdentityJWT``."""
    return conf.claim_base + name


def parse_claims(text: str, *, allowed: Sequence[str], is_lenient: bool = False) -> list[str]:
    """Return the short names of the identity claims asked for in ``text``, JSON with a ``userinfo`` member.

    ``allowed`` are the short names that the client may ask for. Claims for the ID token are never given, so that
    member is passed over; so is what may not be asked for when ``is_lenient``. Raises AuthorizationError.
    """
    if not text:
        return []
    names = {claim_address(name): name for name in IDENTITY_CLAIMS if name in allowed}
    asked = _userinfo_member(text)
    if not is_lenient and not set(asked) <= set(names):
        raise _not_valid()
    return [names[address] for address in asked if address in names]


def _userinfo_member(text: str) -> dict[str, object]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _not_valid() from None
    member = document.get("userinfo", {}) if isinstance(document, dict) else None
    if not isinstance(member, dict):
        raise _not_valid()
    return member


def _not_valid() -> AuthorizationError:
    return AuthorizationError("Request contains invalid claims")
