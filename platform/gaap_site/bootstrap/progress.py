"""What a person sees while things are installed."""

import sys
import time

SECONDS_BETWEEN_LINES = 5.0


class Progress:
    """Lines with the seconds since the start, and a count that stays live.

    All on standard error: standard output belongs to the command that follows.
    """

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.last_written = self.started
        self.is_terminal = sys.stderr.isatty()

    def step(self, text: str) -> None:
        """Write one line."""
        self._write(self._stamped(text) + "\n")

    def count(self, done: int, total: int) -> None:
        """Show how far it is: on a terminal in place, elsewhere as a line every few seconds."""
        text = self._stamped("  {0} of {1} packages".format(min(done, total), total))
        if self.is_terminal:
            self._write(text + ("\n" if done == total else "\r"))
        elif time.monotonic() - self.last_written > SECONDS_BETWEEN_LINES:
            self._write(text + "\n")

    def _stamped(self, text: str) -> str:
        return "[{0:5.1f} s] {1}".format(time.monotonic() - self.started, text)

    def _write(self, text: str) -> None:
        self.last_written = time.monotonic()
        sys.stderr.write(text)
        sys.stderr.flush()
