"""What Celery's own commands see when they load the application, before Django is set up."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.project import run

SCRIPT = """
import json
from gaap_site.celery import app
queues = [[queue.name, queue.exchange.name, queue.routing_key] for queue in app.conf.task_queues]
sent = {name: app.amqp.router.route({}, name)["queue"].name for name in app.tasks if name.startswith("gaap_")}
print(json.dumps({"queues": queues, "sent": sent, "schedule": sorted(app.conf.beat_schedule)}))
"""


def load_application(folder: Path) -> Any:
    environ = {"DJANGO_SETTINGS_MODULE": "gaap_site.settings", "GAAP_DATA": str(folder), "GAAP_QUEUE_PREFIX": "here."}
    ended = run(sys.executable, "-W", "ignore", "-c", SCRIPT, cwd=folder, environ={**os.environ, **environ})
    assert ended.returncode == 0, ended.stdout
    return json.loads(ended.stdout.splitlines()[-1])


def test_a_worker_serves_every_queue_and_no_message_reaches_two(tmp_path: Path) -> None:
    loaded = load_application(tmp_path)
    names = [name for name, _, _ in loaded["queues"]]
    assert len(names) > 3
    assert all(name.startswith("here.") for name in names)
    assert [[name, name, name] for name in names] == loaded["queues"]
    assert set(loaded["sent"].values()) <= set(names)


def test_the_scheduler_knows_what_to_send(tmp_path: Path) -> None:
    schedule = load_application(tmp_path)["schedule"]
    assert "gaap.tasks.relay_events" in schedule
    assert len(schedule) > 3
