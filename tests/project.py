"""Where the project lies, and how to run its programs as a developer would."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE_FOLDERS = ("platform", "identity", "payments", "notify")
PACKAGES = {
    "gaap": ROOT / "platform/gaap",
    "gaap_site": ROOT / "platform/gaap_site",
    "gaap_identity": ROOT / "identity/gaap_identity",
    "gaap_payments": ROOT / "payments/gaap_payments",
    "gaap_notify": ROOT / "notify/gaap_notify",
}
COMPONENTS = ("gaap_identity", "gaap_payments", "gaap_notify")


def python_path(root: Path = ROOT) -> str:
    """Give the PYTHONPATH under which the packages below `root` can be imported."""
    return os.pathsep.join(str(root / folder) for folder in PACKAGE_FOLDERS)


def run(
    *arguments: str | Path, cwd: Path = ROOT, environ: dict[str, str] | None = None, seconds: float = 300
) -> "subprocess.CompletedProcess[str]":
    """Run a program to its end and return it, standard error joined to standard output."""
    return subprocess.run(
        [str(argument) for argument in arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": python_path(), **(environ or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
    )


def program(name: str) -> str:
    """Give the path of a program installed beside the running Python, such as `ruff`."""
    return str(Path(sys.executable).parent / name)


def tracked_files() -> Sequence[Path]:
    """List the files of the project: what git tracks, or all of them where there is no git (an unpacked archive)."""
    listed = run("git", "ls-files", "-z")
    if listed.returncode:
        return [path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts]
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
