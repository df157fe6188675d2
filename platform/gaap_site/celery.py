"""The Celery application: queues, routes and schedule as the installed components hand them in."""

import os

import django
from celery import Celery
from celery.signals import setup_logging, worker_process_init, worker_process_shutdown
from django.apps import apps
from django.conf import settings
from kombu import Exchange, Queue

from gaap_site.interpreter import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gaap_site.settings")

DEFAULT_QUEUE = "gaap.events"

app = Celery("gaap_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def queue_name(name: str) -> str:
    """Return a queue's full name; the prefix keeps several instances apart on one broker."""
    return f"{settings.GAAP_QUEUE_PREFIX}{name}"


def queue_names() -> list[str]:
    """Return the full name of every queue that some task goes to."""
    from gaap.components import components

    routed = (queue for component in components() for queue in component.task_routes.values())
    return [queue_name(name) for name in dict.fromkeys([DEFAULT_QUEUE, *routed])]


@app.on_after_configure.connect
def hand_in(sender: Celery, **_: object) -> None:
    """Take queues, routes and schedule from the components; Celery's own command gets here before Django is set up."""
    if not apps.ready:
        django.setup()
    from gaap.components import components

    kind = {"x-queue-type": "quorum"} if settings.BROKER_URL.startswith("amqp") else None
    sender.conf.task_queues = [
        Queue(name, Exchange(name), routing_key=name, queue_arguments=kind) for name in queue_names()
    ]
    sender.conf.task_default_queue = queue_name(DEFAULT_QUEUE)
    sender.conf.task_routes = {
        task: {"queue": queue_name(queue)}
        for component in components()
        for task, queue in component.task_routes.items()
    }
    sender.conf.beat_schedule = {
        task: {"task": task, "schedule": every.seconds, "options": {"expires": every.seconds}}
        for component in components()
        for task, every in component.schedule.items()
    }


@setup_logging.connect
def keep_logging(**_: object) -> None:
    """Leave logging as Django's settings have it."""


@worker_process_init.connect
def begin_to_work(**_: object) -> None:
    """Settle a process of a worker before its first task."""
    settle()


@worker_process_shutdown.connect
def end_work(**_: object) -> None:
    """Tell the last traces: a worker's process ends without running what was left for its exit."""
    from gaap.observing.otlp import end_telling

    end_telling()
