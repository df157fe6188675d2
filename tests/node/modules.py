"""The packages of ``package.json``, installed once for each lock file into a folder that stays."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
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


def run(script: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Run one of the programs beside this file, with ``asked`` as JSON on its input; return what it prints as JSON."""
    place = folder()
    program = place / f"{hashlib.sha256((HERE / script).read_bytes()).hexdigest()[:16]}-{script}"
    if not program.exists():
        part = place / f"{program.name}.{os.getpid()}"
        shutil.copy(HERE / script, part)
        part.replace(program)
    done = subprocess.run(
        ["node", str(program)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=RUNNING_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return dict(json.loads(done.stdout))
