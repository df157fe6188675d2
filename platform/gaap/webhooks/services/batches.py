"""Taking deliveries to one webhook, many at a time, and giving back what there was no time for.

Whoever takes a batch holds the webhook's lock for that moment, so nobody else chooses at the same time. All of a batch
are held until the same moment, and no other batch until just that one: so it tells the lanes apart, and guards what is
written back against a worker that lost its lease.
"""

import secrets
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from gaap.clock import now
from gaap.webhooks.horizon import first_that_may_wait
from gaap.webhooks.models.deliveries import Delivery, DeliveryQuerySet
from gaap.webhooks.models.subscriptions import Subscription
from gaap.webhooks.services.choosing import candidates
from gaap.webhooks.styles.base import Style, style_named

BATCH_SIZE = 50
#: No further call of a batch is begun after this.
BATCH_SECONDS = 1.0
#: What a worker may need beside the calls: looking up the name, writing down the outcomes.
LEASE_MARGIN = timedelta(seconds=9)
JITTER_MICROSECONDS = 500_000


@dataclass(frozen=True)
class Batch:
    """Deliveries to one webhook that a worker holds until ``ends``."""

    subscription: Subscription
    style: Style
    deliveries: Sequence[Delivery]
    ends: datetime
    _began: float = field(default_factory=time.monotonic)

    @property
    def is_over(self) -> bool:
        """True when no further call should begin."""
        return time.monotonic() - self._began > BATCH_SECONDS

    def held(self, deliveries: Sequence[Delivery]) -> DeliveryQuerySet:
        """Return those rows of the batch that nobody has taken over."""
        return Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries], held_until=self.ends)


@transaction.atomic
def take_batch(subscription_id: uuid.UUID, *, size: int = BATCH_SIZE) -> Batch | None:
    """Take at most ``size`` deliveries to a webhook, a single one while it fails; None when nothing may be sent."""
    active = Subscription.objects.active().select_for_update(no_key=True)
    subscription = active.filter(pk=subscription_id).first()
    moment = now()
    if subscription is None or subscription.is_paused(moment) or not _has_free_lane(subscription, moment):
        return None
    style = style_named(subscription.style)
    limit = 1 if subscription.failing_since else size
    found = candidates(subscription, moment, keeps_order=style.keeps_order, limit=limit)
    return _hold(subscription, style, found, moment=moment) if found else None


def give_back(batch: Batch, deliveries: Sequence[Delivery]) -> None:
    """Let others have what was not tried."""
    if deliveries:
        batch.held(deliveries).update(due_at=now(), held_until=None)


def _has_free_lane(subscription: Subscription, moment: datetime) -> bool:
    since = first_that_may_wait()
    on_the_way = Delivery.objects.filter(subscription=subscription, sequence__gte=since).being_sent(moment)
    return on_the_way.order_by().values("held_until").distinct().count() < subscription.lanes


def _hold(subscription: Subscription, style: Style, found: list[Delivery], *, moment: datetime) -> Batch:
    seconds = style.timeout_seconds + BATCH_SECONDS
    ends = moment + timedelta(seconds=seconds, microseconds=secrets.randbelow(JITTER_MICROSECONDS)) + LEASE_MARGIN
    numbers = [delivery.pk for delivery in found]
    Delivery.objects.filter(pk__in=numbers).update(due_at=ends, held_until=ends, attempts=F("attempts") + 1)
    for delivery in found:
        delivery.subscription, delivery.due_at, delivery.attempts = subscription, ends, delivery.attempts + 1
    return Batch(subscription, style, found, ends)
