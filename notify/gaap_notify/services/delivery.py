"""Delivery: handing notifications to their providers, trying again, giving up.

1. A worker takes a batch of due messages for a lease and writes down which provider it is about to call. A killed
   worker's messages become due again by themselves, and that note says whom to ask about them.
2. The providers are called outside of any transaction, several messages at once.
3. What was taken is written back in one statement; the time of the next try stands in the row.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import DateTimeField, F
from django.db.models.functions import Coalesce

from gaap.actors import SYSTEM
from gaap.clock import now
from gaap.conf import conf as kernel_conf
from gaap.observing import tracing
from gaap.states import move_many
from gaap.work import held
from gaap_notify.models import Lane, Notification
from gaap_notify.models.notifications import HANDED_OVER
from gaap_notify.providers.base import Provider, RecipientRejectedError
from gaap_notify.services.claiming import lock_due, lock_one
from gaap_notify.services.handing_over import HandOver, Outcome, hand_over_all
from gaap_notify.services.notifications import RECEIPT_DEADLINE, change_status, event_data, values_after
from gaap_notify.services.provider_choice import NobodyReadyError, choose_alias
from gaap_notify.services.provider_health import note_calls
from gaap_notify.services.provider_limits import within_limits
from gaap_notify.services.service_settings import settings_of
from gaap_notify.services.suppressions import suppressed
from gaap_notify.states import (
    CREATED,
    DELIVERED,
    NOTIFICATION,
    PENDING,
    PERMANENT_FAILURE,
    SENDING,
    SENT,
    TECHNICAL_FAILURE,
    TEMPORARY_FAILURE,
)

logger = logging.getLogger(__name__)

SMALLEST_BATCH = 10
FIRST_BATCH = 50
LARGEST_BATCH = 400
#: A batch should take about so long, so that a code that comes meanwhile need not wait for more.
BATCH_SECONDS = 0.5


@dataclass(frozen=True)
class RetryPlan:
    """How often a message is tried again after the first time, and after what pause."""

    retries: int
    pause: timedelta


#: Figures of the contract (A.13): four hours in all.
ORDINARY = RetryPlan(retries=48, pause=timedelta(seconds=300))
#: A code is of no use an hour later; five minutes of trying is what a person waits.
SECRET = RetryPlan(retries=20, pause=timedelta(seconds=15))


def deliver_for(seconds: float, *, last_lane: int = Lane.BULK) -> bool:
    """Deliver what is due for about so many seconds; returns True when there may be more."""
    ends, size = time.monotonic() + seconds, FIRST_BATCH
    while time.monotonic() < ends:
        began = time.monotonic()
        if not _deliver(lambda room=size: lock_due(room, last_lane=last_lane)):  # type: ignore[misc]
            return False
        size = _next_size(size, time.monotonic() - began)
    return True


def work_on_notification(notification_id: UUID) -> None:
    """Do what is due for one notification; nothing when it is not due or another worker has it."""
    if not _deliver(lambda: lock_one(notification_id)):
        give_up_waiting(of=notification_id)


def give_up_waiting(*, of: UUID | None = None, limit: int = 500) -> int:
    """Mark as not reached what no provider has reported on within 72 hours; returns how many (spec A.13).

    ``of`` narrows it to one notification; at most ``limit`` of each status are looked at.
    """
    given_up = 0
    for status in (SENDING, PENDING):
        overdue = Notification.objects.filter(status=status, due_at__lte=now(), type__in=HANDED_OVER)
        ready = list((overdue.filter(pk=of) if of else overdue).select_related("template_version")[:limit])
        changes = {**values_after(TEMPORARY_FAILURE), "failure": "The provider has not reported within 72 hours."}
        given_up += len(
            move_many(ready, TEMPORARY_FAILURE, table=NOTIFICATION, by=SYSTEM, changes=changes, data=event_data)
        )
    return given_up


def _next_size(size: int, seconds: float) -> int:
    if seconds < BATCH_SECONDS / 2:
        return min(LARGEST_BATCH, size * 2)
    return max(SMALLEST_BATCH, size // 2) if seconds > BATCH_SECONDS * 2 else size


def _deliver(lock: Callable[[], Sequence[Notification]]) -> int:
    """Take a batch, hand it over and write down what came of it; returns how many messages were taken."""
    with tracing.span("notify.batch", kind="consumer") as batch:
        hand_overs, taken = _claim(lock)
        batch.is_left_out = not taken
        batch.attributes["gaap.messages"] = taken
        outcomes = hand_over_all(hand_overs)
        _record(outcomes)
    return taken


@transaction.atomic
def _claim(lock: Callable[[], Sequence[Notification]]) -> tuple[list[HandOver], int]:
    rows = lock()
    unwanted = suppressed(rows)
    for row in rows:
        if row.pk in unwanted:
            change_status(row, PERMANENT_FAILURE, by=SYSTEM, failure="The recipient gets no more messages.")
    hand_overs = [planned for row in rows if row.pk not in unwanted and (planned := _plan(row))]
    ready, waiting = within_limits(hand_overs)
    for hand_over, until in waiting:
        _put_off(hand_over.notification, until)
    _take(ready)
    return ready, len(rows)


def _plan(row: Notification) -> HandOver | None:
    """Return how to go on with a message; None when it came to its end, or must wait, which is then written."""
    if reason := _reason_to_give_up(row):
        # Earlier tries ended without a word: the worker died, or something in the message breaks it.
        change_status(row, TECHNICAL_FAILURE, by=SYSTEM, failure=reason)
        return None
    if row.calling_since is not None:
        return HandOver(row, row.provider, unsettled_since=row.calling_since)
    try:
        return HandOver(row, choose_alias(row, settings=settings_of(row.service_id)))
    except NobodyReadyError as error:
        _put_off(row, error.until)
        return None


def _reason_to_give_up(row: Notification) -> str:
    if row.attempts > _retry_plan(row).retries:
        return "Every try broke off."
    return "No provider took it within 72 hours." if now() - row.created_at > RECEIPT_DEADLINE else ""


def _put_off(row: Notification, until: datetime) -> None:
    Notification.objects.filter(pk=row.pk).update(due_at=until)


def _take(hand_overs: Sequence[HandOver]) -> None:
    moment, by_alias = now(), defaultdict[str, list[Notification]](list)
    for hand_over in hand_overs:
        by_alias[hand_over.alias].append(hand_over.notification)
        _trace_wait(hand_over.notification, until=moment)
    for alias, rows in by_alias.items():
        changes = {"due_at": moment + kernel_conf.work_lease, "provider": alias}
        keys = [row.pk for row in rows]
        # An earlier call of which nobody knows the end stays on record, or the next worker would ask only about ours.
        since = Coalesce("calling_since", moment, output_field=DateTimeField())
        Notification.objects.filter(pk__in=keys).update(attempts=F("attempts") + 1, calling_since=since, **changes)
        for row in rows:
            row.attempts += 1
            vars(row).update(changes, calling_since=row.calling_since or moment)


def _trace_wait(row: Notification, *, until: datetime) -> None:
    """Note how long the row waited in the database for a worker, since it was due."""
    if row.due_at is not None:
        tracing.note("notify.wait", seconds=(until - row.due_at).total_seconds(), of=row.pk)


def _record(outcomes: Sequence[Outcome]) -> None:
    accepted = defaultdict[str, list[Outcome]](list)
    for outcome in outcomes:
        if outcome.accepted is not None and outcome.provider is not None:
            accepted[_status_after(outcome.notification, outcome.provider)].append(outcome)
        elif outcome.error is not None:
            _record_refusal(outcome.notification, outcome.error)
        else:
            _release(outcome.notification)
    for status, of_status in accepted.items():
        _record_acceptances(status, of_status)
    _count(outcomes)


def _record_acceptances(status: str, outcomes: Sequence[Outcome]) -> None:
    """Write that the providers have the messages. When a receipt was quicker, it has written so itself."""
    secrets = [outcome for outcome in outcomes if outcome.notification.is_secret]
    for outcome in secrets:
        details = {"provider_id": _provider_id(outcome), "sent_at": now(), "failure": "", "calling_since": None}
        change_status(outcome.notification, status, by=SYSTEM, **details)
    open_ = {outcome.notification.pk: outcome for outcome in outcomes if not outcome.notification.is_secret}
    changes = {**values_after(status, sent_at=now()), "failure": "", "calling_since": None}
    ids = {key: _provider_id(outcome) for key, outcome in open_.items()}
    rows = [outcome.notification for outcome in open_.values()]
    each = {"provider_id": ids}
    move_many(rows, status, table=NOTIFICATION, by=SYSTEM, changes=changes, each=each, data=event_data)


def _provider_id(outcome: Outcome) -> str:
    return outcome.accepted.provider_id[:255] if outcome.accepted else ""


def _status_after(notification: Notification, provider: Provider[Any]) -> str:
    if provider.reports_delivery:
        return SENDING
    return DELIVERED if notification.type == "email" else SENT


def _retry_plan(notification: Notification) -> RetryPlan:
    return SECRET if notification.is_secret else ORDINARY


def _record_refusal(notification: Notification, error: Exception) -> None:
    plan, failure = _retry_plan(notification), str(error)[:255]
    logger.warning("Notification %s, try %d: %s", notification.pk, notification.attempts, error)
    if isinstance(error, RecipientRejectedError):
        change_status(notification, PERMANENT_FAILURE, by=SYSTEM, failure=failure, calling_since=None)
        return
    is_unknown = getattr(error, "is_unknown", False)
    if getattr(error, "permanent", False) or notification.attempts > plan.retries:
        change_status(notification, TECHNICAL_FAILURE, by=SYSTEM, failure=failure, calling_since=None)
        return
    next_try = now() + _pause_before_next_try(notification, plan, is_unknown=is_unknown)
    changes = {"due_at": next_try, "failure": failure, **({} if is_unknown else {"calling_since": None})}
    held(notification).filter(status=CREATED).update(**changes)


def _pause_before_next_try(notification: Notification, plan: RetryPlan, *, is_unknown: bool) -> timedelta:
    if notification.type != "sms" or notification.attempts > 1:
        return plan.pause
    # What the provider may still be taking is not asked about before that must be over.
    return min(kernel_conf.work_lease, plan.pause) if is_unknown else timedelta()


def _release(notification: Notification) -> None:
    """Give back a message for which there was no time; it does not count as a try."""
    held(notification).filter(status=CREATED).update(due_at=now(), calling_since=None, attempts=F("attempts") - 1)


def _count(outcomes: Sequence[Outcome]) -> None:
    of_provider = defaultdict[tuple[str, str], list[Outcome]](list)
    for outcome in outcomes:
        if outcome.provider is not None:
            of_provider[outcome.notification.type, outcome.provider.alias].append(outcome)
    for (channel, alias), found in of_provider.items():
        errors = [outcome.error for outcome in found if outcome.error and not outcome.error.permanent]
        pauses = [error.pause for error in errors if error.pause]
        taken = sum(outcome.accepted is not None for outcome in found)
        note_calls(channel, alias, taken=taken, failed=len(errors), pause=max(pauses, default=None))
