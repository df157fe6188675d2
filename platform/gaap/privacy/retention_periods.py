"""How long personal data is kept: the kinds of records, and what a service set for itself."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Retention:
    """A kind of record whose personal data goes after ``days``.

    ``noun`` is ``component.noun`` or ``component.channel``; a service may choose another number of days from
    ``shortest`` to ``longest``, unless both are the same.
    """

    noun: str
    days: int
    shortest: int
    longest: int

    @property
    def time(self) -> timedelta:
        """The default as a length of time."""
        return timedelta(days=self.days)

    @property
    def is_fixed(self) -> bool:
        """True when no service may choose."""
        return self.shortest == self.longest
