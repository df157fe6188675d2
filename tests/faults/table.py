"""Every fault that the suite is put to: what happens, until it is over. Nothing here mends anything afterwards."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
from kombu import Connection

from gaap_site.celery import queue_names
from tests.faults.installation import Installation
from tests.faults.line import Line
from tests.notify.twilio_peer import Refusal
from tests.processes import STOPPING_SECONDS, Program

#: How long what is taken away stays away, and how long what is done again and again goes on.
AWAY_SECONDS = 10.0
#: Longer than the notice that PostgreSQL's own keepalive gives of a caller that is gone would need on a real network.
SILENT_SECONDS = 20.0
#: Longer than the suite waits for an answer of the provider.
SLOW_SECONDS = 20.0
CUTS = 5
END_CALLERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


class Happening(Protocol):
    """What is done to an installation; returns when the fault is over."""

    def __call__(self, installation: Installation, /) -> None: ...


@dataclass(frozen=True)
class Fault:
    """One line of the table.

    With ``has_pause`` the suite may wait, by the contract, five
    minutes before it tries again; the clock is moved by so much and the five minutes are counted.
    """

    name: str
    happen: Happening
    has_pause: bool = False
    needs_disk: bool = False


#: Picks a program of the installation.
Pick = Callable[[Installation], Program]

PROGRAMS: dict[str, Pick] = {
    "web": lambda found: found.suite.web,
    "worker": lambda found: found.suite.worker,
    "scheduler": lambda found: found.suite.scheduler,
    "PostgreSQL": lambda found: found.servers.postgresql,
    "RabbitMQ": lambda found: found.servers.rabbitmq,
    "Redis": lambda found: found.servers.redis,
}


def killed(pick: Pick) -> Happening:
    """Kill a program and all its processes; the supervisor starts it again."""

    def happen(installation: Installation) -> None:
        pick(installation).kill()

    return happen


def restarted(pick: Pick) -> Happening:
    """Ask a program to end, as a supervisor does; it must end well and in time, and is started again."""

    def happen(installation: Installation) -> None:
        program = pick(installation)
        with installation.supervisor.away(program):
            began = time.monotonic()
            assert program.end() == 0
            assert time.monotonic() - began < STOPPING_SECONDS

    return happen


def gone(pick: Pick) -> Happening:
    """Kill a program, and let nobody start it again for a while."""

    def happen(installation: Installation) -> None:
        program = pick(installation)
        with installation.supervisor.away(program):
            program.kill()
            time.sleep(AWAY_SECONDS)

    return happen


def queues_emptied(installation: Installation) -> None:
    """Throw away every message that waits at the broker, again and again."""
    for _ in range(CUTS):
        with Connection(installation.servers.broker_url) as connection:
            channel: Any = connection.channel()
            for name in queue_names():
                channel.queue_purge(installation.suite.queue_prefix + name)
        time.sleep(1)


def broker_wiped(installation: Installation) -> None:
    """Kill the broker and empty its data folder: queues, exchanges and messages are gone."""
    broker = installation.servers.rabbitmq
    with installation.supervisor.away(broker):
        broker.kill()
        installation.servers.wipe_broker()


def connections_cut(installation: Installation) -> None:
    """End every connection to the database, again and again."""
    for _ in range(CUTS):
        with psycopg.connect(installation.servers.database_url, autocommit=True) as connection:
            connection.execute(END_CALLERS)
        time.sleep(1)


def disk_full(installation: Installation) -> None:
    """Fill the file system that the database lies on, and make room again after a while."""
    ballast = installation.servers.fill_disk()
    time.sleep(AWAY_SECONDS)
    ballast.unlink()


def clock_stepped(installation: Installation) -> None:
    """Step the clock of all processes a minute ahead, and later back."""
    installation.move_clock("+60s")
    time.sleep(AWAY_SECONDS)
    installation.set_clock_right()


def line_silent(pick: Callable[[Installation], Line]) -> Happening:
    """Let nothing through a line for a while, either way; nobody is told that it is so."""

    def happen(installation: Installation) -> None:
        with pick(installation).silent():
            time.sleep(SILENT_SECONDS)

    return happen


def provider(mood: Callable[[Installation], AbstractContextManager[None]]) -> Happening:
    """Let the provider of texts be in a mood for a while."""

    def happen(installation: Installation) -> None:
        with mood(installation):
            time.sleep(AWAY_SECONDS)

    return happen


def is_down(installation: Installation) -> AbstractContextManager[None]:
    """It takes no connection."""
    return installation.provider_line.cut()


@contextmanager
def is_slow(installation: Installation) -> Iterator[None]:
    """It takes every message, and says so when nobody listens any more."""
    installation.peer.seconds = SLOW_SECONDS
    yield
    installation.peer.seconds = 0.0


def refuses(refusal: Refusal) -> Callable[[Installation], AbstractContextManager[None]]:
    """Refuse everything in one way."""

    @contextmanager
    def mood(installation: Installation) -> Iterator[None]:
        installation.peer.refusal = refusal
        yield
        installation.peer.refusal = None

    return mood


#: What the quick run tries.
QUICK = frozenset({"worker killed", "broker's data wiped", "Redis killed"})

FAULTS = [
    Fault("nothing at all", lambda _: None),
    *(Fault(f"{name} killed", killed(pick)) for name, pick in PROGRAMS.items()),
    *(Fault(f"{name} restarted in good order", restarted(pick)) for name, pick in PROGRAMS.items()),
    Fault("every queue emptied five times", queues_emptied),
    Fault("broker's data wiped", broker_wiped),
    Fault("Redis gone for 10 s", gone(PROGRAMS["Redis"])),
    Fault("RabbitMQ gone for 10 s", gone(PROGRAMS["RabbitMQ"])),
    Fault("PostgreSQL gone for 10 s", gone(PROGRAMS["PostgreSQL"])),
    Fault("every database connection cut five times", connections_cut),
    Fault("worker cut off from the database for 20 s", line_silent(lambda found: found.database_line)),
    Fault("database's disk full for 10 s", disk_full, needs_disk=True),
    Fault("clock a minute ahead for 10 s, then back", clock_stepped),
    Fault("provider down for 10 s", provider(is_down), has_pause=True),
    Fault("provider slower than our patience for 10 s", provider(is_slow), has_pause=True),
    Fault(
        "provider answers 429 for 10 s", provider(refuses(Refusal(429, 20429, (("Retry-After", "2"),)))), has_pause=True
    ),
    Fault("provider answers garbage for 10 s", provider(refuses(Refusal(is_garbage=True))), has_pause=True),
]
