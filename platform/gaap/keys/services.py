"""The only writer of API keys, and the one place that tells whether a key opens anything."""

import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.components import known_scopes
from gaap.crypto import keyed_digest
from gaap.keys.models import ApiKey
from gaap.keys.text import KeyText, KeyTextError, key_name_slug, parse_key_text
from gaap.organisations.models import Service
from gaap.snapshots import Snapshots

LAST_USED_PRECISION = timedelta(minutes=1)


class ApiKeyError(ValueError):
    """An API key cannot be made as asked."""


class KeyRefusedError(Exception):
    """The key opens nothing; the text says why, for the log and never for the caller."""


@dataclass(frozen=True)
class IssuedKey:
    """A key just made. ``text`` is shown this once and cannot be had again."""

    api_key: ApiKey
    text: str = field(repr=False)


@transaction.atomic
def create_api_key(
    service: Service,
    *,
    name: str,
    type: str,
    by: Actor,
    scopes: Sequence[str] | None = None,
    secret: str | None = None,
    expires_at: datetime | None = None,
) -> IssuedKey:
    """Make a key for ``service``.

    ``type`` is ``live``, ``team`` or ``test``; ``scopes`` None means all; ``secret`` is a lower-case UUID, made when
    not given. Where the service wants four eyes, a live key that a person makes opens nothing until somebody else has
    approved it (``gaap.keys.approval``). Raises ApiKeyError for a live key of a trial service, an unknown
    type or scope, or a taken name.
    """
    _check_key_request(service, name=name, type=type, scopes=scopes)
    secret = secret or str(uuid.uuid4())
    api_key = ApiKey.objects.create(
        service=service,
        name=name,
        type=type,
        scopes=None if scopes is None else sorted(scopes),
        secret=secret,
        secret_digest=_secret_digest(service.pk, secret),
        created_by=by.label or by.id,
        requested_by_id=int(by.id) if by.kind == "person" else None,
        awaits_approval=type == ApiKey.Type.LIVE and service.live_keys_need_approval and by.kind == "person",
        expires_at=expires_at,
    )
    forget_keys(service.pk)
    record("api_key_created", target=api_key, by=by, after={"name": name, "type": type, "scopes": api_key.scopes})
    return IssuedKey(api_key, str(key_text(api_key)))


@transaction.atomic
def revoke_api_key(api_key: ApiKey, *, by: Actor) -> bool:
    """Revoke a key for good, within seconds on every process; returns False when it is revoked already."""
    revoked = ApiKey.objects.filter(pk=api_key.pk, revoked_at__isnull=True).update(revoked_at=now())
    if revoked:
        api_key.refresh_from_db(fields=["revoked_at"])
        forget_keys(api_key.service_id)
        record("api_key_revoked", target=api_key, by=by, after={"name": api_key.name})
    return bool(revoked)


@transaction.atomic
def change_scopes(api_key: ApiKey, scopes: Sequence[str], *, by: Actor) -> bool:
    """Let a key reach ``scopes`` and no others; returns False when it is so already. Raises ApiKeyError."""
    if unknown := sorted(set(scopes) - known_scopes()):
        raise ApiKeyError(f"Unknown scopes: {', '.join(unknown)}.")
    before, after = api_key.scopes, sorted(scopes)
    if before == after:
        return False
    api_key.scopes = after
    api_key.save(update_fields=["scopes"])
    forget_keys(api_key.service_id)
    record("api_key_scopes_changed", target=api_key, by=by, before={"scopes": before}, after={"scopes": after})
    return True


def key_text(api_key: ApiKey) -> KeyText:
    """Return the text of a key as its owner writes it; ``str()`` of it is the whole key."""
    return KeyText(api_key.type, key_name_slug(api_key.name), api_key.service_id, api_key.secret)


def authenticate_text(text: str) -> ApiKey:
    """Return the usable key written as ``text``, with its service; raises KeyRefusedError.

    A text of the wrong shape or checksum is refused without touching the database. The keys are those of a moment ago
    at most (``service_keys``).
    """
    try:
        parts = parse_key_text(text)
    except KeyTextError as error:
        raise KeyRefusedError(str(error)) from error
    digest = _secret_digest(parts.service_id, parts.secret)
    alike = (key for key in service_keys(parts.service_id) if key.type == parts.type)
    api_key = next((key for key in alike if hmac.compare_digest(key.secret_digest, digest)), None)
    if api_key is None:
        raise KeyRefusedError("No such key.")
    if not api_key.is_usable:
        raise KeyRefusedError("The key is revoked, expired or not approved yet, or its service is archived.")
    note_key_use(api_key)
    return api_key


def service_keys(service_id: uuid.UUID) -> list[ApiKey]:
    """Return every key of a service, revoked and expired ones too, newest first, each with its service.

    They are those of a moment ago at most; see ``gaap.snapshots``.
    """
    return _keys.get(service_id)


def forget_keys(service_id: uuid.UUID) -> None:
    """Read the service's keys anew; to be called by whoever changed one."""
    _keys.forget(service_id)


def note_key_use(api_key: ApiKey) -> None:
    """Remember that the key was used, at most once a minute."""
    moment = now()
    edge = moment - LAST_USED_PRECISION
    if api_key.last_used_at is not None and api_key.last_used_at > edge:
        return
    unused = Q(last_used_at__isnull=True) | Q(last_used_at__lte=edge)
    ApiKey.objects.filter(unused, pk=api_key.pk).update(last_used_at=moment)
    api_key.last_used_at = moment


def _check_key_request(service: Service, *, name: str, type: str, scopes: Sequence[str] | None) -> None:
    if type not in ApiKey.Type.values:
        raise ApiKeyError(f"An API key's type is live, team or test, not {type!r}.")
    if type == ApiKey.Type.LIVE and not service.is_live:
        raise ApiKeyError("A trial service cannot have a live key.")
    if unknown := sorted(set(scopes or ()) - known_scopes()):
        raise ApiKeyError(f"Unknown scopes: {', '.join(unknown)}.")
    if ApiKey.objects.filter(service=service, name=name, revoked_at__isnull=True).exists():
        raise ApiKeyError(f"The service already has a key named {name!r}.")


def _secret_digest(service_id: uuid.UUID, secret: str) -> str:
    return keyed_digest(f"{service_id}-{secret}", purpose="api-key")


def _load_keys(service_id: uuid.UUID) -> list[ApiKey]:
    return list(ApiKey.objects.select_related("service").filter(service_id=service_id))


_keys: Snapshots[uuid.UUID, list[ApiKey]] = Snapshots(_load_keys)
