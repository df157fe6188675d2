"""Hints to the workers that there is something to do: what they do stands in the database, the broker only wakes them.

A busy process would give the same hint a thousand times a second. It gives the first at once, and what follows within
``GAAP_HINT_SECONDS`` as one more hint at their end, beside the requests.
"""

import atexit
import logging
import os
import time
from collections.abc import Callable
from functools import partial
from threading import Condition, Thread
from typing import Any

from celery import Task
from kombu.exceptions import OperationalError

from gaap.conf import conf

logger = logging.getLogger(__name__)

Hint = tuple[str, tuple[Any, ...]]
Give = Callable[[], None]
#: Hints that are remembered; when there are more, all are forgotten, and each is given at once again.
MOST = 1000


class HintGiver:
    """Gives each hint at once when it was not given for a while, and otherwise at the end of its window."""

    def __init__(self) -> None:
        self._given_at: dict[Hint, float] = {}
        self._waiting: dict[Hint, tuple[float, Give]] = {}
        self._changed = Condition()
        self._thread: Thread | None = None

    def give(self, hint: Hint, give: Give, *, window: float) -> None:
        """Call ``give``, here or, when ``hint`` was given less than ``window`` seconds ago, soon in another thread."""
        with self._changed:
            if hint in self._waiting:
                return
            moment = time.monotonic()
            due = self._given_at.get(hint, moment - window) + window
            if due > moment:
                self._put_off(hint, give, due)
                return
            self._note(hint, moment)
        give()

    def give_all(self) -> None:
        """Give at once what waits."""
        with self._changed:
            waiting = [give for _, give in self._waiting.values()]
            self._waiting.clear()
        for give in waiting:
            give()

    def _put_off(self, hint: Hint, give: Give, due: float) -> None:
        self._waiting[hint] = (due, give)
        if self._thread is None:
            self._thread = Thread(target=self._run, name="gaap-hints", daemon=True)
            self._thread.start()
        self._changed.notify()

    def _note(self, hint: Hint, moment: float) -> None:
        if len(self._given_at) >= MOST:
            self._given_at.clear()
        self._given_at[hint] = moment

    def _run(self) -> None:
        while True:
            for give in self._take_due():
                give()

    def _take_due(self) -> list[Give]:
        """Wait for hints that are due, and return them."""
        with self._changed:
            while not self._waiting:
                self._changed.wait()
            moment = time.monotonic()
            due = [hint for hint, (at, _) in self._waiting.items() if at <= moment]
            if not due:
                self._changed.wait(min(at for at, _ in self._waiting.values()) - moment)
            for hint in due:
                self._note(hint, moment)
            return [self._waiting.pop(hint)[1] for hint in due]


def give_hint(task: "Task[..., Any]", args: tuple[Any, ...]) -> None:
    """Ask a worker to run ``task``, now or in a moment. A lost broker is logged: the sweeper finds the row."""
    give, window = partial(_give, task, args), conf.hint_seconds
    if window:
        _giver.give((str(task.name), args), give, window=window)
    else:
        give()


def _give(task: "Task[..., Any]", args: tuple[Any, ...]) -> None:
    try:
        task.apply_async(args=args, retry=False)
    except _broker_errors(task) as error:
        logger.warning("No broker takes the hint (%s); %s waits for the sweeper", type(error).__name__, task.name)


def _broker_errors(task: "Task[..., Any]") -> tuple[type[BaseException], ...]:
    """Return what the broker's own client raises, whichever broker it is."""
    connection = task.app.connection_for_write()
    return (OperationalError, OSError, *connection.connection_errors, *connection.channel_errors)


def _begin_anew() -> None:
    """Forget what waits in a forked process: its parent gives it."""
    global _giver
    _giver = HintGiver()


_giver = HintGiver()
os.register_at_fork(after_in_child=_begin_anew)
atexit.register(lambda: _giver.give_all())
