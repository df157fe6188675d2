"""Every task goes to a queue that a worker serves, every schedule names a task, every event is declared."""

import re
from importlib import import_module
from importlib.util import find_spec

import pytest
from django.apps import apps

from gaap.components import ComponentConfig, components, known_events
from gaap.states import TransitionTable
from gaap_site.celery import app, queue_names

CONFIGS = list(components())


def own_tasks() -> list[str]:
    app.loader.import_default_modules()
    return sorted(name for name in app.tasks if not name.startswith("celery."))


def tables() -> list[TransitionTable]:
    modules = [f"{config.name}.states" for config in CONFIGS if config.name != "gaap"]
    found = [import_module(name) for name in modules if find_spec(name)]
    return [value for module in found for value in vars(module).values() if isinstance(value, TransitionTable)]


def test_every_component_has_tasks_and_tables() -> None:
    assert {name.split(".")[0] for name in own_tasks()} >= {"gaap", "gaap_notify", "gaap_payments"}
    assert len(tables()) >= 2


@pytest.mark.parametrize("name", own_tasks())
def test_every_task_goes_to_a_queue_that_workers_serve(name: str) -> None:
    served = {queue.name for queue in app.conf.task_queues}
    assert app.amqp.router.route({}, name)["queue"].name in served & set(queue_names())


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.label)
def test_every_route_and_schedule_names_a_task(config: ComponentConfig) -> None:
    tasks = own_tasks()
    assert [name for name in config.schedule if name not in tasks] == []
    for route in config.task_routes:
        pattern = re.escape(route).replace(r"\*", ".*")
        assert any(re.fullmatch(pattern, name) for name in tasks), route


def test_every_event_on_an_edge_is_declared() -> None:
    emitted = {event for table in tables() for event in table.edges.values()}
    assert emitted - known_events().keys() == set()


@pytest.mark.parametrize("event", known_events().values(), ids=lambda event: event.name)
def test_every_event_says_when_it_happens(event: object) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", event.name)  # type: ignore[attr-defined]
    assert re.fullmatch(r"[A-Z].{15,}\.", event.description)  # type: ignore[attr-defined]


def test_every_installed_app_of_ours_is_a_component() -> None:
    ours = [
        config for config in apps.get_app_configs() if config.name.startswith("gaap") and config.name != "gaap_site"
    ]
    assert all(isinstance(config, ComponentConfig) for config in ours)
