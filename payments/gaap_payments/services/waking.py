"""Waking a worker from below: services name the task, the module with the tasks stands above them."""

from typing import Any

from celery import current_app

from gaap.work import wake


def wake_by_name(task_name: str, *args: Any) -> None:
    """After the commit, ask a worker to run the task called ``task_name``."""
    wake(current_app.tasks[task_name], *args)
