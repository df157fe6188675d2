"""The two programs that can put locked packages into an environment: uv where it is found, else pip."""

import os
import shutil
import subprocess
from typing import Iterator, List

from gaap_site.bootstrap.progress import Progress
from gaap_site.bootstrap.requirements import count_locked

PIP_DEALT_WITH = ("Collecting ", "Ignoring ", "Requirement already satisfied")
UV_STEPS = ("Resolved ", "Downloading ", "Prepared ", "Installed ")
LINES_SHOWN_ON_FAILURE = 12


class InstallError(Exception):
    """An installer gave up; the text is what it said last."""


def install(path: str, *, python: str, progress: Progress) -> None:
    """Install the locked file at `path` into the environment of the interpreter `python`, hashes required.

    Raises InstallError with the installer's last lines.
    """
    uv = shutil.which("uv")
    total = count_locked(path)
    step = "Installing {0} packages from requirements/{1} with {2}"
    progress.step(step.format(total, os.path.basename(path), "uv" if uv else "pip"))
    if uv:
        _install_with_uv(uv, path, python=python, progress=progress)
    else:
        _install_with_pip(path, python=python, total=total, progress=progress)


def _install_with_uv(uv: str, path: str, *, python: str, progress: Progress) -> None:
    command = [uv, "pip", "install", "--python", python, "--require-hashes", "-r", path]
    for line in _lines_of(command, UV_PYTHON_DOWNLOADS="never"):
        if line.startswith(UV_STEPS):
            progress.step("  " + line)


def _install_with_pip(path: str, *, python: str, total: int, progress: Progress) -> None:
    command = [python, "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-compile", "--no-input"]
    command += ["--progress-bar", "off", "--disable-pip-version-check", "-r", path]
    done = 0
    for line in _lines_of(command, PYTHONUNBUFFERED="1"):
        if line.startswith(PIP_DEALT_WITH):
            done += 1
            progress.count(done, total)
        elif line.startswith("Installing collected packages"):
            progress.step("Unpacking")


def _lines_of(command: List[str], **environ: str) -> Iterator[str]:
    said: List[str] = []
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        env=dict(os.environ, **environ),
    ) as installer:
        for line in installer.stdout or ():
            said.append(line.rstrip())
            yield line.rstrip()
    if installer.returncode:
        raise InstallError("\n".join(said[-LINES_SHOWN_ON_FAILURE:]))
