"""What a process has loaded is out of the collector's sight, garbage is still found, and threads take turns."""

import gc
import sys
import threading
import time
import weakref

import pytest

from gaap_site import interpreter
from tests.project import run

ASK = """
import gc, gaap_site.wsgi
print(gc.get_freeze_count())
"""


class Knot:
    """Refers to itself, so that only the collector finds it."""

    def __init__(self):
        self.itself = self


@pytest.fixture(autouse=True)
def as_before():
    threshold, interval = gc.get_threshold(), sys.getswitchinterval()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)
    sys.setswitchinterval(interval)


def test_what_is_loaded_is_not_looked_through():
    interpreter.settle()
    assert gc.get_freeze_count() > 100_000


def test_what_comes_later_is_still_collected():
    interpreter.settle()
    knots = weakref.WeakSet(Knot() for _ in range(2 * interpreter.YOUNG))
    assert len(knots) < interpreter.YOUNG


def test_a_thread_that_only_computes_leaves_turns_to_others():
    interpreter.settle()
    ends, turns = time.monotonic() + 0.5, list[int]()

    def take_turns() -> None:
        for turn in range(3):
            time.sleep(0)
            turns.append(turn)

    other = threading.Thread(target=take_turns)
    other.start()
    while time.monotonic() < ends and len(turns) < 3:
        pass
    other.join()
    assert time.monotonic() < ends


def test_the_web_begins_so(tmp_path):
    ended = run(sys.executable, "-W", "ignore", "-c", ASK, environ={"GAAP_DATA": str(tmp_path)})
    assert ended.returncode == 0, ended.stdout
    assert int(ended.stdout.split()[-1]) > 100_000
