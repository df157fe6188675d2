"""From where on a delivery may wait, so that months of history need not be asked each time.

See ``gaap.outbox.horizon``. Deliveries that wait have no index by number, which every delivery would have to be written
to; so the months are asked one by one, the oldest first, once in ``GAAP_SNAPSHOT_SECONDS``.
"""

from gaap.partitions.months import ROOM, first_of_the_month
from gaap.snapshots import Snapshots
from gaap.webhooks.models.deliveries import Delivery


def first_that_may_wait() -> int:
    """Return a number below which no delivery waits.

    It is the first of the oldest month in which one does, or of the month before the newest delivery: what a
    transaction that is still open has written may appear there.
    """
    return _kept.get("first")


def _load(_: str) -> int:
    newest = Delivery.objects.order_by("-sequence").values_list("sequence", flat=True).first()
    if newest is None:
        return 0
    end = first_of_the_month(max(0, first_of_the_month(newest) - 1))
    month = _month_from(0)
    while month is not None and month < end:
        if Delivery.objects.waiting().filter(sequence__gte=month, sequence__lt=month + ROOM).exists():
            return month
        month = _month_from(month + ROOM)
    return end


def _month_from(number: int) -> int | None:
    """Return the first number of the month of the first delivery from ``number`` on, None when there is none."""
    rows = Delivery.objects.filter(sequence__gte=number).order_by("sequence")
    found = rows.values_list("sequence", flat=True).first()
    return None if found is None else first_of_the_month(found)


_kept: Snapshots[str, int] = Snapshots(_load)
