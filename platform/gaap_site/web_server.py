"""How gunicorn serves the suite: ``gunicorn gaap_site.wsgi:application --config=python:gaap_site.web_server``.

Options on the command line go before what stands here; ``WEB_CONCURRENCY`` is the number of processes (default 2).
"""

import os
import tempfile
from typing import Any

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
bind = "0.0.0.0:8000"
threads = 8
worker_tmp_dir = "/dev/shm"  # noqa: S108 - gunicorn's heartbeat belongs into memory
control_socket_disable = True
graceful_timeout = 25

# Set before the first process imports the library, which decides by it where to count.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="gaap-metrics-"))


def child_exit(server: Any, worker: Any) -> None:
    """Let the numbers of a process that has gone no longer stand for something that is."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
