"""Who did something, in words for the team: the email address of a colleague, the name of a key."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model

from gaap.keys.models import ApiKey


def actor_names(actors: Iterable[str]) -> dict[str, str]:
    """Return the names of those ``actors`` (``kind:id``) that have one; at most two queries for any number.

    A citizen, a provider and the platform itself have none, nor has who is gone.
    """
    named = {actor: actor.partition(":") for actor in set(actors)}
    people = {key for kind, _, key in named.values() if kind == "person" and key.isdecimal()}
    keys = {key for kind, _, key in named.values() if kind == "api_key" and _is_uuid(key)}
    found: dict[tuple[str, str], str] = {}
    if people:
        users = get_user_model().objects.filter(pk__in=people).values_list("pk", "email", "username")
        found |= {("person", str(pk)): email or username for pk, email, username in users}
    if keys:
        found |= {
            ("api_key", str(pk)): name for pk, name in ApiKey.objects.filter(pk__in=keys).values_list("pk", "name")
        }
    return _matched(named, found)


def _matched(named: dict[str, Any], found: dict[tuple[str, str], str]) -> dict[str, str]:
    pairs = ((actor, found.get((kind, key))) for actor, (kind, _, key) in named.items())
    return {actor: name for actor, name in pairs if name}


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
