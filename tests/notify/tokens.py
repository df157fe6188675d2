"""Tokens as the contract's clients make them."""

import json
import time
from typing import Any

from django.test import Client
from joserfc import jws
from joserfc.jwk import OctKey

from gaap.keys.models import ApiKey


def make_token(secret: str, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    """Return a signed token with exactly these claims."""
    protected = {"typ": "JWT", "alg": "HS256", **(header or {})}
    return jws.serialize_compact(
        protected, json.dumps(claims), OctKey.import_key(secret), algorithms=[protected["alg"]]
    )


def token_for(api_key: ApiKey, **claims: Any) -> str:
    """Return the token that a client makes now from ``api_key``; ``claims`` replace its own."""
    return make_token(api_key.secret, {"iss": str(api_key.service_id), "iat": int(time.time()), **claims})


class NotifyClient(Client):
    """A caller of the API with one key."""

    def __init__(self, api_key: ApiKey) -> None:
        super().__init__(headers={"Authorization": f"Bearer {token_for(api_key)}"})

    def send(self, channel: str, body: Any, **extra: Any) -> Any:
        """Post a message, or a text as it is."""
        return self.post(f"/v2/notifications/{channel}", body, content_type="application/json", **extra)
