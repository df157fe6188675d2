"""Five times what a web process can do: it goes on doing as much as before, and tells the others to come again.

What it does is made to take a known time without any work, so that the test measures the gate and not the machine. For
as long as one likes: ``GAAP_TEST_OVERLOAD_SECONDS=120``.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from tests.processes import Program, answers, free_port, wait_until
from tests.project import ROOT, program, python_path

SECONDS = float(os.environ.get("GAAP_TEST_OVERLOAD_SECONDS", "5"))
AT_ONCE = 4
WORK_SECONDS = 0.1
#: What the ordinary places can do: a quarter of the places is kept for signing in.
CAPACITY = 3 / WORK_SECONDS
TIMES = 5
SENDERS = 60

APPLICATION = f"""
import time
import django
django.setup()
from gaap.overload.admission import guarded

def work(environ, start_response):
    if not environ["PATH_INFO"].startswith("/health"):
        time.sleep({WORK_SECONDS})
    start_response("200 OK", [("Content-Length", "4")])
    return [b"done"]

application = guarded(work)
"""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[int]:
    """The port of one gunicorn process with the gate, in front of work that takes a known time."""
    (tmp_path / "slow.py").write_text(APPLICATION, encoding="utf-8")
    port = free_port()
    environ = {
        **os.environ,
        "PYTHONPATH": f"{python_path(ROOT)}:{tmp_path}",
        "DJANGO_SETTINGS_MODULE": "gaap_site.settings",
        "GAAP_DATA": str(tmp_path / "data"),
        "DATABASE_URL": "",
        "GAAP_EMBEDDED": "1",
        "GAAP_REQUESTS_AT_ONCE": str(AT_ONCE),
        "GAAP_REQUESTS_WAITING": "8",
        "GAAP_REQUEST_PATIENCE_SECONDS": "0.5",
        "WEB_CONCURRENCY": "1",
    }
    command = [
        *(program("gunicorn"), "slow:application", "--config", "python:gaap_site.web_server"),
        *("--bind", f"127.0.0.1:{port}"),
    ]
    with Program(command, environ=environ, log=tmp_path / "log", cwd=tmp_path) as running:
        address = f"http://127.0.0.1:{port}/health/live"
        wait_until(lambda: answers(address), seconds=60, what="serving", program=running)
        yield port


@dataclass
class Load:
    """Requests sent at a steady rate by many senders, and what came of them."""

    port: int
    path: str
    per_second: float
    senders: int
    statuses: Counter[int] = field(default_factory=Counter)
    without_a_time: int = 0
    slowest: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, seconds: float) -> None:
        """Send for so long; a sender that is late sends at once."""
        threads = [threading.Thread(target=self._send, args=(number, seconds)) for number in range(self.senders)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _send(self, number: int, seconds: float) -> None:
        pause = self.senders / self.per_second
        ends = time.monotonic() + seconds
        due = time.monotonic() + pause * number / self.senders
        while due < ends:
            time.sleep(max(0.0, due - time.monotonic()))
            self._ask()
            due += pause

    def _ask(self) -> None:
        began = time.monotonic()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", self.path)
            answer = connection.getresponse()
            answer.read()
            status, has_time = answer.status, bool(answer.headers["Retry-After"])
        except (OSError, HTTPException):
            status, has_time = 0, False
        finally:
            connection.close()
        with self._lock:
            self.statuses[status] += 1
            self.without_a_time += status == 503 and not has_time
            self.slowest = max(self.slowest, time.monotonic() - began if status == 200 else 0.0)


def test_five_times_the_load_does_not_bring_it_down(web: int) -> None:
    flood = Load(web, "/v1/payments", per_second=CAPACITY * TIMES, senders=SENDERS)
    citizens = Load(web, "/sign-in/code", per_second=4, senders=2)
    probes = Load(web, "/health/live", per_second=2, senders=1)
    others = [threading.Thread(target=load.run, args=(SECONDS,)) for load in (citizens, probes)]
    for thread in others:
        thread.start()
    flood.run(SECONDS)
    for thread in others:
        thread.join()
    assert set(flood.statuses) == {200, 503}, "nothing but answers and deliberate refusals"
    assert flood.statuses[200] >= 0.8 * CAPACITY * SECONDS
    assert flood.statuses[503] > flood.statuses[200]
    assert flood.without_a_time == 0
    assert set(citizens.statuses) == {200}, "signing in keeps its promise"
    assert set(probes.statuses) == {200}
    assert max(citizens.slowest, probes.slowest) < 2
    after = Load(web, "/v1/payments", per_second=CAPACITY / 3, senders=4)
    after.run(2)
    assert set(after.statuses) == {200}, "back to normal at once"
