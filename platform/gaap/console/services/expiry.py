"""Telling a team in time that one of its keys runs out."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from gaap.clock import now
from gaap.console.models import ExpiryWarning
from gaap.console.services.messages import send_expiry_warning
from gaap.keys.models import ApiKey
from gaap.organisations.models import Membership

#: A key that lives shorter than twice this is replaced often anyway, so nobody is told of it.
TIME_TO_ACT = timedelta(days=14)
BATCH_SIZE = 100


def warn_of_expiry() -> int:
    """Write to those who may replace the keys that run out within two weeks, once for each; return how many keys."""
    return sum(_warn(api_key) for api_key in _expiring())


def _expiring() -> "QuerySet[ApiKey]":
    soon = ApiKey.objects.usable().filter(expires_at__lte=now() + TIME_TO_ACT, expiry_warning__isnull=True)
    lasting = soon.filter(expires_at__gt=F("created_at") + 2 * TIME_TO_ACT, service__archived_at__isnull=True)
    return lasting.select_related("service").order_by("expires_at")[:BATCH_SIZE]


def _warn(api_key: ApiKey) -> bool:
    """Write once, however many workers try at the same moment."""
    try:
        with transaction.atomic():
            ExpiryWarning.objects.create(api_key=api_key)
            for address in _addresses(api_key):
                send_expiry_warning(api_key, recipient=address)
    except IntegrityError:
        return False
    return True


def _addresses(api_key: ApiKey) -> Iterator[str]:
    members = Membership.objects.filter(service_id=api_key.service_id, user__is_active=True).select_related("user")
    return (member.user.email for member in members if member.includes(Membership.Role.DEVELOPER) and member.user.email)
