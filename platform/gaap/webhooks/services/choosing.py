"""Choosing the deliveries to try next: due, and with nothing of their subject before them.

Whatever comes after a delivery that waits for its retry is put off to the same time. So what is due can nearly always
be tried, and the few rows looked at here are enough, however many wait.
"""

from collections.abc import Iterable
from datetime import datetime

from gaap.webhooks.horizon import first_that_may_wait
from gaap.webhooks.models.deliveries import Delivery, DeliveryQuerySet
from gaap.webhooks.models.subscriptions import Subscription

WINDOW = 20
#: Subject, number and time of a delivery.
Waiting = tuple[str, int, datetime | None]


def candidates(subscription: Subscription, moment: datetime, *, keeps_order: bool, limit: int) -> list[Delivery]:
    """Return at most ``limit`` deliveries that may be tried now, those chosen first that have been due for longest.

    With ``keeps_order`` those of one subject follow each other without a gap, from the first that waits. The caller
    holds the webhook's lock.
    """
    queue = Delivery.objects.filter(subscription=subscription, sequence__gte=first_that_may_wait())
    due = queue.due(moment).order_by("due_at", "sequence")
    if not keeps_order:
        return list(due.select_related("event")[:limit])
    seen: set[str] = set()
    while window := dict(due.exclude(subject__in=seen).values_list("sequence", "subject")[: max(limit, WINDOW)]):
        waiting = _waiting_until(max(window), queue, subjects=set(window.values()))
        if ready := _with_none_before(waiting, moment):
            return list(queue.filter(pk__in=ready[:limit]).select_related("event").order_by("sequence"))
        _put_off((sequence for _, sequence, _ in waiting), moment=moment)
        seen |= set(window.values())
    return []


def behind(delivery: Delivery) -> DeliveryQuerySet:
    """Return the deliveries that wait for this one."""
    waiting = Delivery.objects.waiting().filter(subscription=delivery.subscription_id, subject=delivery.subject)
    return waiting.filter(sequence__gt=delivery.pk)


def _waiting_until(last: int, queue: DeliveryQuerySet, *, subjects: Iterable[str]) -> list[Waiting]:
    """Return subject, number and time of what waits of some subjects, in order, up to and with ``last``."""
    waiting = queue.waiting().filter(subject__in=subjects, sequence__lte=last).order_by("sequence")
    return list(waiting.values_list("subject", "sequence", "due_at"))


def _with_none_before(waiting: Iterable[Waiting], moment: datetime) -> list[int]:
    """Return the numbers of those that are due, with everything before them of their subject.

    The first of a subject may have come due long after those behind it: when its worker was killed.
    """
    held_up: set[str] = set()
    ready = []
    for subject, sequence, due_at in waiting:
        if due_at is None or due_at > moment:
            held_up.add(subject)
        elif subject not in held_up:
            ready.append(sequence)
    return ready


def _put_off(waiting: Iterable[int], *, moment: datetime) -> None:
    """Put off what came to wait behind a retry later than the rest; the locks keep the retry from ending meanwhile."""
    retries = Delivery.objects.waiting().select_for_update().filter(pk__in=list(waiting), due_at__gt=moment)
    for retry in retries.exclude(held_until__gt=moment):
        behind(retry).filter(due_at__lte=moment).update(due_at=retry.due_at)
