"""Work that waits in the database.

A row that needs something done has a ``due_at``; the row is the truth and the broker only a hint. A worker claims it
with a guarded UPDATE that moves ``due_at`` to the end of a lease. If the worker finishes, it clears ``due_at`` or sets
the time of the next try; if it is killed, the row becomes due again by itself.
"""

from datetime import timedelta
from typing import Any, TypeVar

from celery import Task
from django.apps import apps
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.conf import conf
from gaap.hints import give_hint


class WorkItem(models.Model):
    """Adds to a model when it is due and how often it was tried."""

    due_at = models.DateTimeField(_("due"), null=True, blank=True, editable=False)
    attempts = models.PositiveIntegerField(_("attempts"), default=0, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def due_index(cls, name: str) -> models.Index:
        """Return the partial index that a concrete model puts in its Meta: it holds only rows that wait."""
        return models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name=name)


Item = TypeVar("Item", bound=WorkItem)


def work_models() -> list[type[WorkItem]]:
    """Return every installed model whose rows are work."""
    return [model for model in apps.get_models() if issubclass(model, WorkItem)]


def claim(item: WorkItem, *, lease: timedelta | None = None, held_column: str = "") -> bool:
    """Take ``item`` for the length of ``lease`` (default: GAAP_WORK_LEASE_SECONDS).

    ``held_column`` names a further column that gets the end of the lease, for models that count what is held.

    Returns False when it is not due or somebody else took it. On success the item's ``attempts`` is the number of
    this try; an update guarded by it (``held``) cannot overwrite what a later holder wrote.
    """
    moment = now()
    ends = moment + (lease or conf.work_lease)
    taken = (
        type(item)
        ._default_manager.filter(pk=item.pk, due_at__lte=moment, attempts=item.attempts)
        .update(due_at=ends, attempts=models.F("attempts") + 1, **({held_column: ends} if held_column else {}))
    )
    if taken:
        item.due_at, item.attempts = ends, item.attempts + 1
    return bool(taken)


def held(item: Item) -> "models.QuerySet[Item]":
    """Return a queryset of ``item`` that is empty once another worker has taken it over."""
    return type(item)._default_manager.filter(pk=item.pk, attempts=item.attempts)


def due_ids(model: type[WorkItem], *, limit: int = 500, grace: timedelta = timedelta()) -> list[Any]:
    """Return the keys of the rows that have been due for longer than ``grace``, longest first."""
    due = model._default_manager.filter(due_at__lte=now() - grace).order_by("due_at")
    return list(due.values_list("pk", flat=True)[:limit])


def wake(task: "Task[..., Any]", *args: Any) -> None:
    """After the commit, ask a worker to run ``task``; see ``gaap.hints``."""
    transaction.on_commit(lambda: give_hint(task, args))
