"""PostgreSQL, RabbitMQ and Redis for one test: on free ports of loopback, in data folders of their own.

They are there to be killed, filled and wiped, so nothing else may use them. A server that refuses to be root's runs as
its own user, as its package set it up.
"""

import contextlib
import getpass
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.processes import Program, free_port, listens, wait_until

STARTING_SECONDS = 60
#: Debian keeps the servers' own programs where no path leads.
POSTGRESQL_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
#: Enough for the database, its log and the rows of a test; small enough to be filled in a moment.
DISK_MEGABYTES = 640


def missing() -> str:
    """Name the servers that this machine has no programs of, or nothing."""
    found = {"PostgreSQL": POSTGRESQL_FOLDERS, "RabbitMQ": RABBITMQ.exists(), "Redis": shutil.which("redis-server")}
    return ", ".join(name for name, there in found.items() if not there)


def owner(name: str) -> str | None:
    """Return the user as whom a server runs that refuses to be root's; None leaves it with ours."""
    return name if getpass.getuser() == "root" else None


class Postmaster(Program):
    """PostgreSQL: its processes lead sessions of their own, and all of them die when it is killed."""

    def kill(self) -> None:
        """Kill the first process, then all that it had started."""
        children = self._children()
        super().kill()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def _children(self) -> Sequence[int]:
        if self.has_ended():
            return ()
        listed = subprocess.run(["pgrep", "--parent", str(self.pid)], capture_output=True, text=True, check=False)
        return [int(child) for child in listed.stdout.split()]


@dataclass(frozen=True)
class Servers:
    """The three, running, and what is needed to reach and to hurt them."""

    postgresql: Program
    rabbitmq: Program
    redis: Program
    database_url: str
    broker_url: str
    redis_url: str
    #: A file system of its own, or None where nobody may mount one.
    database_disk: Path | None
    broker_folder: Path

    def fill_disk(self) -> Path:
        """Write to the database's disk until it is full; returns the file that fills it."""
        assert self.database_disk is not None
        ballast = self.database_disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 65536)
        return ballast

    def wipe_broker(self) -> None:
        """Empty the data folder of a broker that does not run."""
        shutil.rmtree(self.broker_folder)
        _make_folder(self.broker_folder, user=owner("rabbitmq"))


@contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    """Run the three for the block, with their data below ``folder``, which everybody must be able to enter."""
    with ExitStack() as running:
        disk = running.enter_context(_disk(folder / "postgresql"))
        postgresql, database_url = _postgresql(folder)
        broker, rabbitmq, broker_url = running.enter_context(_rabbitmq(folder))
        port = free_port()
        redis = Program(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
            environ=dict(os.environ),
            log=folder / "redis.log",
            cwd=folder,
        )
        for program in (postgresql, rabbitmq, redis):
            running.enter_context(program)
        redis_url = f"redis://127.0.0.1:{port}/0"
        wait_until(lambda: _answers(database_url), seconds=STARTING_SECONDS, what="PostgreSQL", program=postgresql)
        for url, program in ((broker_url, rabbitmq), (redis_url, redis)):
            wait_until(lambda url=url: listens(_port(url)), seconds=STARTING_SECONDS, what=url, program=program)  # type: ignore[misc]
        yield Servers(postgresql, rabbitmq, redis, database_url, broker_url, redis_url, disk, broker)


def _port(url: str) -> int:
    return urlsplit(url).port or 0


def _answers(database_url: str) -> bool:
    try:
        psycopg.connect(database_url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _make_folder(folder: Path, *, user: str | None) -> None:
    folder.mkdir(exist_ok=True, mode=0o700)
    if user:
        shutil.chown(folder, user)


@contextmanager
def _disk(folder: Path) -> Iterator[Path | None]:
    """Give the folder a small file system of its own in memory for the block; only root may."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m,mode=755", "tmpfs", str(folder)]
    is_mounted = getpass.getuser() == "root" and not subprocess.run(mount, capture_output=True, check=False).returncode
    try:
        yield folder if is_mounted else None
    finally:
        if is_mounted:
            subprocess.run(["umount", str(folder)], check=True)


def _postgresql(folder: Path) -> tuple[Program, str]:
    user, data, port = owner("postgres"), folder / "postgresql" / "data", free_port()
    _make_folder(data, user=user)
    programs = POSTGRESQL_FOLDERS[-1]
    made = [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
    subprocess.run(made, user=user, cwd=folder, check=True, capture_output=True)
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "shared_buffers": "64MB",
        "min_wal_size": "32MB",
        "max_wal_size": "96MB",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    program = Postmaster(
        [programs / "postgres", "-D", data, *options],
        environ=dict(os.environ),
        log=folder / "postgresql.log",
        cwd=folder,
        user=user,
        ends_on=signal.SIGINT,  # its orderly end; SIGTERM waits for callers that keep their connections
    )
    return program, f"postgres://postgres@127.0.0.1:{port}/postgres"


@contextmanager
def _rabbitmq(folder: Path) -> Iterator[tuple[Path, Program, str]]:
    """Describe a broker with a name server of its own, which is ended with the block."""
    user, home, data = owner("rabbitmq"), folder / "rabbitmq", folder / "rabbitmq" / "data"
    for made in (home, data):
        _make_folder(made, user=user)
    port, names = free_port(), free_port()
    environ = {
        **os.environ,
        "HOME": str(home),
        "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": "gaap-faults@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(data),
        "RABBITMQ_LOG_BASE": str(home),
        "RABBITMQ_PID_FILE": str(home / "pid"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_CONFIG_FILE": str(home / "none"),
    }
    program = Program([RABBITMQ], environ=environ, log=folder / "rabbitmq.log", cwd=home, user=user)
    try:
        yield data, program, f"amqp://guest:guest@127.0.0.1:{port}//"
    finally:
        program.kill()
        subprocess.run(["epmd", "-kill"], env=environ, user=user, capture_output=True, check=False)
