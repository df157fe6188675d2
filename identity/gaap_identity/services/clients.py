"""Clients: what services registered in order to sign citizens in."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.organisations.models import Service
from gaap_identity.models import Client
from gaap_identity.services.known_clients import forget_client
from gaap_identity.services.passwords import hash_password, verify_password

#: What the audit keeps of a client: everything but the secret.
AUDITED = (
    "name",
    "redirect_uris",
    "post_logout_redirect_uris",
    "auth_method",
    "public_key",
    "jwks_uri",
    "algorithm",
    "scopes",
    "claims",
    "levels",
    "granted_levels",
    "granted_claims",
    "subject_type",
    "sector_identifier",
    "back_channel_logout_uri",
    "security_events_uri",
    "rate_limit",
    "is_jar_required",
    "is_standard",
    "is_pkce_required",
    "is_nonce_required",
    "is_max_age_allowed",
    "takes_powers",
    "is_active",
)


@transaction.atomic
def set_client(client_id: str, *, service: Service, facts: Mapping[str, Any], by: Actor, secret: str = "") -> Client:
    """Create the client, or change it to hold ``facts`` (columns of the model); nothing happens when it does already.

    ``secret`` is for ``client_secret_post`` and is kept hashed. Raises ValidationError when the client makes no sense.
    """
    client = Client.objects.called(client_id).first() or Client(client_id=client_id)
    is_new = client._state.adding
    before = {} if is_new else _audited(client)
    for name, value in {"service": service, **facts}.items():
        setattr(client, name, value)
    is_secret_new = bool(secret) and not (client.client_secret and verify_password(secret, stored=client.client_secret))
    if is_secret_new:
        client.client_secret = hash_password(secret)
    save_client(client, before=before, by=by, is_secret_new=is_secret_new)
    return client


@transaction.atomic
def save_client(client: Client, *, before: Mapping[str, Any], by: Actor | None, is_secret_new: bool = False) -> None:
    """Store ``client`` if it differs from ``before`` (its audited columns, empty for a new one), and record that.

    Raises ValidationError.
    """
    client.full_clean()
    after = _audited(client)
    if before == after and not is_secret_new:
        return
    client.save()
    forget_client(client)
    action = "client_changed" if before else "client_created"
    record(action, target=client, by=by, before=before or None, after={**after, "secret_changed": is_secret_new})


def audited_facts(client: Client) -> dict[str, Any]:
    """Return what stands of ``client`` in the database, as the audit keeps it; empty for a new one."""
    stored = Client.objects.filter(pk=client.pk).first()
    return _audited(stored) if stored else {}


def _audited(client: Client) -> dict[str, Any]:
    return {name: getattr(client, name) for name in AUDITED}
