"""What the journey says while it runs: each step with its time and with what was checked."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class JourneyError(Exception):
    """Something on the way is not as it should be; the text says what."""


@dataclass
class Step:
    """One step of the journey."""

    title: str
    checked: list[str] = field(default_factory=list)

    def check(self, holds: bool, what: str, *, found: object = None) -> None:
        """Remember that ``what`` was checked; raises JourneyError when it does not hold.

        ``found`` is what was there instead, for the reader of the error.
        """
        if not holds:
            instead = "" if found is None else f" (found: {found!r})"
            raise JourneyError(f"At {self.title!r} this does not hold: {what}{instead}")
        self.checked.append(what)


class Report:
    """Prints steps through ``say``, each with what was checked beneath."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._begun_at = time.monotonic()
        self.checks = 0

    def headline(self, text: str) -> None:
        """Begin a part of the journey."""
        self._say(f"\n{text}")

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Time a step and print it when it is done."""
        begun_at = time.monotonic()
        step = Step(title)
        yield step
        self._say(f"{time.monotonic() - begun_at:8.2f} s  {title}")
        self._say(f"            {'; '.join(step.checked)}")
        self.checks += len(step.checked)

    @property
    def seconds(self) -> float:
        """How long it took so far."""
        return time.monotonic() - self._begun_at
