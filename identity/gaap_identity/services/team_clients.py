"""Clients that a service's own team registers."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction

from gaap.actors import Actor
from gaap.organisations.models import Service
from gaap_identity.models import Client
from gaap_identity.openid.claims import IDENTITY_CLAIMS
from gaap_identity.services.clients import set_client

SCOPES = ("openid", "email", "phone")
#: What a client of a trial service may ask for: all that the sandbox proves. When the service is live, what operators
#: granted counts, and that is sign-in alone before anybody asked.
TRIAL_LEVELS = ("P0", "P1", "P2")
UNASKED: Mapping[str, list[str]] = {"granted_levels": ["P0"], "granted_claims": []}


@dataclass(frozen=True)
class RegisteredClient:
    """A client just registered. ``secret`` is shown this once; it is empty for one that signs with a key."""

    client: Client
    secret: str = field(repr=False)


@transaction.atomic
def register_client(service: Service, *, redirect_uris: list[str], public_key: str, by: Actor) -> RegisteredClient:
    """Register a program of ``service``: one that signs with a private key, or one with a secret that is made here.

    Raises ValidationError for addresses that make no sense.
    """
    secret = "" if public_key else secrets.token_urlsafe(32)
    methods = Client.AuthMethod
    facts = {
        "name": service.name,
        "redirect_uris": " ".join(redirect_uris),
        "public_key": public_key,
        "auth_method": methods.PRIVATE_KEY_JWT if public_key else methods.CLIENT_SECRET_POST,
        "scopes": list(SCOPES),
        "levels": ["P0"] if service.is_live else list(TRIAL_LEVELS),
        "claims": [] if service.is_live else list(IDENTITY_CLAIMS),
        **UNASKED,
    }
    client = set_client(_new_client_id(service), service=service, facts=facts, by=by, secret=secret)
    return RegisteredClient(client, secret)


def replace_secret(client: Client, *, by: Actor) -> RegisteredClient:
    """Give ``client`` a new secret; the old one opens nothing any more."""
    secret = secrets.token_urlsafe(32)
    return RegisteredClient(
        set_client(client.client_id, service=client.service, facts={}, by=by, secret=secret), secret
    )


def _new_client_id(service: Service) -> str:
    """Return an id that tells people whose it is, and that nobody else has."""
    stem = re.sub(r"[^a-z0-9]+", "-", service.name.lower()).strip("-")[:60].strip("-") or "client"
    return f"{stem}-{secrets.token_hex(4)}"
