"""Whatever breaks, nothing is lost, nothing is done twice, and all of it works again with nobody's help.

It takes half an hour and a machine of its own. ``GAAP_TEST_EVERY_FAULT=1`` tries all faults with the lease of
production and prints the table of docs/reference/faults.md, ``GAAP_TEST_EVERY_FAULT=quick`` three with a short one. A
deploy in the middle of calls is tried in ``test_deploy``.
"""

import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.faults.books import Reckoning, are_expired, money_held, reckon, unsettled
from tests.faults.installation import Installation, installation
from tests.faults.load import KINDS, Load
from tests.faults.servers import missing
from tests.faults.table import FAULTS, QUICK, Fault
from tests.notify.twilio_peer import Peer
from tests.processes import wait_until, wait_until_done
from tests.project import ROOT

WANTED = os.environ.get("GAAP_TEST_EVERY_FAULT", "")
HAS_ALL = WANTED == "1"
LEASE_SECONDS = 60 if HAS_ALL else 3
#: How long the load goes on before the fault.
CALM_SECONDS = 3.0
#: More than a lease, the longest wait for a provider's answer, the sweeper's pause and a restart.
PATIENCE_SECONDS = 150
LOOKS_EVERY_SECONDS = 0.25
#: The contract's pause between two tries of a message (A.13).
PAUSE_SECONDS = 300
#: When the pause is the only thing that is left to wait for.
ALL_BUT_THE_PAUSE_SECONDS = LEASE_SECONDS + 25

REFERENCE = ROOT / "docs/reference/faults.md"
TRIED = [fault for fault in FAULTS if HAS_ALL or fault.name in QUICK]


@pytest.fixture(scope="module")
def running() -> Iterator[Installation]:
    """One installation for all faults: each finds what the one before has left."""
    if not WANTED:
        pytest.skip("GAAP_TEST_EVERY_FAULT=1 tries it")
    if lacking := missing():
        pytest.skip(f"not found: {lacking}")
    with tempfile.TemporaryDirectory(prefix="gaap-faults-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with installation(Path(folder), lease_seconds=LEASE_SECONDS, peer=Peer()) as made:
            yield made


@pytest.mark.parametrize("fault", TRIED, ids=lambda fault: fault.name)
def test_nothing_is_lost_or_doubled(fault: Fault, running: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    if fault.needs_disk and running.servers.database_disk is None:
        pytest.skip("only root may mount a file system to fill")
    load = Load(running.address)
    with load.running():
        time.sleep(CALM_SECONDS)
        fault.happen(running)
        seconds = seconds_to_recovery(fault, running, load)
    wait_until_done(lambda: dict.fromkeys(unsettled(running, load.accepted()), 1), patience_seconds=PATIENCE_SECONDS)
    found = reckon(running, load.accepted())
    with capsys.disabled():
        sys.stdout.write(f"\n{line_of_table(fault, load, found, seconds)}\n{dict(load.answers)}\n")
    assert load.failures == []
    assert found.lost == []
    assert found.doubled == []
    expire(running, found.without_card)
    running.set_clock_right()


def test_ledger_and_audit_are_whole_after_all_of_them(running: Installation) -> None:
    assert "balance and miss nothing" in running.suite.manage("verify_ledger")
    assert "as they were written" in running.suite.manage("verify_audit")


def test_reference_lists_every_fault() -> None:
    table = REFERENCE.read_text(encoding="utf-8").partition("## The table")[2].partition("##")[0]
    rows = re.findall(r"^\| (.+?) +\|", table, re.MULTILINE)
    assert rows == ["Fault", "---", *(fault.name for fault in FAULTS)]


def line_of_table(fault: Fault, load: Load, found: Reckoning, seconds: float) -> str:
    """Return one line of the reference's table."""
    columns = (
        fault.name,
        len(load.items),
        len(found.lost),
        len(found.doubled),
        len(found.without_card),
        f"{seconds:.0f}",
    )
    return f"| {' | '.join(str(column) for column in columns)} |"


def seconds_to_recovery(fault: Fault, running: Installation, load: Load) -> float:
    """Return how long after the fault everything works again and nothing from before is left over.

    However slow the machine is, it is waited for as long as something gets on.
    """
    ended = moved_at = time.monotonic()
    before, counted = {item.id for item in load.accepted()}, 0.0
    left: set[str] = set()
    while now_left := what_is_missing(running, load, before, since=ended):
        if now_left != left:
            left, moved_at = now_left, time.monotonic()
        if fault.has_pause and not counted and time.monotonic() - ended > ALL_BUT_THE_PAUSE_SECONDS:
            running.move_clock(f"+{PAUSE_SECONDS}s")
            counted = PAUSE_SECONDS
        assert time.monotonic() - moved_at < PATIENCE_SECONDS, f"Nothing moves, and these wait: {left}; {load.answers}"
        time.sleep(LOOKS_EVERY_SECONDS)
    return time.monotonic() - ended + counted


def what_is_missing(running: Installation, load: Load, before: set[str], *, since: float) -> set[str]:
    """Return what was accepted before and is not at its end, and what has not been seen to work since."""
    items = load.accepted()
    try:
        left = {line.split()[1] for line in unsettled(running, items)}
    except psycopg.OperationalError:
        return {"the database"}
    works = {item.kind for item in items if item.began > since and item.id not in left}
    has_read = any(began > since for began in load.reads)
    return (left & before) | (set(KINDS) - works) | (set() if has_read else {"a read"})


def expire(running: Installation, payments: list[str]) -> None:
    """Let the payments expire whose card never arrived, and prove that no money moved."""
    if not payments:
        return
    running.move_clock("+91m")
    wait_until(lambda: are_expired(running, payments), seconds=PATIENCE_SECONDS, what="payments without a card expire")
    assert money_held(running, payments) == 0
