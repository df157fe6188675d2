"""Sealing the audit: one sealer at a time gathers what was committed and chains it.

A number that is missing when its batch is sealed belongs to a transaction that is still open or has failed. It stays
among the gaps of the newest seal until it appears, or until it is older than any transaction may be; an event that
turns up after that was inserted by hand.
"""

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from gaap.audit.chain import GENESIS, leaf, seal_hash
from gaap.audit.models import AuditEvent, AuditSeal
from gaap.clock import now

BATCH_SIZE = 5_000
#: Gaps are given up when they lie this many numbers behind; far more than open transactions can hold.
GAP_REACH = 100_000


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
    start = (last.last_id if last else 0) + 1
    end = max(here)
    missing = {*(last.gaps if last else ()), *range(max(start, end - GAP_REACH), end + 1)} - here
    return sorted(number for number in missing if number > end - GAP_REACH)
