"""The packages of ``package.json``, installed once for each lock file into a folder that stays."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json")
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
INSTALLING_SECONDS = 180
RUNNING_SECONDS = 60


def folder() -> Path:
    """Return the folder with ``node_modules``, installing it if this lock file never was.

    ``GAAP_TEST_NODE_CACHE`` says where such folders stay.
    """
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    cache = Path(os.environ.get("GAAP_TEST_NODE_CACHE", Path.home() / ".cache" / "gaap-tests" / "node"))
    target = cache / lock
    target.mkdir(parents=True, exist_ok=True)
    with (target / ".lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not (target / "installed").exists():
            for name in FILES:
                shutil.copy(HERE / name, target)
            subprocess.run(INSTALL, cwd=target, check=True, timeout=INSTALLING_SECONDS, capture_output=True)
            (target / "installed").touch()
    return target


def placed(script: str) -> Path:
    """Return where one of the programs beside this file stands beside the packages, which is where Node looks."""
    place = folder()
    program = place / f"{hashlib.sha256((HERE / script).read_bytes()).hexdigest()[:16]}-{script}"
    if not program.exists():
        part = place / f"{program.name}.{os.getpid()}"
        shutil.copy(HERE / script, part)
        part.replace(program)
    return program


def run(script: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Run one of the programs beside this file, with ``asked`` as JSON on its input; return what it prints as JSON."""
    done = subprocess.run(
        ["node", str(placed(script))],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=RUNNING_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return dict(json.loads(done.stdout))


@dataclass(frozen=True)
class Program:
    """A program that answers every line of JSON with a line of JSON."""

    process: "subprocess.Popen[str]"

    def tell(self, what: dict[str, Any]) -> dict[str, Any]:
        """Say something, and return the answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(what), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        assert line, "The program has ended."
        return dict(json.loads(line))

    def stop(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.communicate()


@contextmanager
def running(script: str) -> Iterator[Program]:
    """Run one of the programs beside this file for as long as the block lasts."""
    process = subprocess.Popen(["node", str(placed(script))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    program = Program(process)
    try:
        yield program
    finally:
        if process.poll() is None:
            program.stop()
