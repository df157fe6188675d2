"""What a command settles before Django reads its settings: data folder, address, and which services to use.

Standard library only.
"""

import atexit
import os
import shutil
import socket
import tempfile
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import MutableMapping, Sequence
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2]
DEFAULT_PORT = 8000
HIGHEST_PORT = 65535 - 2
REAL_SERVICES = ("DATABASE_URL", "BROKER_URL", "REDIS_URL")


def prepare(argv: list[str], environ: MutableMapping[str, str]) -> None:
    """Complete ``environ`` for the command in ``argv``, and take ``--data`` out of ``argv``.

    ``--data DIR`` goes with every command, Django's own too, and always means an embedded instance, whatever real
    services the environment names. ``demo`` is embedded as well, unless ``--processes`` asks for real services.
    ``serve`` and ``demo`` know their address from their port.
    """
    folder, argv[:] = _read_options(argv, "--data")
    if folder.data:
        environ["GAAP_DATA"] = os.path.abspath(folder.data)
    command = argv[1] if len(argv) > 1 else ""
    options, _ = _read_options(argv, "--port", flags=("--once", "--processes"))
    if command == "demo":
        _prepare_demo(options, environ, has_folder=bool(folder.data))
    elif command == "serve":
        environ.setdefault("GAAP_BASE_URL", f"http://127.0.0.1:{options.port or DEFAULT_PORT}/")
    if (folder.data or command == "demo") and not options.processes:
        for name in REAL_SERVICES:
            environ.pop(name, None)


def port_number(text: str) -> int:
    """Return the port written as ``text``; raises ArgumentTypeError unless it and the next two can be listened on."""
    if not text.isdecimal() or not 1 <= int(text) <= HIGHEST_PORT:
        raise ArgumentTypeError(f"{text!r} is no port between 1 and {HIGHEST_PORT}")
    return int(text)


def free_port_row(length: int) -> int:
    """Return the first of ``length`` ports in a row that nothing listens on."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = int(probe.getsockname()[1])
        if first + length < 65536 and all(is_free(port) for port in range(first, first + length)):
            return first


def is_free(port: int) -> bool:
    """Say whether a program could listen on ``port`` of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _read_options(argv: Sequence[str], *names: str, flags: Sequence[str] = ()) -> tuple[Namespace, list[str]]:
    """Return the options with these names, and everything else in ``argv``."""
    parser = ArgumentParser(prog="manage.py", add_help=False, allow_abbrev=False)
    for name in names:
        parser.add_argument(name)
    for flag in flags:
        parser.add_argument(flag, action="store_true")
    return parser.parse_known_args(argv)


def _prepare_demo(options: Namespace, environ: MutableMapping[str, str], *, has_folder: bool) -> None:
    port = options.port or (free_port_row(3) if options.once else DEFAULT_PORT)
    environ["GAAP_BASE_URL"] = f"http://127.0.0.1:{port}/"
    environ["GAAP_EMBEDDED"] = "1"
    environ.setdefault("GAAP_LOG_LEVEL", "WARNING")
    environ.setdefault("GAAP_QUEUE_PREFIX", "demo.")
    if not has_folder:
        environ["GAAP_DATA"] = _passing_folder() if options.once else str(PROJECT_DIR / "data" / "demo")


def _passing_folder() -> str:
    folder = tempfile.mkdtemp(prefix="gaap-demo-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
