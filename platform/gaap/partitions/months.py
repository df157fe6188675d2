"""Months, and the numbers that rows of each begin with.

Rows have numbers, not times. So that a month's rows stand together, the sequence that numbers them jumps when a month
begins, to a number that tells the month: each has room for a million million rows. The bounds of every month are known
beforehand, and in a month that nobody prepared rows go on in the one before it.
"""

from datetime import UTC, datetime
from typing import NamedTuple, Self

#: How many numbers a month has. All of them until the year 2700 fit into what JavaScript counts exactly.
ROOM = 10**12
EPOCH = 2000


class Month(NamedTuple):
    """A month of the calendar, in UTC."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """Return the month in which ``moment`` lies."""
        there = moment.astimezone(UTC)
        return cls(there.year, there.month)

    @classmethod
    def at(cls, count: int) -> Self:
        """Return the month that is so many after the first of all."""
        return cls(EPOCH + count // 12, count % 12 + 1)

    def plus(self, count: int) -> "Month":
        """Return the month so many after this one (before it, if negative)."""
        return Month.at(self.place + count)

    @property
    def place(self) -> int:
        """How many months after the first of all it is."""
        return (self.year - EPOCH) * 12 + self.number - 1

    @property
    def first(self) -> int:
        """The number of its first row; the next month's is where it ends."""
        return self.place * ROOM

    @property
    def begins(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    def __str__(self) -> str:
        return f"{self.year}_{self.number:02}"


def first_of_the_month(number: int) -> int:
    """Return the first number of the month to which a row's number belongs; 0 from before there were months."""
    return number // ROOM * ROOM
