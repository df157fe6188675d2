"""Card numbers: recognising them, and keeping them out of everything that is stored, logged or shown."""

import re
from dataclasses import dataclass, field

NUMBER_LENGTHS = range(12, 20)
_DIGIT_RUN = re.compile(r"(?<!\d)\d(?:[ \-]?\d){12,18}(?!\d)")

#: Label of the brand and the prefixes of its numbers (ISO/IEC 7812); the first match counts.
BRANDS = (
    ("Visa", re.compile(r"4")),
    ("American Express", re.compile(r"3[47]")),
    ("Diners Club", re.compile(r"30[0-5]|36|38|39")),
    ("Jcb", re.compile(r"35(2[89]|[3-8])")),
    ("Discover", re.compile(r"6011|64[4-9]|65")),
    ("Mastercard", re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720")),
    ("Maestro", re.compile(r"50|5[6-9]|6")),
)


class Secret:
    """A text that may be used but shows itself nowhere: not in a repr, a log line, a format or an error page."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError(f"A {type(self).__name__} is never stored.")


class CardNumber(Secret):
    """The number of a card, digits only."""

    __slots__ = ()

    @property
    def first_digits(self) -> str:
        """The issuer's six digits, which may be kept (PCI DSS 3.4.1)."""
        return self._text[:6]

    @property
    def last_digits(self) -> str:
        """The last four digits, which may be kept (PCI DSS 3.4.1)."""
        return self._text[-4:]

    @property
    def brand(self) -> str | None:
        """The label of the card's brand, or None when the prefix belongs to none."""
        return next((label for label, prefix in BRANDS if prefix.match(self._text)), None)

    @property
    def has_possible_length(self) -> bool:
        """True when the number has 12 to 19 digits (contract C.3)."""
        return len(self._text) in NUMBER_LENGTHS

    @property
    def is_well_formed(self) -> bool:
        """True when length and check digit are those of a card number."""
        return self.has_possible_length and passes_luhn(self._text)


@dataclass(frozen=True)
class CardDetails:
    """A card as the citizen typed it. Lives only for the length of one request."""

    number: CardNumber = field(repr=False)
    security_code: Secret = field(repr=False)
    expiry_month: int = field(repr=False)
    expiry_year: int = field(repr=False)
    cardholder_name: str = field(repr=False)

    @property
    def expiry_date(self) -> str:
        """The expiry as the contract writes it, ``MM/YY``."""
        return f"{self.expiry_month:02}/{self.expiry_year % 100:02}"


def passes_luhn(digits: str) -> bool:
    """Tell whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (2 if index % 2 else 1) for index, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def holds_card_number(text: str) -> bool:
    """Tell whether a card number stands in ``text``.

    That is a run of 13 to 19 digits, perhaps set apart by single spaces or hyphens, with a right check digit. Shorter
    and longer runs are ordinary references.
    """
    runs = (re.sub(r"\D", "", match.group()) for match in _DIGIT_RUN.finditer(text))
    return any(passes_luhn(run) for run in runs)
