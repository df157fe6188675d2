"""The container's surroundings without an engine: a root nobody may write to, a user without rights, scratch in /tmp.

It is a mount namespace of the kernel's: the system's programs and the interpreter are bound into an empty root,
read-only, and what is started there has no rights, no capabilities and no way to get any.
"""

import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

USER = 10001
#: What a slim image has beside the application: programs, libraries, and the system's configuration.
SYSTEM = ("/usr", "/etc")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
LINKS = ("bin", "sbin", "lib", "lib64")


class ReadOnlyRoot:
    """A root made of the system, the interpreter and an application folder, which is seen as ``/app``."""

    def __init__(self, folder: Path, *, application: Path) -> None:
        """``folder`` is an empty one of the caller's, on which the root is mounted."""
        self._folder = folder
        self.application = application
        self._bound = {
            **{place: place for place in (*SYSTEM, sys.prefix, sys.base_prefix)},
            str(application): "/app",
        }

    def refusal(self) -> str:
        """Return why the kernel does not let us make such a root, or an empty text."""
        finished = subprocess.run(self.command(["true"], environ={}), capture_output=True, text=True, check=False)
        return finished.stderr.strip() if finished.returncode else ""

    def command(self, arguments: Sequence[str], *, environ: Mapping[str, str]) -> list[str]:
        """Return the command that runs a program inside, as the image's user, with this environment alone."""
        variables = [f"{name}={value}" for name, value in environ.items()]
        rights = ["--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
        user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", *rights]
        inside = ["chroot", str(self._folder), *user, "env", "--ignore-environment", "--chdir=/app", *variables]
        script = "\n".join(["set -e", *self._mounts(), f"exec {shlex.join([*inside, *arguments])}"])
        return ["unshare", "--mount", "sh", "-c", script]

    def _mounts(self) -> list[str]:
        root = shlex.quote(str(self._folder))
        lines = [f"mount -t tmpfs -o mode=755 root {root}", f"mkdir -p {root}/tmp {root}/dev/shm {root}/proc"]
        lines += [f"ln -s usr/{name} {root}/{name}" for name in LINKS]
        lines += [f"mount -t tmpfs -o mode=1777 scratch {root}{place}" for place in ("/tmp", "/dev/shm")]
        for source, target in self._bound.items():
            place = f"{root}{shlex.quote(target)}"
            lines += [f"mkdir -p {place}", f"mount --bind {shlex.quote(source)} {place}"]
            lines += [f"mount -o remount,bind,ro {place}"]
        for device in DEVICES:
            lines += [f"touch {root}{device}", f"mount --bind {device} {root}{device}"]
        return [*lines, f"mount --rbind /proc {root}/proc", f"mount -o remount,ro root {root}"]
