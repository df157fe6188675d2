"""From where on something may wait, so that months of history need not be asked each time.

The table of events stands in months on PostgreSQL, and a question to all of them is planned for each. Everything that
waits is nearly always of this month; asking all of them once in ``GAAP_SNAPSHOT_SECONDS`` finds what is older.
"""

from collections.abc import Iterator

from gaap.outbox.models import OutboxEvent
from gaap.partitions.months import first_of_the_month
from gaap.snapshots import Snapshots


def first_that_may_wait() -> int:
    """Return a number below which no event waits to be published or to get its place.

    It is the first of the month of the oldest that waits, or of the month before the newest event: what a transaction
    that is still open has written may appear there. What appears even further back is seen a moment later.
    """
    return _kept.get("first")


def _load(_: str) -> int:
    return min((first_of_the_month(number) for number in _oldest()), default=0)


def _oldest() -> Iterator[int]:
    newest = OutboxEvent.objects.order_by("-sequence").values_list("sequence", flat=True).first()
    if newest is not None:
        yield max(0, first_of_the_month(newest) - 1)
    for waiting in (OutboxEvent.objects.waiting(), OutboxEvent.objects.unplaced()):
        yield from waiting.values_list("sequence", flat=True)[:1]


_kept: Snapshots[str, int] = Snapshots(_load)
