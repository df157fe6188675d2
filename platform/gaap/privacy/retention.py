"""Forgetting personal data when its time is over: what a service chose, what is overdue, and the purge itself."""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.organisations.models import Service
from gaap.privacy.declarations import Purge, all_retentions, data_protections
from gaap.privacy.models import RetentionPeriod
from gaap.privacy.retention_periods import Retention

logger = logging.getLogger(__name__)

BATCH_SIZE = 500
#: One run leaves the rest to the next, so that no worker is held for long.
RUN_SECONDS = 240.0


def retention_days(service_id: UUID, retention: Retention) -> int:
    """Return after how many days the service's records of this kind lose their personal data."""
    own = RetentionPeriod.objects.filter(service_id=service_id, noun=retention.noun).values_list("days", flat=True)
    return own.first() or retention.days


def chosen_retention(service: Service) -> dict[str, int]:
    """Return what the service chose for itself: days by noun."""
    return dict(RetentionPeriod.objects.filter(service=service).values_list("noun", "days"))


@transaction.atomic
def set_retention(service: Service, days: Mapping[str, int], *, by: Actor) -> bool:
    """Set after how many days the service's records lose their personal data, by noun; what is not named stays.

    Returns False when nothing differs. Raises ValidationError for an unknown noun or days outside its bounds.
    """
    before = {noun: retention_days(service.pk, retention) for noun, retention in all_retentions().items()}
    changed = {noun: number for noun, number in days.items() if before.get(noun) != number}
    for noun, number in changed.items():
        RetentionPeriod(service=service, noun=noun, days=number).clean()
        RetentionPeriod.objects.update_or_create(service=service, noun=noun, defaults={"days": number})
    if changed:
        was = {noun: before[noun] for noun in changed}
        record("retention_changed", target=service, service=service, by=by, before=was, after=changed)
    return bool(changed)


def retention_faults(days: Mapping[str, int]) -> Iterable[tuple[str, str]]:
    """Yield each noun that cannot be set so, and why."""
    for noun, number in days.items():
        try:
            RetentionPeriod(noun=noun, days=number).clean()
        except ValidationError as error:
            yield noun, " ".join(error.messages)


def overdue(retention: Retention, *, since: str, service: str = "service_id", grace: timedelta = timedelta()) -> Q:
    """Return the condition of the rows whose time is over, and ``grace`` beyond it.

    ``since`` names the column with the time that counts from, ``service`` the one with the service's id; rows of
    services that chose for themselves go by their choice.
    """
    chosen: dict[int, list[UUID]] = defaultdict(list)
    for service_id, days in RetentionPeriod.objects.filter(noun=retention.noun).values_list("service_id", "days"):
        chosen[days].append(service_id)
    own = [service_id for services in chosen.values() for service_id in services]
    usual = _older(since, retention.time + grace)
    condition = usual & ~Q(**{f"{service}__in": own}) if own else usual
    for days, services in chosen.items():
        condition |= _older(since, timedelta(days=days) + grace) & Q(**{f"{service}__in": services})
    return condition


def purge_all(*, batch_size: int = BATCH_SIZE, seconds: float = RUN_SECONDS) -> dict[str, int]:
    """Forget what is overdue, component by component in small batches, for at most ``seconds``.

    Returns how many rows went or were emptied, by the purge's name. One that fails does not keep others from running.
    """
    ends = time.monotonic() + seconds
    purges = [purge for declared in data_protections() for purge in declared.purges()]
    return {purge.name: _run(purge, batch_size, ends) for purge in purges}


def _run(purge: Purge, batch_size: int, ends: float) -> int:
    total = 0
    try:
        while time.monotonic() < ends and (number := purge.run(batch_size)):
            total += number
    except Exception:
        logger.exception("The purge %s failed and will be tried again", purge.name)
    if total:
        logger.info("Purged %s rows: %s", total, purge.name)
    return total


def _older(since: str, time: timedelta) -> Q:
    return Q(**{f"{since}__lt": now() - time})
