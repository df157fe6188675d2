"""ID tokens that come back to us as ``id_token_hint``: only the signature counts, an expired one will do."""

from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gaap_identity import jose
from gaap_identity.errors import AuthorizationError, HintRefusedError
from gaap_identity.models import Client
from gaap_identity.services.signing_keys import TOKENS, known_keys


def read_hint(hint: str) -> Mapping[str, Any]:
    """Return the claims of the ID token ``hint``; raises HintRefusedError unless we signed it."""
    try:
        keys = KeySet.import_key_set({"keys": known_keys(TOKENS)})
        return jose.verify(hint, keys=keys, algorithms=jose.OWN_ALGORITHMS).claims
    except (jose.UnreadableTokenError, JoseError):
        raise HintRefusedError("unable to validate id_token_hint") from None


def hinted_subject(hint: str, *, client: Client) -> str:
    """Return who signed in as ``hint`` names them to ``client``, or an empty text without a hint.

    Raises AuthorizationError for a hint that is not ours or was not given to this client.
    """
    if not hint:
        return ""
    try:
        claims = read_hint(hint)
    except HintRefusedError as error:
        raise AuthorizationError(str(error)) from error
    if claims.get("aud") != client.client_id or not isinstance(claims.get("sub"), str) or "at_hash" not in claims:
        raise AuthorizationError("invalid id_token_hint")
    return str(_signed_in(claims)["sub"])


def _signed_in(claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of an ID token that is about who signed in, who may have acted for another."""
    acting = claims.get("act")
    return acting if isinstance(acting, dict) and isinstance(acting.get("sub"), str) else claims
