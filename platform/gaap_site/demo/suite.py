"""The two shapes in which the demo runs the suite: everything in this process, or a process for each part."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from gaap_site.demo.processes import Process
from gaap_site.embedded import PortTakenError, running_suite
from gaap_site.health_probe import is_alive
from gaap_site.launch import PROJECT_DIR, is_free

HOST = "127.0.0.1"
PACKAGE_FOLDERS = ("platform", "identity", "payments", "notify")


def suite_in_this_process(port: int, *, prepare: Callable[[], None]) -> AbstractContextManager[None]:
    """Run web, worker and scheduler in threads within the block; ``prepare`` runs before they serve."""
    return running_suite(host=HOST, port=port, prepare=prepare)


@contextmanager
def suite_in_processes(port: int, *, prepare: Callable[[], None], logs: Path) -> Iterator[None]:
    """Run web, worker and scheduler as in production: each a process, printing into a file in ``logs``."""
    if not is_free(port):
        raise PortTakenError(port)
    prepare()
    logs.mkdir(parents=True, exist_ok=True)
    folders = os.pathsep.join(str(PROJECT_DIR / folder) for folder in PACKAGE_FOLDERS)
    with ExitStack() as running:
        for name, command in commands(port).items():
            process = Process(name, command, environ={"PYTHONPATH": folders}, log=logs / f"{name}.log")
            running.enter_context(process)
            if name == "web":
                process.wait_until(lambda: is_alive(port, HOST))
        yield


def commands(port: int) -> dict[str, list[str]]:
    """Return the command of each process by its name, in the order in which they start."""
    celery = [sys.executable, "-m", "celery", "--app", "gaap_site.celery"]
    gunicorn = [sys.executable, "-m", "gunicorn", "gaap_site.wsgi", "--bind", f"{HOST}:{port}"]
    return {
        "worker": [*celery, "worker", "--concurrency", "2"],
        "scheduler": [*celery, "beat"],
        "web": [*gunicorn, "--workers", "2", "--threads", "4", "--no-control-socket"],
    }
