"""Calling providers, several messages at once, outside of any transaction."""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gaap.conf import conf as kernel_conf
from gaap.observing.tracing import Span, Value, span
from gaap.providers.errors import ProviderError
from gaap_notify.conf import conf
from gaap_notify.models import Notification
from gaap_notify.providers.base import Accepted, Provider
from gaap_notify.services.outgoing import as_outgoing
from gaap_notify.services.provider_choice import provider_named
from gaap_notify.services.service_settings import settings_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class HandOver:
    """A message and the provider that is to carry it.

    ``unsettled_since`` is when an earlier call to the same provider began of which nobody knows how it ended.
    """

    notification: Notification
    alias: str
    unsettled_since: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of one hand-over: one of the three is set, or none when there was no time for it."""

    notification: Notification
    provider: Provider[Any] | None = None
    accepted: Accepted | None = None
    error: ProviderError | None = None


@dataclass(frozen=True)
class _Call:
    """One call that is ready to be made."""

    hand_over: HandOver
    provider: Provider[Any]
    message: Any


def hand_over_all(hand_overs: Sequence[HandOver]) -> list[Outcome]:
    """Call the providers and return what came of each; a fault of our own in one message spoils no other.

    Calls that have not begun within half a lease are not made: by their end somebody else might have the message.
    """
    ends = time.monotonic() + kernel_conf.work_lease.total_seconds() / 2
    outcomes: list[Outcome] = []
    calls: dict[str, list[_Call]] = defaultdict(list)
    for prepared in _prepare(hand_overs):
        if isinstance(prepared, Outcome):
            outcomes.append(prepared)
        else:
            calls[f"{prepared.hand_over.notification.type}/{prepared.hand_over.alias}"].append(prepared)
    for of_one in calls.values():
        outcomes += _call_all(of_one, ends)
    return outcomes


def _prepare(hand_overs: Iterable[HandOver]) -> Iterator[_Call | Outcome]:
    providers: dict[tuple[str, str, bool, str], Provider[Any]] = {}
    for hand_over in hand_overs:
        row = hand_over.notification
        key = (row.type, hand_over.alias, row.service.is_live, row.key_type)
        try:
            provider = providers.get(key) or provider_named(row, hand_over.alias)
            providers[key] = provider
            yield _Call(hand_over, provider, as_outgoing(row, settings=settings_of(row.service_id)))
        except ProviderError as error:
            yield Outcome(row, error=error)
        except Exception:
            # The row stays held; when this happens at every try it is given up.
            logger.exception("Notification %s cannot be written", row.pk)


def _call_all(calls: Sequence[_Call], ends: float) -> list[Outcome]:
    open_calls, outcomes = [], []
    for call in calls:
        settled = _settled(call)
        if settled is None:
            open_calls.append(call)
        else:
            outcomes.append(settled)
    lanes = min(calls[0].provider.lanes, len(open_calls))
    if lanes <= 1:
        made = [_call(call, ends) for call in open_calls]
    else:
        with ThreadPoolExecutor(lanes) as pool:
            made = list(pool.map(lambda call: _call(call, ends), open_calls))
    return [*outcomes, *(outcome for several in made for outcome in several)]


def _call(call: _Call, ends: float) -> list[Outcome]:
    row = call.hand_over.notification
    if time.monotonic() > ends:
        return [Outcome(row)]
    try:
        with _traced(call):
            return [Outcome(row, call.provider, accepted=call.provider.send(call.message))]
    except ProviderError as error:
        return [Outcome(row, call.provider, error=error)]
    except Exception:
        logger.exception("Notification %s broke its provider", row.pk)
        return []


def _traced(call: _Call) -> AbstractContextManager[Span]:
    row = call.hand_over.notification
    words: dict[str, Value] = {"gaap.channel": row.type, "gaap.provider": call.provider.alias, "gaap.try": row.attempts}
    return span("notify.provider_call", words, kind="client", of=row.pk)


def _settled(call: _Call) -> Outcome | None:
    """Return what an earlier call came to that broke off; None when the message may be sent now."""
    since, provider, row = call.hand_over.unsettled_since, call.provider, call.hand_over.notification
    if since is None or provider.settled_by == "repeating":
        return None
    try:
        found = _asked(call, since)
    except ProviderError as error:
        return Outcome(row, provider, error=error)
    return Outcome(row, provider, accepted=found) if found else None


def _asked(call: _Call, since: datetime) -> Accepted | None:
    provider, row = call.provider, call.hand_over.notification
    if provider.settled_by == "asking":
        try:
            found = provider.find_sent(call.message, since=since)
        except ProviderError as error:
            raise ProviderError(str(error), permanent=False, is_unknown=True, pause=error.pause) from error
        return next((one for one in found if not _is_another(one, row)), None)
    if conf.is_sent_again_when_unsettled:
        return None
    raise ProviderError("It is not known whether the provider took the message.", permanent=True)


def _is_another(found: Accepted, row: Notification) -> bool:
    known = Notification.objects.filter(type=row.type, provider=row.provider, provider_id=found.provider_id)
    return known.exclude(pk=row.pk).exists()
