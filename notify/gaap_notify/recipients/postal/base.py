"""What the rules of every country have in common (spec A.6, B.1)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gaap_notify.recipients.emails import OBSCURE_SPACE
from gaap_notify.recipients.errors import RecipientError
from gaap_notify.recipients.postal.countries import Country, find_country

FEWEST_LINES = 3
MOST_LINES = 7


@dataclass(frozen=True)
class AddressFault:
    """What is wrong with an address: a short name, and the contract's words."""

    code: str
    message: str


TOO_FEW_LINES = AddressFault("not-enough-address-lines", f"Address must be at least {FEWEST_LINES} lines")
TOO_MANY_LINES = AddressFault("too-many-address-lines", f"Address must be no more than {MOST_LINES} lines")
NO_NAME = AddressFault(
    "no-name-in-address",
    "The first 2 lines of the address must both include at least one alphanumeric character",
)
BAD_START = AddressFault(
    "invalid-char-in-address",
    "Address lines must not start with any of the following characters: @ ( ) = [ ] ” \\ / , < >",
)
NOT_REAL = AddressFault("no-fixed-abode-address", "Must be a real address")
ANOTHER_COUNTRY = AddressFault("international-address", "Cannot send letters to other countries")

_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_COMMA = re.compile(r"\s+(?=,)")
_NO_FIXED_ABODE = re.compile(r"no fixed (abode|address)|nfa", re.IGNORECASE)
_BAD_FIRST = tuple('@()=[]"”\\/,<>~')


class AddressError(RecipientError):
    """The lines are no address that a letter can be sent to; ``code`` is the fault's short name."""

    def __init__(self, fault: AddressFault) -> None:
        super().__init__(fault.message)
        self.code = fault.code


@dataclass(frozen=True)
class PostalAddress:
    """An address as it is printed: 3 to 7 lines. ``zone`` is empty at home, else ``europe`` or ``rest-of-world``."""

    lines: tuple[str, ...]
    zone: str = ""

    @property
    def is_international(self) -> bool:
        """True when the letter leaves the country it is sent from."""
        return bool(self.zone)

    def __str__(self) -> str:
        return "\n".join(self.lines)


class AddressRules:
    """The rules of one country; a subclass says what its last line must be."""

    #: ISO 3166 code of the country that letters are sent from.
    region: str = ""

    def parse(self, lines: Iterable[str], *, allows_international: bool) -> PostalAddress:
        """Return the address in ``lines``, tidied; raises AddressError with the contract's words."""
        tidy = [line for line in map(tidy_line, lines) if line]
        self.check_lines(tidy)
        address = self.find_end(tidy, allows_international=allows_international)
        self._check_words(address)
        return address

    def check_lines(self, lines: list[str]) -> None:
        """Hold the lines to their number and to a name at the start; raises AddressError."""
        without_home = self.without_home(lines)
        if len(without_home) < FEWEST_LINES:
            raise AddressError(TOO_FEW_LINES)
        if len(without_home) > MOST_LINES:
            raise AddressError(TOO_MANY_LINES)
        if not all(any(map(str.isalnum, line)) for line in lines[:2]):
            raise AddressError(NO_NAME)

    def find_end(self, lines: list[str], *, allows_international: bool) -> PostalAddress:
        """Return the address with its last line in order; raises AddressError.

        Here every last line will do that is not another country, which must be allowed.
        """
        country = self.country_abroad(lines)
        if country is None:
            return PostalAddress(tuple(self.without_home(lines)))
        if not allows_international:
            raise AddressError(ANOTHER_COUNTRY)
        return abroad(lines, country)

    def country_abroad(self, lines: list[str]) -> Country | None:
        """Return the country that the last line names, unless it is the one that letters are sent from."""
        country = find_country(lines[-1])
        return None if country is None or country.code == self.region else country

    def without_home(self, lines: list[str]) -> list[str]:
        """Return the lines without the name of the country that letters are sent from."""
        country = find_country(lines[-1]) if lines else None
        return lines[:-1] if country and country.code == self.region else lines

    def _check_words(self, address: PostalAddress) -> None:
        if any(line.startswith(_BAD_FIRST) for line in address.lines):
            raise AddressError(BAD_START)
        if any(_NO_FIXED_ABODE.fullmatch(line) for line in address.lines):
            raise AddressError(NOT_REAL)


def abroad(lines: list[str], country: Country) -> PostalAddress:
    """Return an address in another country, whose name is written out in English as the postal union asks."""
    return PostalAddress((*lines[:-1], country.name), country.zone)


def tidy_line(line: str) -> str:
    """Return a line without stray spaces, unseen characters and commas at its end."""
    return _SPACE_BEFORE_COMMA.sub("", _SPACES.sub(" ", OBSCURE_SPACE.sub("", line))).strip(" ").rstrip(", ")
