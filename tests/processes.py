"""Real processes for tests: started, watched, killed and always ended."""

import contextlib
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

STOPPING_SECONDS = 15.0


class Program:
    """A program and its children, in a process group of their own; what they print goes to a file.

    Use it as a context manager: whatever happens in the block, the group is gone afterwards. ``user`` is whose it is,
    for servers that refuse to be root's; ``ends_on`` is the signal that asks it to end.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        environ: dict[str, str],
        log: Path,
        cwd: Path,
        user: str | None = None,
        ends_on: signal.Signals = signal.SIGTERM,
    ) -> None:
        self._command = [str(part) for part in command]
        self._environ = environ
        self._cwd = cwd
        self._user = user
        self._ends_on = ends_on
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process is not None:
            self._process.send_signal(self._ends_on)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOPPING_SECONDS)
        self.kill()

    def start(self) -> None:
        """Start it, for the first time or again."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environ,
                cwd=self._cwd,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self._user,
                group=self._user and pwd.getpwnam(self._user).pw_gid,
            )

    def kill(self) -> None:
        """Send SIGKILL to all of it: no handler runs, no connection is closed in good order."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(STOPPING_SECONDS)

    def end(self) -> int:
        """Ask it to end, wait until it has, and return its exit code."""
        assert self._process is not None
        self._process.send_signal(self._ends_on)
        return self._process.wait(STOPPING_SECONDS)

    @property
    def pid(self) -> int:
        """The number of its first process."""
        assert self._process is not None
        return self._process.pid

    def has_ended(self) -> bool:
        """Say whether it is no longer running."""
        return self._process is None or self._process.poll() is not None


def wait_until(is_so: Callable[[], bool], *, seconds: float, what: str, program: Program | None = None) -> None:
    """Return when `is_so` says so; fail with the program's last words when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        ended = program is not None and program.has_ended()
        if ended or time.monotonic() > deadline:
            said = program.log.read_text(encoding="utf-8", errors="replace")[-4000:] if program else ""
            raise AssertionError(f"{what}: {'it ended' if ended else f'not after {seconds:.0f} s'}\n{said}")
        time.sleep(0.05)


def wait_until_done(remaining: Callable[[], dict[str, int]], *, patience_seconds: float) -> None:
    """Return when nothing remains; fail when for so long nothing became less, and say what remains.

    However slow the machine is, work that goes on is waited for; work that stands still is not.
    """
    left = remaining()
    moved_at = time.monotonic()
    while left:
        time.sleep(0.25)
        now_left = remaining()
        if now_left != left:
            left, moved_at = now_left, time.monotonic()
        assert time.monotonic() - moved_at < patience_seconds, f"Nothing moves, and these wait: {left}"


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Say whether a program accepts connections on `port` of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def answers(url: str) -> bool:
    """Say whether a server answers at `url`: its port listens before its application is loaded."""
    try:
        return httpx.get(url, timeout=30, trust_env=False).is_success
    except httpx.TransportError:
        return False
