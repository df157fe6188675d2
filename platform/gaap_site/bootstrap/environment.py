"""The virtual environment of a checkout: made, completed and entered."""

import contextlib
import os
import shutil
import subprocess
import sys
from typing import Iterator, NoReturn, Tuple

from gaap_site.bootstrap.checks import refuse_impossible_set_up, stop
from gaap_site.bootstrap.installers import InstallError, install
from gaap_site.bootstrap.progress import Progress
from gaap_site.bootstrap.requirements import path_of, read, stamp

SETS_HOLDING = {"base": ("base", "demo", "test"), "demo": ("demo", "test"), "test": ("test",)}

CANNOT_WRITE = """Cannot write the virtual environment: {0}
Use a copy of the project in a folder of your own with room on its disk, or name another folder for the environment:
  GAAP_VENV=$HOME/.cache/gaap-venv python3 {1}"""

INSTALL_FAILED = """Could not install the packages. The installer said:
{0}

Most often the package index cannot be reached. Check the network; behind a proxy set HTTPS_PROXY, with an index of
your own PIP_INDEX_URL (UV_INDEX_URL for uv). Then run the same command again."""


class Environment:
    """`.venv` beside manage.py, or the folder that GAAP_VENV names.

    The file `gaap-installed` in it names the interpreter it was made for and the set it holds with the hash of the
    locked file, so that a later start costs one look. The file `gaap-unfinished` stands while packages are put in:
    found by the next start, it means that this one was killed halfway, and the environment is made anew.
    """

    def __init__(self, root: str, wanted: str) -> None:
        self.root = root
        self.wanted = wanted
        self.folder = os.path.abspath(os.environ.get("GAAP_VENV") or os.path.join(root, ".venv"))
        self.python = os.path.join(self.folder, "bin", "python")
        self.installed = os.path.join(self.folder, "gaap-installed")
        self.unfinished = os.path.join(self.folder, "gaap-unfinished")

    def is_running(self) -> bool:
        """Say whether this process runs in the environment."""
        return os.path.realpath(sys.prefix) == os.path.realpath(self.folder)

    def is_ready(self) -> bool:
        """Say whether the environment holds the wanted set as it is locked now."""
        interpreter, held = self._held()
        if interpreter != self._interpreter():
            return False
        return held in [stamp(self.root, name) for name in SETS_HOLDING[self.wanted]]

    def complete(self) -> None:
        """Make the environment or bring it up to its locked file; waits while another start does so."""
        refuse_impossible_set_up()
        progress = Progress()
        try:
            with locked(self.folder + ".lock", progress):
                if not self.is_ready():
                    self._fill(progress)
        except OSError as error:
            stop(CANNOT_WRITE.format(error, " ".join(sys.argv)))
        except KeyboardInterrupt:
            stop("Stopped while setting up. The same command begins the set-up again.")

    def start_again(self) -> NoReturn:
        """Replace this process by the same command inside the environment."""
        os.execv(self.python, [self.python] + sys.orig_argv[1:])

    def _held(self) -> Tuple[str, str]:
        if not os.path.exists(self.installed):
            return "", ""
        interpreter, held = read(self.installed).splitlines()
        return interpreter, held

    def _interpreter(self) -> str:
        return os.path.realpath(self.python) if os.path.exists(self.python) else "none"

    def _is_broken(self) -> bool:
        made_for_another = self._held()[0] not in ("", self._interpreter())
        return made_for_another or os.path.exists(self.unfinished) or not os.path.exists(self.python)

    def _fill(self, progress: Progress) -> None:
        if self._is_broken():
            self._make(progress)
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.installed)
        with open(self.unfinished, "w", encoding="utf-8"):
            pass
        self._install(progress)
        with open(self.installed, "w", encoding="utf-8") as handle:
            handle.write("{0}\n{1}\n".format(self._interpreter(), stamp(self.root, self.wanted)))
        os.remove(self.unfinished)
        progress.step("Ready; later starts skip all this")

    def _make(self, progress: Progress) -> None:
        version = ".".join(str(part) for part in sys.version_info[:3])
        progress.step("Making the virtual environment {0} with Python {1}".format(self.folder, version))
        if os.path.isdir(self.folder):
            shutil.rmtree(self.folder)
        base_python = getattr(sys, "_base_executable", None) or sys.executable
        made = subprocess.run(
            [base_python, "-m", "venv", self.folder],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
        )
        if made.returncode:
            stop("Could not make the virtual environment. Python said:\n{0}".format(made.stdout))

    def _install(self, progress: Progress) -> None:
        try:
            install(path_of(self.root, self.wanted, "txt"), python=self.python, progress=progress)
        except InstallError as error:
            os.remove(self.unfinished)
            stop(INSTALL_FAILED.format(error))


@contextlib.contextmanager
def locked(path: str, progress: Progress) -> Iterator[None]:
    """Hold the lock file at `path`; say so once while another start holds it."""
    import fcntl  # not at the top: on Windows this file must still load, to say what to use instead

    with open(path, "a", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.step("Another start is setting up; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
