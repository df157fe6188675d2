"""How gunicorn serves the suite: ``gunicorn gaap_site.wsgi:application --config=python:gaap_site.web_server``.

Options on the command line go before what stands here; ``WEB_CONCURRENCY`` is the number of processes (default 2).
"""

import os
import tempfile
from typing import Any

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
bind = "0.0.0.0:8000"
# Requests in work and those that wait for their turn, each lane's, and some more to say no to what is too much
# (docs/how-to/survive-a-rush.md). Only those in work hold a connection to the database.
_at_once = int(os.environ.get("GAAP_REQUESTS_AT_ONCE", "8"))
_waiting = int(os.environ.get("GAAP_REQUESTS_WAITING", "16"))
threads = _at_once + 4 * _waiting + 16
worker_tmp_dir = "/dev/shm"  # noqa: S108 - gunicorn's heartbeat belongs into memory
control_socket_disable = True
graceful_timeout = 25

# Set before the first process imports the library, which decides by it where to count.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="gaap-metrics-"))


def child_exit(server: Any, worker: Any) -> None:
    """Let the numbers of a process that has gone no longer stand for something that is."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
