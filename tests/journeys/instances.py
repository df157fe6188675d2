"""Instances started as a person starts them: `manage.py` in a process of its own, in a folder of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gaap_site.launch import REAL_SERVICES
from tests.project import ROOT

PATIENCE_SECONDS = 90.0
NOT_PASSED_ON = (
    "GAAP_DATA",
    "GAAP_BASE_URL",
    "GAAP_EMBEDDED",
    "GAAP_LOG_LEVEL",
    "DJANGO_SETTINGS_MODULE",
    *REAL_SERVICES,
)


def clean_environ(**more: str) -> dict[str, str]:
    """Give this process's environment without what it says about the instance that the tests themselves run in."""
    kept = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}
    return {**kept, "PYTHONUNBUFFERED": "1", **more}


def manage(*arguments: str | Path, environ: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """Run a command of manage.py to its end; standard error is joined to standard output."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)],
        cwd=ROOT,
        env=clean_environ(**(environ or {})),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


class Instance:
    """A command that keeps running; what it prints goes to `printed`, what it logs to `logged`."""

    def __init__(self, process: "subprocess.Popen[bytes]", *, folder: Path) -> None:
        self.process = process
        self.printed = folder / "printed.txt"
        self.logged = folder / "logged.txt"

    def wait_for(self, text: str) -> None:
        """Wait until it prints `text`."""
        self.wait_until(lambda: text in self.printed.read_text(), what=f"printing {text!r}")

    def wait_until(self, holds: Callable[[], bool], *, what: str) -> None:
        """Wait for something; fail when the command ends first or takes too long."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            ended = self.process.poll() is not None
            assert not ended, f"ended with {self.process.returncode} before {what}\n{self.logged.read_text()}"
            assert time.monotonic() < deadline, f"too long before {what}\n{self.printed.read_text()}"
            time.sleep(0.1)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


@contextmanager
def running(
    command: Sequence[str | Path], *, folder: Path, environ: dict[str, str] | None = None
) -> Iterator[Instance]:
    """Run `manage.py` with a command that keeps running, and end it with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    arguments = [sys.executable, str(ROOT / "manage.py"), *map(str, command)]
    with (folder / "printed.txt").open("wb") as printed, (folder / "logged.txt").open("wb") as logged:
        process = subprocess.Popen(
            arguments, cwd=ROOT, env=clean_environ(**(environ or {})), stdout=printed, stderr=logged
        )
    instance = Instance(process, folder=folder)
    try:
        yield instance
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=60)
