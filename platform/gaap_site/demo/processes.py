"""Child processes of the demo: started with an environment, waited for, and ended with the demo."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

STARTING_SECONDS = 60.0
STOPPING_SECONDS = 20.0


class ProcessFailedError(Exception):
    """A child process ended when it should run, or never got ready."""


class Process:
    """A program run beside this one.

    ``environ`` is added to this process's environment. What the program prints goes to ``log``, or where this
    process prints when ``log`` is None. Use it as a context manager: the program ends with the block.
    """

    def __init__(
        self, name: str, command: Sequence[str], *, environ: Mapping[str, str] | None = None, log: Path | None = None
    ) -> None:
        self.name = name
        self._command = list(command)
        self._environ = {**os.environ, **(environ or {})}
        self._log = log

    def __enter__(self) -> Self:
        output = open(self._log, "ab") if self._log else None
        try:
            self._process = subprocess.Popen(
                self._command, env=self._environ, stdout=output, stderr=output, start_new_session=True
            )
        finally:
            if output:
                output.close()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def wait_until(self, is_ready: Callable[[], bool]) -> None:
        """Return when ``is_ready`` says so; raises ProcessFailedError when the program ends or it takes too long."""
        deadline = time.monotonic() + STARTING_SECONDS
        while not is_ready():
            if self._process.poll() is not None:
                raise ProcessFailedError(f"The {self.name} ended with code {self._process.returncode}{self._see()}.")
            if time.monotonic() > deadline:
                raise ProcessFailedError(f"The {self.name} is not ready after {STARTING_SECONDS:.0f} s{self._see()}.")
            time.sleep(0.05)

    def _see(self) -> str:
        return f"; see {self._log}" if self._log else ""
