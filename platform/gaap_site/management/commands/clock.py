"""``manage.py clock``: move an embedded instance's idea of now."""

import re
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gaap.clock import ClockFixedError, move_clock, now

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Command(BaseCommand):
    """Moves the clock of an embedded instance, for all of its processes at once."""

    help = "Move the clock of the embedded instance in --data DIR: +91m, +3d, -1h, or reset. Refused in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the change."""
        parser.add_argument("change", help="+ or - with a number and s, m, h or d (e.g. +91m), or the word reset")

    def handle(self, *, change: str, **options: Any) -> None:
        """Move the clock and print what it says now."""
        try:
            offset = move_clock(None if change == "reset" else parse_change(change))
        except ClockFixedError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The clock is moved by {offset} and says {now():%Y-%m-%d %H:%M:%S} UTC.")


def parse_change(text: str) -> timedelta:
    """Return the time span that ``+91m`` and the like stand for; raises CommandError."""
    match = re.fullmatch(r"([+-]\d{1,6})([smhd])", text)
    if match is None:
        raise CommandError(f"{text!r} is no change of the clock. Write for example +91m, -1h, +3d or reset.")
    return timedelta(**{UNITS[match[2]]: int(match[1])})
