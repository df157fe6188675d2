"""What can be wrong with a machine before anything is installed, each with what to do about it."""

import importlib.util
import os
import shutil
import sys
from typing import List, NoReturn, Optional

OLDEST_PYTHON = (3, 11)
NEWEST_MINOR_LOOKED_FOR = 15


def stop(message: str) -> NoReturn:
    """Leave with exit code 1 and `message` on standard error."""
    sys.exit("\n" + message)


def refuse_old_python(argv: List[str]) -> None:
    """Leave with a clear sentence when the running Python is older than the product supports."""
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return
    command = " ".join(argv)
    newer = newer_python()
    advice = "This machine has a newer one:  {0} {1}".format(newer, command)
    if newer is None:
        advice = (
            "Install a newer one, for instance\n"
            "  Debian 12, Ubuntu 24.04 or later:  sudo apt-get install python3 python3-venv\n"
            "  macOS:                             brew install python\n"
            "and run the same command with it."
        )
    found = ".".join(str(part) for part in sys.version_info[:3])
    stop("This needs Python {0}.{1} or newer and found {2}.\n{3}".format(*OLDEST_PYTHON, found, advice))


def newer_python() -> Optional[str]:
    """Name a Python on PATH that is new enough, or None."""
    minors = range(NEWEST_MINOR_LOOKED_FOR, OLDEST_PYTHON[1] - 1, -1)
    names = ["python3.{0}".format(minor) for minor in minors]
    return next((name for name in names if shutil.which(name)), None)


def refuse_impossible_set_up() -> None:
    """Leave with a clear sentence when this machine cannot make a virtual environment."""
    if os.name != "posix":
        stop("This runs on Linux and macOS. On Windows use the Windows Subsystem for Linux.")
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    stop(
        "This Python cannot make virtual environments: its venv module is not installed.\n"
        "On Debian and Ubuntu install it with\n"
        "  sudo apt-get install python3.{0}-venv\n"
        "and run the same command again.".format(sys.version_info[1])
    )
