"""Four eyes on live keys: one person makes the key, another one lets it open something."""

from django.contrib.auth.models import User
from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.keys.models import ApiKey
from gaap.keys.services import forget_keys


class SamePersonError(Exception):
    """Somebody wanted to approve the key that they made themselves."""


@transaction.atomic
def approve_api_key(api_key: ApiKey, *, user: User) -> bool:
    """Let a waiting key open what it is for; returns False when it does not wait any more.

    Raises SamePersonError for the person who made it.
    """
    if api_key.requested_by_id == user.pk:
        raise SamePersonError
    waiting = ApiKey.objects.filter(pk=api_key.pk, awaits_approval=True, revoked_at__isnull=True)
    approved = waiting.exclude(requested_by=user).update(awaits_approval=False)
    if approved:
        api_key.awaits_approval = False
        forget_keys(api_key.service_id)
        record("api_key_approved", target=api_key, by=Actor.for_user(user), after={"name": api_key.name})
    return bool(approved)
