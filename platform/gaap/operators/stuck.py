"""Work that should have been done by now, and trying it again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import current_app
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import NoReverseMatch, reverse

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.components import ComponentConfig
from gaap.operators.conf import conf
from gaap.work import WorkItem, wake, work_models

SHOWN = 20


@dataclass(frozen=True)
class StuckItem:
    """One row that is overdue. It is named by its kind and key only: a row's text may hold personal data."""

    label: str
    title: str
    key: str
    due_at: datetime
    attempts: int
    href: str


@dataclass(frozen=True)
class StuckWork:
    """The rows that are overdue for longest, and how many there are of each kind."""

    items: list[StuckItem]
    total: int


def stuck_work() -> StuckWork:
    """Return what has been due for longer than the grace, longest first."""
    found = sorted((item for model in work_models() for item in _stuck_rows(model)), key=lambda item: item.due_at)
    total = sum(_overdue(model).count() for model in work_models())
    return StuckWork(found[:SHOWN], total)


@transaction.atomic
def retry(label: str, key: str, *, by: Actor) -> bool:
    """Make a row due now, whoever held it, and wake its component; returns False when nothing is to be done for it.

    Raises LookupError when ``label`` (``app.model``) names no work.
    """
    model = next((model for model in work_models() if model._meta.label_lower == label), None)
    if model is None:
        raise LookupError(label)
    row = _find(model, key)
    if row is None or not model._default_manager.filter(pk=row.pk, due_at__isnull=False).update(due_at=now()):
        return False
    record("work_retried", target=row, by=by, after={"attempts": row.attempts})
    for task in _scheduled_tasks(model):
        wake(task)
    return True


def _find(model: type[WorkItem], key: str) -> WorkItem | None:
    try:
        return model._default_manager.filter(pk=key).first()
    except (ValidationError, ValueError):
        return None


def _overdue(model: type[WorkItem]) -> "models.QuerySet[Any]":
    return model._default_manager.filter(due_at__lte=now() - conf.stuck_after)


def _stuck_rows(model: type[WorkItem]) -> Iterator[StuckItem]:
    label, title = model._meta.label_lower, str(model._meta.verbose_name)
    for key, due_at, attempts in _overdue(model).order_by("due_at").values_list("pk", "due_at", "attempts")[:SHOWN]:
        yield StuckItem(label, title, str(key), due_at, attempts, _admin_page(model, key))


def _admin_page(model: type[WorkItem], key: Any) -> str:
    """Return the address of the row's page, or nothing when operators have none for it."""
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])
    except NoReverseMatch:
        return ""


def _scheduled_tasks(model: type[WorkItem]) -> list[Any]:
    config = apps.get_app_config(model._meta.app_label)
    names = config.schedule if isinstance(config, ComponentConfig) else ()
    return [current_app.tasks[name] for name in names if name in current_app.tasks]
