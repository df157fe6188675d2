"""The same hint is given at once, and then once for all that follow in its window."""

import threading
import time
from functools import partial

import pytest
from celery import Celery

from gaap import hints
from gaap.hints import HintGiver, give_hint

HINT = ("task", ())


@pytest.fixture
def given(monkeypatch):
    """The hints that reached the broker, by task and arguments."""
    seen: list[tuple[str, tuple[object, ...]]] = []
    monkeypatch.setattr(hints, "_giver", HintGiver())
    monkeypatch.setattr(hints, "_give", lambda task, args: seen.append((task.name, args)))
    return seen


@pytest.fixture
def task():
    app = Celery("other", broker="memory://", set_as_current=False)

    @app.task(name="tests.hinted")
    def hinted(*_args: object) -> None:
        """Do nothing."""

    return hinted


def wait_for(given, count):
    deadline = time.monotonic() + 10
    while len(given) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    return given


def test_a_thousand_hints_are_two(given, task, settings):
    settings.GAAP_HINT_SECONDS = 0.3
    for _ in range(1000):
        give_hint(task, ())
    assert given == [("tests.hinted", ())]
    assert wait_for(given, 2) == [("tests.hinted", ())] * 2
    time.sleep(0.4)
    assert len(given) == 2


def test_what_comes_after_the_late_hint_is_not_lost(given, task, settings):
    """A row committed after the late hint was given needs another one."""
    settings.GAAP_HINT_SECONDS = 0.1
    for count in (1, 2, 3):
        give_hint(task, ())
        wait_for(given, count)
    assert len(given) == 3


def test_other_arguments_are_other_hints(given, task, settings):
    settings.GAAP_HINT_SECONDS = 30
    for name in ("a", "b", "a"):
        give_hint(task, (name,))
    assert given == [("tests.hinted", ("a",)), ("tests.hinted", ("b",))]


def test_without_a_window_every_hint_is_given(given, task, settings):
    settings.GAAP_HINT_SECONDS = 0
    for _ in range(3):
        give_hint(task, ())
    assert len(given) == 3


def test_threads_agree_on_who_gives_it():
    giver, given = HintGiver(), []
    start = threading.Barrier(20)

    def ask() -> None:
        start.wait()
        giver.give(HINT, lambda: given.append(threading.current_thread()), window=60)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == 1
    giver.give_all()
    assert len(given) == 2
    giver.give_all()
    assert len(given) == 2


def test_what_waits_at_the_end_is_given():
    given: list[int] = []
    giver = HintGiver()
    for number in (1, 1, 2, 2, 3):
        giver.give(("task", (number,)), partial(given.append, number), window=60)
    assert given == [1, 2, 3]
    giver.give_all()
    assert given == [1, 2, 3, 1, 2]


def test_memory_is_bounded():
    giver = HintGiver()
    for number in range(3 * hints.MOST):
        giver.give(("task", (number,)), lambda: None, window=60)
    assert len(giver._given_at) <= hints.MOST
