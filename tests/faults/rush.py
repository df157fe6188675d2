"""Requests at a rate of their own, whatever becomes of them, over kept connections and at next to no cost."""

import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.benchmarks.load import Answer, Flow, run_flows

BUSY = 503


@dataclass
class Rush:
    """What came of many requests; `seconds` are those that were answered as was hoped, with `hoped`."""

    address: str
    ask: Callable[[], bytes]
    hoped: int = 200
    statuses: Counter[int] = field(default_factory=Counter)
    without_a_time: int = 0
    seconds: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def steadily(self, *, per_second: float, seconds: float, senders: int) -> "Rush":
        """Send so many in a second; a sender that is late sends at once."""
        pause, began = senders / per_second, time.monotonic()
        flows = [self._send(began + pause * n / senders, pause, began + seconds) for n in range(senders)]
        run_flows(self.address, flows, connections=senders)
        return self

    def at_once(self, senders: int, *, seconds: float) -> "Rush":
        """Let so many ask again as soon as they were answered."""
        began = time.monotonic()
        flows = [self._send(began, 0.0, began + seconds) for _ in range(senders)]
        run_flows(self.address, flows, connections=senders)
        return self

    @property
    def slow(self) -> float:
        """The seconds within which 95% of what was hoped for was answered."""
        return statistics.quantiles(self.seconds, n=20)[-1] if len(self.seconds) > 1 else max(self.seconds, default=0.0)

    def _send(self, due: float, pause: float, ends: float) -> Flow:
        while True:
            time.sleep(max(0.0, due - time.monotonic()))
            began = time.monotonic()
            answer = yield self.ask()
            self._note(answer, time.monotonic() - began)
            due = due + pause if pause else time.monotonic()
            if due >= ends or time.monotonic() >= ends:
                return

    def _note(self, answer: Answer, lasted: float) -> None:
        with self._lock:
            self.statuses[answer.status] += 1
            self.without_a_time += answer.status == BUSY and not answer.header("Retry-After")
            if answer.status == self.hoped:
                self.seconds.append(lasted)
