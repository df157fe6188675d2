"""How many messages a worker with two processes hands over in a second, to a provider that takes no time.

The control is a Celery task for each message on the same worker: read, marked, written, with the same event.
"""

import atexit
import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from tests.benchmarks.figures import Figure, Turns
from tests.faults.suite import delete_queues
from tests.processes import Program, wait_until
from tests.project import ROOT, python_path
from tests.services import find_services

MESSAGES = int(os.environ.get("GAAP_BENCH_MESSAGES", "10000"))
TASKS = max(200, MESSAGES // 10)
PROCESSES = 2
STARTING_SECONDS = 120
PATIENCE_SECONDS = 60
ENGINE, TASK_EACH = "notify: hand messages over", "a Celery task each"
NULL = {"sms": {"null": {"BACKEND": "null"}}}


def environ() -> dict[str, str]:
    """Return what the settings must hold: a real broker, and the provider that does nothing."""
    broker = find_services()["rabbitmq"].address
    if broker is None:
        sys.exit("This benchmark needs RabbitMQ (GAAP_TEST_BROKER_URL).")
    return {**null_environ(), "BROKER_URL": broker, "GAAP_QUEUE_PREFIX": f"gaap_bench_{os.getpid()}."}


def null_environ() -> dict[str, str]:
    """Return what the settings must hold for the provider that does nothing."""
    chosen = dict.fromkeys(NULL, "null")
    return {
        "PYTHONPATH": _announce_null_provider(),
        "GAAP_NOTIFY": json.dumps({"PROVIDERS": NULL, "DEFAULT": chosen, "BULK_ROWS": 2_000_000}),
    }


def _announce_null_provider() -> str:
    """Announce the provider as another package would, here and to the programs that are started; returns their path."""
    folder = Path(mkdtemp(prefix="gaap-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    facts = folder / "gaap_null_provider-1.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: gaap-null-provider\nVersion: 1\n", encoding="utf-8")
    announced = "[gaap_notify.providers.sms]\nnull = tests.benchmarks.null_provider\n"
    (facts / "entry_points.txt").write_text(announced, encoding="utf-8")
    sys.path.insert(0, str(folder))
    return os.pathsep.join([str(folder), str(ROOT)])


def measure(rounds: int) -> Iterable[Figure]:
    """Yield the figure; Django must be set up with the environment above."""
    from gaap_site.celery import queue_names

    prepare()
    try:
        with worker():
            turns = Turns({TASK_EACH: _tasks, ENGINE: _engine}).run(rounds=rounds)
    finally:
        delete_queues(os.environ["BROKER_URL"], queue_names())
    yield turns.figure(ENGINE, control=TASK_EACH, least=3000)


def prepare() -> None:
    """Make a live service with a template of a text."""
    from gaap.organisations.services import create_organisation, create_service
    from gaap.testing.plugin import TESTER
    from gaap_notify.services.templates import create_template

    organisation = create_organisation("Ministry of Health", type="central", by=TESTER)
    service = create_service("Campaign", organisation=organisation, is_live=True, by=TESTER)
    create_template(service, type="sms", name="Reminder", body="Dear ((name)), come on Monday.", by=TESTER)


@contextmanager
def worker(*options: str) -> Iterator[Program]:
    """Run a Celery worker of two processes for the block, with further options of its command."""
    command = [sys.executable, "-m", "celery", "--app", "gaap_site.celery", "worker", "--without-gossip"]
    node = f"bench{os.getpid()}@localhost"
    path = os.pathsep.join([os.environ["PYTHONPATH"], python_path()])
    with TemporaryDirectory() as folder:
        program = Program(
            [
                *command,
                "--concurrency",
                str(PROCESSES),
                "--hostname",
                node,
                "--include",
                "tests.benchmarks.task_per_message",
                *options,
            ],
            environ={**os.environ, "PYTHONPATH": path, "GAAP_LOG_LEVEL": "WARNING"},
            log=Path(folder) / "worker.log",
            cwd=Path(folder),
        )
        with program:
            wait_until(lambda: _pings(node), seconds=STARTING_SECONDS, what="The worker", program=program)
            yield program


def _pings(node: str) -> bool:
    from gaap_site.celery import app

    return bool(app.control.ping([node], timeout=1))


def _engine() -> float:
    """Write the messages, wake the worker, and return how many were handed over in a second."""
    from gaap_notify.tasks import deliver

    _write(MESSAGES)
    began = time.perf_counter()
    for _ in range(PROCESSES):
        deliver.apply_async()
    return _finished(MESSAGES, began)


def _tasks() -> float:
    from gaap_notify.models import Notification
    from tests.benchmarks.task_per_message import send_one

    _write(TASKS)
    keys = [str(key) for key in Notification.objects.filter(status="created").values_list("pk", flat=True)]
    began = time.perf_counter()
    for key in keys:
        send_one.apply_async(args=(key,))
    return _finished(TASKS, began)


def _finished(count: int, began: float) -> float:
    from gaap_notify.models import Notification

    waiting = Notification.objects.filter(status="created", due_at__isnull=False)
    while waiting.exists():
        if time.perf_counter() - began > PATIENCE_SECONDS:
            raise RuntimeError(f"{waiting.count()} of {count} messages still wait.")
        time.sleep(0.02)
    return count / (time.perf_counter() - began)


def _write(count: int) -> None:
    """Have so many messages due in an otherwise empty table."""
    from django.db import connection, transaction

    from gaap.clock import now
    from gaap.copying import copy_rows
    from gaap.identifiers import new_uuid
    from gaap.organisations.models import Service
    from gaap_notify.models import Lane, Notification, TemplateVersion
    from gaap_notify.services.jobs import MESSAGE_COLUMNS
    from gaap_notify.services.service_settings import recipient_digest

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE gaap_notify_notification, gaap_outboxevent CASCADE")
    service, version, moment = Service.objects.get(name="Campaign"), TemplateVersion.objects.get(), now()
    digest = recipient_digest("447400000001")
    row = (
        *(service.pk, version.pk, "sms", "live", None, ""),
        *("07400 000001", digest, "447400000001", "", "Dear Ngoc, come on Monday.", "", ""),
        *(1, 1, "", False, "created", "", "", ""),
        *(Lane.BULK.value, None, None, moment, moment, 0),
    )
    with transaction.atomic():
        copy_rows(Notification, MESSAGE_COLUMNS, ((new_uuid(), *row) for _ in range(count)))
