"""Bringing work forward in tests."""

from datetime import timedelta

from gaap.clock import now
from gaap.work import WorkItem


def make_due(row: WorkItem, *, since: timedelta = timedelta(minutes=1)) -> None:
    """Make ``row`` due for as long as ``since``, as if its lease or pause were over."""
    type(row)._default_manager.filter(pk=row.pk).update(due_at=now() - since)
