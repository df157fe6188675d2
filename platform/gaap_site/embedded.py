"""The suite in one process: web, worker and scheduler in threads.

A memory broker and SQLite need no server beside them. The database row is the truth of every piece of work, so
nothing is lost when the process ends, however it ends.
"""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from celery import Celery
from celery.beat import Scheduler as InMemorySchedule
from celery.beat import Service as BeatService
from celery.worker import state
from waitress.server import create_server

WORKER_STATE: Any = state  # Celery's own switch for a warm shutdown of the workers in this process
WEB_THREADS = 12
WORKER_THREADS = 4
PATIENCE_SECONDS = 20.0  # how long work under way may take to finish when the process is asked to stop


class PortTakenError(Exception):
    """Another program listens on the wanted port."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is taken by another program. Stop that one, or choose another port with --port.")


class Web(threading.Thread):
    """Serves ``application`` on ``host`` and ``port``; the port is taken (PortTakenError) when this is made."""

    def __init__(self, application: Callable[[dict[str, Any], Any], Iterable[bytes]], *, host: str, port: int) -> None:
        super().__init__(name="web", daemon=True)
        try:
            self._server: Any = create_server(application, host=host, port=port, threads=WEB_THREADS, ident=None)
        except OSError as error:
            raise PortTakenError(port) from error
        self._is_stopping = threading.Event()

    def run(self) -> None:
        """Answer requests until ``stop``."""
        while not self._is_stopping.is_set():
            self._server.asyncore.loop(timeout=0.2, map=self._server._map, count=1)
        self._server.task_dispatcher.shutdown()
        self._server.asyncore.close_all(self._server._map)

    def stop(self) -> None:
        """Finish the requests under way and release the port."""
        self._is_stopping.set()
        if self.is_alive():
            self.join(PATIENCE_SECONDS)
        else:
            self._server.close()


class Worker(threading.Thread):
    """A Celery worker on every queue, with a pool of threads."""

    def __init__(self, app: Celery) -> None:
        super().__init__(name="worker", daemon=True)
        self._controller: Any = app.WorkController(
            app=app,
            pool="threads",
            concurrency=WORKER_THREADS,
            hostname="embedded@localhost",
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )

    def run(self) -> None:
        """Do work until ``stop``."""
        WORKER_STATE.should_stop = None
        self._controller.start()

    def stop(self) -> None:
        """Finish the tasks under way; what is not begun stays due in the database."""
        WORKER_STATE.should_stop = 0
        if self.is_alive():
            self.join(PATIENCE_SECONDS)


class Scheduler(threading.Thread):
    """Celery's scheduler. It remembers nothing between starts: each task runs once at its first interval."""

    def __init__(self, app: Celery) -> None:
        super().__init__(name="scheduler", daemon=True)
        self._service = BeatService(app, max_interval=1, scheduler_cls=InMemorySchedule)

    def run(self) -> None:
        """Send scheduled tasks until ``stop``."""
        self._service.start()

    def stop(self) -> None:
        """Send nothing more."""
        self._service.stop()
        if self.is_alive():
            self.join(PATIENCE_SECONDS)


class EmbeddedSuite:
    """Web, worker and scheduler of one process.

    ``host`` and ``port`` are where the web listens; the port is taken at once (PortTakenError), served from
    ``start``. ``stop`` ends web, then scheduler, then worker, each after the work it has under way.
    """

    def __init__(self, *, host: str, port: int) -> None:
        from gaap_site.celery import app
        from gaap_site.wsgi import application

        self._app = app
        self._parts: list[Web | Scheduler | Worker] = [Web(application, host=host, port=port)]

    def start(self) -> None:
        """Begin to serve, once the database is ready."""
        self._parts += [Scheduler(self._app), Worker(self._app)]
        for part in reversed(self._parts):
            part.start()

    def stop(self) -> None:
        """Stop every part in order."""
        for part in self._parts:
            part.stop()


@contextmanager
def running_suite(*, host: str, port: int, prepare: Callable[[], object]) -> Iterator[None]:
    """Run the suite within the block; ``prepare`` is called between taking the port and serving."""
    suite = EmbeddedSuite(host=host, port=port)
    try:
        prepare()
        suite.start()
        yield
    finally:
        suite.stop()


def interrupt_on_signals() -> None:
    """Let SIGINT and SIGTERM raise KeyboardInterrupt here, in the main thread, whatever the parent process ignored."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


@contextmanager
def until_interrupted() -> Iterator[None]:
    """Do what the block says, then wait; leave the one or the other when the process is asked to stop."""
    with suppress(KeyboardInterrupt):
        yield
        threading.Event().wait()
