"""Levels asked for and given: reading ``vtr`` (contract A.2)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from gaap_identity.errors import AuthorizationError

CREDENTIAL_LEVELS = ("Cl", "Cl.Cm")
IDENTITY_LEVELS = ("P0", "P1", "P2", "P3")
DEFAULT_CREDENTIAL_LEVEL = "Cl.Cm"


@dataclass(frozen=True)
class RequestedLevels:
    """What a service asks for: one credential level, and any of these levels of identity (none: no identity)."""

    credential: str = DEFAULT_CREDENTIAL_LEVEL
    identity: tuple[str, ...] = ()

    @property
    def needs_identity(self) -> bool:
        """True when the citizen has to prove who they are."""
        return bool(self.identity)

    def met_by(self, level: str) -> str:
        """Return the strongest level asked for that ``level`` fulfils, or an empty text."""
        return max((asked for asked in self.identity if asked <= level), default="")


@dataclass(frozen=True)
class _Vector:
    credential: str
    identity: str


def parse_vtr(text: str, *, allowed: Sequence[str], can_identify: bool) -> RequestedLevels:
    """Return the levels in ``text``, a JSON array of vectors such as ``["Cl.Cm.P2"]``.

    ``allowed`` are the client's levels of identity; ``can_identify`` is False for a client that may ask for none.
    Raises AuthorizationError.
    """
    vectors = [_parse_vector(vector) for vector in _read_array(text)]
    if not vectors:
        return RequestedLevels()
    identity = sorted({vector.identity for vector in vectors} - {"", "P0"})
    if identity and any(vector.identity in {"", "P0"} for vector in vectors):
        raise _not_valid()
    named = {vector.identity for vector in vectors} - {""}
    if not named <= set(allowed) or (identity and not can_identify):
        raise _not_valid()
    return RequestedLevels(credential=min(vector.credential for vector in vectors), identity=tuple(identity))


def _read_array(text: str) -> list[str]:
    try:
        array = json.loads(text) if text else []
    except (ValueError, RecursionError):
        raise _not_valid() from None
    if not isinstance(array, list) or not all(isinstance(item, str) for item in array):
        raise _not_valid()
    return array


def _parse_vector(text: str) -> _Vector:
    parts = text.split(".")
    credential = ".".join(sorted(part for part in parts if part.startswith("C")))
    identity = [part for part in parts if part.startswith("P")]
    if credential not in CREDENTIAL_LEVELS or len(identity) > 1 or not set(identity) <= set(IDENTITY_LEVELS):
        raise _not_valid()
    level = identity[0] if identity else ""
    if level not in {"", "P0"} and credential != "Cl.Cm":
        raise _not_valid()
    return _Vector(credential=credential, identity=level)


def _not_valid() -> AuthorizationError:
    return AuthorizationError("Request vtr not valid")
