"""The arithmetic of the queue: numbers are handed out one by one, and called at a steady pace."""

from dataclasses import dataclass, replace
from math import ceil


@dataclass(frozen=True)
class Pace:
    """How many people are let in: ``per_minute``. After a calm moment the numbers of one second are called at once."""

    per_minute: float

    @property
    def per_second(self) -> float:
        """The same for a second."""
        return self.per_minute / 60

    @property
    def ahead(self) -> float:
        """How far the calling may run ahead of the handing out."""
        return max(1.0, self.per_second)


@dataclass(frozen=True)
class Queue:
    """The queue at one moment: the last number handed out, and the last one called.

    ``epoch`` names the life of the queue's store: numbers of another one mean nothing. ``at`` is seconds on its clock.
    """

    epoch: str
    issued: int
    called: float
    at: float

    def moved_to(self, moment: float, *, pace: Pace) -> "Queue":
        """Return the queue at ``moment`` (seconds); a clock that went back calls nobody and takes nothing back."""
        elapsed = max(0.0, moment - self.at)
        called = min(self.issued + pace.ahead, self.called + elapsed * pace.per_second)
        return replace(self, called=max(self.called, called), at=moment)

    @property
    def is_empty(self) -> bool:
        """True when nobody waits."""
        return self.issued <= self.called

    @property
    def waiting(self) -> int:
        """How many numbers were handed out and not yet called."""
        return max(0, ceil(self.issued - self.called))

    def lets_in(self, number: int) -> bool:
        """Tell whether ``number`` was called."""
        return number <= self.called

    def before(self, number: int) -> int:
        """Return how many people are before ``number``."""
        return max(0, ceil(number - self.called) - 1)

    def seconds_until(self, number: int, *, pace: Pace) -> float:
        """Return in how many seconds ``number`` is called."""
        return max(0.0, number - self.called) / pace.per_second
