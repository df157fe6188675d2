"""The gate of one process: so many requests in work, a few waiting, and a clear no for the others."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Condition, Event, Thread
from typing import Any

from gaap.overload.lanes import Lane


class TurnedAwayError(Exception):
    """The request was not begun; ``reason`` is ``full`` (nobody more may wait) or ``late`` (it waited too long)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(eq=False)
class Job:
    """One request: what to do, and what came of it."""

    work: Callable[[], Any]
    lane: Lane
    arrived: float = field(default_factory=time.monotonic)
    began: Event = field(default_factory=Event)
    ended: Event = field(default_factory=Event)
    result: Any = None
    error: BaseException | None = None

    def run(self) -> None:
        """Do it, and keep what came of it."""
        try:
            self.result = self.work()
        except BaseException as error:
            self.error = error
        finally:
            self.ended.set()


class Gate:
    """Works on jobs with threads of its own, which also are the only ones that hold connections to the database.

    A lane that goes first is served first; of the others, whoever has waited longest. ``ordinary`` is how many jobs of
    the others may be in work together.
    """

    def __init__(self, lanes: Sequence[Lane], *, at_once: int, ordinary: int) -> None:
        self._waiting: dict[Lane, deque[Job]] = {lane: deque() for lane in lanes}
        self._running = dict.fromkeys(lanes, 0)
        self._at_once = at_once
        self._ordinary = ordinary
        self._changed = Condition()
        self._threads: list[Thread] = []

    def do(self, lane: Lane, work: Callable[[], Any]) -> tuple[Any, float]:
        """Do ``work`` when it is its turn; returns its result and how many seconds it waited.

        Raises TurnedAwayError, and whatever ``work`` raises.
        """
        job = Job(work, lane)
        with self._changed:
            if len(self._waiting[lane]) >= lane.waiting + self._free(lane):
                raise TurnedAwayError("full")
            self._waiting[lane].append(job)
            self._start_thread()
            self._changed.notify()
        if not job.began.wait(lane.patience):
            self._give_up(job)
        waited = time.monotonic() - job.arrived
        job.ended.wait()
        if job.error is not None:
            raise job.error
        return job.result, waited

    def _give_up(self, job: Job) -> None:
        """Take the job out again, unless its turn came this very moment."""
        with self._changed:
            if not job.began.is_set():
                self._waiting[job.lane].remove(job)
                raise TurnedAwayError("late")

    def _start_thread(self) -> None:
        # Not before the first requests: gunicorn's processes are forked from one that may have loaded all of this.
        if len(self._threads) < self._at_once:
            thread = Thread(target=self._work, name="gaap-request", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while True:
            job = self._take()
            try:
                job.run()
            finally:
                with self._changed:
                    self._running[job.lane] -= 1
                    self._changed.notify_all()

    def _take(self) -> Job:
        with self._changed:
            while (lane := self._next()) is None:
                self._changed.wait()
            job = self._waiting[lane].popleft()
            self._running[lane] += 1
            job.began.set()
            return job

    def _free(self, lane: Lane) -> int:
        """Return how many more jobs of ``lane`` may be in work now."""
        places = [lane.running - self._running[lane], self._at_once - sum(self._running.values())]
        if not lane.goes_first:
            ordinary = sum(number for one, number in self._running.items() if not one.goes_first)
            places.append(self._ordinary - ordinary)
        return max(0, min(places))

    def _next(self) -> Lane | None:
        """Return the lane whose first job is next, or None when none may begin."""
        may = [lane for lane, jobs in self._waiting.items() if jobs and self._free(lane)]
        return min(may, key=lambda lane: (not lane.goes_first, self._waiting[lane][0].arrived), default=None)
