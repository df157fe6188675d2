"""What comes of a try: the delivery is made, tried again later, or given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from gaap.clock import now
from gaap.webhooks.models.deliveries import DELIVERED, FAILED, WAITING, Delivery, DeliveryAttempt
from gaap.webhooks.models.subscriptions import Subscription
from gaap.webhooks.outcomes import Outcome
from gaap.webhooks.services.batches import Batch
from gaap.webhooks.services.choosing import behind
from gaap.webhooks.services.health import note_failure, note_success
from gaap.webhooks.styles.base import Style
from gaap.work import held


@dataclass(frozen=True)
class Try:
    """One try of a delivery, and how it went."""

    delivery: Delivery
    outcome: Outcome


def keep_outcomes(batch: Batch, tries: Sequence[Try]) -> None:
    """Keep the tries of a batch: in bulk what went well at the first try, everything else one by one."""
    quick = [
        tried for tried in tries if tried.delivery.attempts == 1 and batch.style.is_delivered(tried.outcome.status)
    ]
    if quick:
        _keep_delivered(batch, quick)
    for tried in tries:
        if tried not in quick:
            keep_outcome(tried.delivery, tried.outcome, style=batch.style)


@transaction.atomic
def keep_outcome(delivery: Delivery, outcome: Outcome, *, style: Style) -> None:
    """Keep the attempt, note what it says of the receiver, and move the delivery on if it is still held.

    Whoever may change more than the one delivery locks the stream, then the webhook, then deliveries, in this order.
    """
    _attempt(delivery, outcome).save()
    if style.is_delivered(outcome.status):
        if delivery.attempts > 1:
            Subscription.objects.select_for_update().get(pk=delivery.subscription_id)
        note_success(delivery.subscription, outcome)
        _finish(delivery, DELIVERED, style=style)
    else:
        note_failure(delivery.subscription, outcome, style=style)
        _retry_or_give_up(delivery, outcome, style=style)


def next_wait(delivery: Delivery, outcome: Outcome, *, style: Style) -> timedelta | None:
    """Return how long to wait before the next try, None when there is none."""
    tries = DeliveryAttempt.objects.filter(delivery=delivery).count()
    if style.is_gone(outcome.status) or not style.is_retried(outcome.status) or tries > len(style.ladder):
        return None
    asked = outcome.asked_pause if style.honours_pauses else None
    return max(style.ladder[tries - 1], asked or timedelta())


@transaction.atomic
def _keep_delivered(batch: Batch, tries: Sequence[Try]) -> None:
    DeliveryAttempt.objects.bulk_create(_attempt(tried.delivery, tried.outcome) for tried in tries)
    note_success(batch.subscription, tries[-1].outcome)
    # Nothing was put off behind a first try.
    batch.held([tried.delivery for tried in tries]).update(**_settled(DELIVERED))


def _attempt(delivery: Delivery, outcome: Outcome) -> DeliveryAttempt:
    return DeliveryAttempt(
        delivery=delivery,
        started_at=outcome.started_at,
        status_code=outcome.status,
        error=outcome.error[:200],
        latency_ms=outcome.latency_ms,
        body=outcome.body,
    )


def _retry_or_give_up(delivery: Delivery, outcome: Outcome, *, style: Style) -> None:
    wait = next_wait(delivery, outcome, style=style)
    if wait is None:
        _finish(delivery, FAILED, failure=outcome.summary[:200], style=style)
        return
    due_at = now() + wait
    waiting = held(delivery).filter(status=WAITING)
    if waiting.update(due_at=due_at, held_until=None) and style.keeps_order:
        behind(delivery).update(due_at=due_at)


def _finish(delivery: Delivery, status: str, *, style: Style, failure: str = "") -> None:
    moment = now()
    # After a first try nothing was put off behind it.
    if held(delivery).update(**_settled(status, failure)) and style.keeps_order and delivery.attempts > 1:
        # What this batch holds itself is settled in its turn.
        behind(delivery).filter(due_at__gt=moment).exclude(held_until__gt=moment).update(due_at=moment)


def _settled(status: str, failure: str = "") -> dict[str, Any]:
    return {"status": status, "failure": failure, "due_at": None, "held_until": None, "finished_at": now()}
