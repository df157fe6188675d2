"""What a process has loaded is out of the collector's sight, and garbage is still found."""

import gc
import sys
import weakref

import pytest

from gaap_site import memory
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
def collector_as_before():
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_is_loaded_is_not_looked_through():
    memory.keep_what_is_loaded()
    assert gc.get_freeze_count() > 100_000


def test_what_comes_later_is_still_collected():
    memory.keep_what_is_loaded()
    knots = weakref.WeakSet(Knot() for _ in range(2 * memory.YOUNG))
    assert len(knots) < memory.YOUNG


def test_the_web_begins_so(tmp_path):
    ended = run(sys.executable, "-W", "ignore", "-c", ASK, environ={"GAAP_DATA": str(tmp_path)})
    assert ended.returncode == 0, ended.stdout
    assert int(ended.stdout.split()[-1]) > 100_000
