"""How providers are doing: counting what they take, letting them rest, and moving their shares.

A provider rests for half a minute when a whole batch failed, or for as long as it asks to be left alone. Its share
moves by 10 to the others when more than 50 calls failed in a minute, or when 15% of what it took in a quarter of an
hour was on its way for more than five minutes; at most every five minutes. After a quiet quarter of an hour it drifts
back by 10. The figures are those of the contract's reference (C.1).
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Sum

from gaap.actors import SYSTEM, Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap_notify.models import Notification, ProviderMinute, ProviderState
from gaap_notify.models.provider_states import WHOLE
from gaap_notify.services.notifications import RECEIPT_DEADLINE
from gaap_notify.services.provider_choice import forget_states

REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=15)
#: So many failures without a single success are no accident.
TELLING_FAILURES = 5
STEP = 10
FAILURES_PER_MINUTE = 50
SLOW_SHARE = 0.15
SLOW = timedelta(minutes=5)
WATCHED = timedelta(minutes=15)
BETWEEN_MOVES = timedelta(minutes=5)
MINUTES_KEPT = timedelta(days=7)


def note_calls(channel: str, alias: str, *, taken: int, failed: int, pause: timedelta | None = None) -> None:
    """Count what came of a batch of calls, and let the provider rest if it must. ``pause`` is what it asked for."""
    _count(channel, alias, taken=taken, failed=failed)
    if pause is not None or (failed >= TELLING_FAILURES and not taken):
        rest(channel, alias, for_=min(pause or REST, LONGEST_REST))


def rest(channel: str, alias: str, *, for_: timedelta) -> None:
    """Give the provider nothing for a while, if its share is kept in the database."""
    if ProviderState.objects.filter(channel=channel, alias=alias).update(resting_until=now() + for_):
        forget_states(channel)


def balance_shares() -> int:
    """Move the shares of every channel as the last minutes ask for, and return how many providers were moved."""
    moved = 0
    for channel in ProviderState.objects.order_by().values_list("channel", flat=True).distinct():
        moved += _balance(channel)
    ProviderMinute.objects.filter(minute__lt=now() - MINUTES_KEPT).delete()
    return moved


@transaction.atomic
def set_share(state: ProviderState, *, share: int, is_active: bool, by: Actor) -> None:
    """Set a provider's usual share (0 to 100) and whether it gets anything at all."""
    before = {"share": state.usual_share, "is_active": state.is_active}
    state.share = state.usual_share = share
    state.is_active = is_active
    state.resting_until = None
    state.save()
    after = {"share": share, "is_active": is_active}
    record("notify_provider_changed", target=state, by=by, before=before, after=after)
    forget_states(state.channel)


def _count(channel: str, alias: str, *, taken: int, failed: int) -> None:
    minute = now().replace(second=0, microsecond=0)
    rows = ProviderMinute.objects.filter(channel=channel, alias=alias, minute=minute)
    changes = {"taken": F("taken") + taken, "failed": F("failed") + failed}
    if rows.update(**changes):
        return
    try:
        with transaction.atomic():
            ProviderMinute.objects.create(channel=channel, alias=alias, minute=minute, taken=taken, failed=failed)
    except IntegrityError:
        # Another worker began the minute at the same moment.
        rows.update(**changes)


@transaction.atomic
def _balance(channel: str) -> int:
    states = list(ProviderState.objects.select_for_update().filter(channel=channel, is_active=True).order_by("pk"))
    moment = now()
    troubled = [state for state in states if _is_troubled(state, moment)]
    if len(states) < 2 or len(troubled) == len(states):
        return 0
    moved = 0
    for state in states:
        step = -STEP if state in troubled else _drift(state, is_anybody_troubled=bool(troubled))
        moved += _move(state, step, moment)
    return moved


def _is_troubled(state: ProviderState, moment: datetime) -> bool:
    return _failed_lately(state, moment) > FAILURES_PER_MINUTE or _slow_share(state, moment) >= SLOW_SHARE


def _failed_lately(state: ProviderState, moment: datetime) -> int:
    last = moment.replace(second=0, microsecond=0) - timedelta(minutes=1)
    return _total(state, "failed", since=last, until=moment)


def _slow_share(state: ProviderState, moment: datetime) -> float:
    """Return which part of what was taken five to fifteen minutes ago has not been reported on yet.

    What waits for its report is due when the time for it is over, so the index of what is due finds it.
    """
    first, last = moment - WATCHED, moment - SLOW
    taken = _total(state, "taken", since=first, until=last)
    deadlines = (first + RECEIPT_DEADLINE, last + RECEIPT_DEADLINE)
    waiting = Notification.objects.filter(due_at__range=deadlines, type=state.channel, provider=state.alias)
    return waiting.exclude(status="created").count() / taken if taken else 0.0


def _total(state: ProviderState, column: str, *, since: datetime, until: datetime) -> int:
    minutes = ProviderMinute.objects.filter(channel=state.channel, alias=state.alias)
    found = minutes.filter(minute__gte=since, minute__lt=until).aggregate(total=Sum(column))
    return int(found["total"] or 0)


def _drift(state: ProviderState, *, is_anybody_troubled: bool) -> int:
    if is_anybody_troubled:
        return STEP
    distance = state.usual_share - state.share
    return max(-STEP, min(STEP, distance))


def _move(state: ProviderState, step: int, moment: datetime) -> int:
    quiet = BETWEEN_MOVES if step < 0 else _wait_before_return(state)
    share = max(0, min(WHOLE, state.share + step))
    if share == state.share or (state.moved_at is not None and moment - state.moved_at < quiet):
        return 0
    before = state.share
    ProviderState.objects.filter(pk=state.pk).update(share=share, moved_at=moment)
    record("notify_provider_moved", target=state, by=SYSTEM, before={"share": before}, after={"share": share})
    forget_states(state.channel)
    return 1


def _wait_before_return(state: ProviderState) -> timedelta:
    return WATCHED if state.share < state.usual_share else BETWEEN_MOVES
