"""Replacing a key by another one while both work for a time."""

import re
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.keys.models import ApiKey
from gaap.keys.services import ApiKeyError, IssuedKey, create_api_key, forget_keys

NUMBERED = re.compile(r"(?P<stem>.*?)(?: (?P<number>\d{1,6}))?")
LONGEST_STEM = 92


@transaction.atomic
def rotate_api_key(api_key: ApiKey, *, overlap: timedelta, by: Actor) -> IssuedKey:
    """Make a key of the same type and scopes, and let ``api_key`` expire after ``overlap`` (zero or more).

    The new key lives as long as the old one was meant to, and is named after it with a number. While it waits for a
    second person, the old one stays as it is. Raises ApiKeyError when the old one opens nothing any more.
    """
    current = ApiKey.objects.select_for_update(of=("self",)).select_related("service").get(pk=api_key.pk)
    if not current.is_usable:
        raise ApiKeyError("The key is revoked or expired.")
    issued = create_api_key(
        current.service,
        name=next_name(current),
        type=current.type,
        scopes=current.scopes,
        expires_at=_same_lifetime(current),
        by=by,
    )
    if not issued.api_key.awaits_approval:
        _let_expire(current, ends=now() + overlap)
    after = {"name": issued.api_key.name, "overlap_hours": overlap.total_seconds() / 3600}
    record("api_key_rotated", target=current, by=by, after=after)
    return issued


def _let_expire(api_key: ApiKey, *, ends: datetime) -> None:
    lasting = Q(expires_at__isnull=True) | Q(expires_at__gt=ends)
    ApiKey.objects.filter(lasting, pk=api_key.pk).update(expires_at=ends)
    forget_keys(api_key.service_id)


def next_name(api_key: ApiKey) -> str:
    """Return the key's name with the next number that no standing key of the service has."""
    found = NUMBERED.fullmatch(api_key.name)
    stem = found["stem"] if found else api_key.name
    number = int(found["number"] or 1) if found else 1
    standing = ApiKey.objects.filter(service_id=api_key.service_id, revoked_at__isnull=True)
    taken = set(standing.values_list("name", flat=True))
    while (name := f"{stem[:LONGEST_STEM]} {(number := number + 1)}") in taken:
        pass
    return name


def _same_lifetime(api_key: ApiKey) -> datetime | None:
    if api_key.expires_at is None:
        return None
    return now() + (api_key.expires_at - api_key.created_at)
