"""The suite and the bare project, each behind the same web server with one process, so that both have the same core."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.processes import Program, answers, free_port, wait_until
from tests.project import ROOT, python_path

STARTING_SECONDS = 120
THREADS = 4


@dataclass(frozen=True)
class Servers:
    """Where the two answer, as "host:port"."""

    suite: str
    bare: str


@contextmanager
def serving(folder: Path, *, processes: int = 1) -> Iterator[Servers]:
    """Run both for the block, each with so many processes, on the database of this process's environment."""
    bare_environ = {"DJANGO_SETTINGS_MODULE": "tests.benchmarks.bare.settings"}
    with ExitStack() as programs:
        suite = programs.enter_context(_server(folder, "gaap_site.wsgi", "/health/live", processes))
        bare = programs.enter_context(_server(folder, "tests.benchmarks.bare.wsgi", "/empty", processes, bare_environ))
        yield Servers(suite, bare)


@contextmanager
def _server(
    folder: Path, module: str, path: str, processes: int, environ: Mapping[str, str] | None = None
) -> Iterator[str]:
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "gunicorn", module, "--bind", address, "--threads", str(THREADS)]
    program = Program(
        [*command, "--workers", str(processes), "--keep-alive", "75", "--no-control-socket"],
        environ={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{python_path()}", **(environ or {})},
        log=folder / f"{module}.log",
        cwd=folder,
    )
    with program:
        url = f"http://{address}{path}"
        wait_until(lambda: answers(url), seconds=STARTING_SECONDS, what=module, program=program)
        yield address
