"""Sealing the audit: one sealer at a time gathers what was committed and chains it.

A number that is missing when its batch is sealed belongs to a transaction that is still open or has failed. It stays
among the gaps of the newest seal until it appears, or until it is older than any transaction may be; an event that
turns up after that was inserted by hand.

When a month begins, numbers jump (``gaap.partitions``). What was drawn of the old month and not seen yet follows what
was; nothing tells how far, so a few numbers beyond are counted among the gaps for an hour.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db import IntegrityError, transaction

from gaap.audit.chain import GENESIS, leaf, seal_hash
from gaap.audit.models import AuditEvent, AuditSeal
from gaap.clock import now
from gaap.partitions.months import first_of_the_month

BATCH_SIZE = 5_000
#: Gaps are given up when they lie this many numbers behind; far more than open transactions can hold.
GAP_REACH = 100_000
#: How many numbers beyond the last one seen may have been drawn of a month, when the next one begins.
OPEN_AT_ITS_END = 200
#: Nobody's transaction is open for longer.
LONGEST_TRANSACTION = timedelta(hours=1)


def seal_waiting(limit: int = BATCH_SIZE) -> int:
    """Seal at most ``limit`` committed events that no seal names yet; return how many.

    Two sealers at once cannot both continue the same seal: the loser finds the place taken and returns 0.
    """
    try:
        with transaction.atomic():
            return _seal(limit)
    except IntegrityError:
        return 0


def _seal(limit: int) -> int:
    last = AuditSeal.objects.order_by("-id").first()
    found = list(_unsealed(last, limit))
    if not found:
        return 0
    gaps = _gaps_after(last, found)
    leaves = b"".join(leaf(event_id, mac) for event_id, mac in found)
    previous = last.hash if last else GENESIS
    AuditSeal.objects.create(
        first_id=found[0][0],
        last_id=max(found[-1][0], last.last_id if last else 0),
        leaves=leaves,
        gaps=gaps,
        previous_hash=previous,
        hash=seal_hash(previous, leaves, gaps),
        sealed_at=now(),
    )
    return len(found)


def _unsealed(last: AuditSeal | None, limit: int) -> Iterable[tuple[int, str]]:
    events = AuditEvent.objects.order_by("id").values_list("id", "mac")
    if last is None:
        return events[:limit]
    late = events.filter(id__in=last.gaps)
    return [*late, *events.filter(id__gt=last.last_id)[:limit]]


def _gaps_after(last: AuditSeal | None, found: list[tuple[int, str]]) -> list[int]:
    here = {event_id for event_id, _ in found}
    start, end = (last.last_id if last else 0) + 1, max(here)
    missing = {*(last.gaps if last else ()), *_drawn(start, end, here)} - here
    month = first_of_the_month(end)
    kept = {number for number in missing if number > max(end - GAP_REACH, month - 1)}
    older = {number for number in missing if number < month}
    return sorted(kept | older if older and _is_young(month, end) else kept)


def _drawn(start: int, end: int, here: set[int]) -> Iterator[int]:
    """Yield the numbers from ``start`` on that were drawn, or may have been: month by month up to the last one seen."""
    newest = first_of_the_month(end)
    for month in {first_of_the_month(number) for number in (start, *here)}:
        begin = max(start, month)
        seen = max((number for number in here if first_of_the_month(number) == month), default=begin - 1)
        beyond = 0 if month == newest else OPEN_AT_ITS_END
        yield from range(max(begin, seen - GAP_REACH), seen + beyond + 1)


def _is_young(month: int, end: int) -> bool:
    """Tell whether transactions may be open that began before the numbers jumped to those of the newest month."""
    began = AuditEvent.objects.filter(id__gte=month).order_by("id").values_list("occurred_at", flat=True).first()
    return end - month < GAP_REACH and began is not None and began > now() - LONGEST_TRANSACTION
