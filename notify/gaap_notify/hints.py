"""Hints to the workers. A task is named and not imported, so that services need not know the doors that call them."""

from typing import Any

from celery import current_app

from gaap.work import wake


def wake_task(name: str, *args: Any) -> None:
    """After the commit, ask a worker to run the task ``name`` of ``gaap_notify.tasks``."""
    wake(current_app.tasks[f"gaap_notify.tasks.{name}"], *args)
