"""Money: a whole number of the currency's smallest unit, and how it is read and written on a page."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils import numberformat
from django.utils.formats import get_format
from django.utils.translation import get_language

from gaap_payments.currencies import Currency, currency

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
#: Languages that write every sign after the number.
SIGN_FOLLOWS_LANGUAGES = frozenset({"vi"})


@dataclass(frozen=True)
class Money:
    """An amount in the smallest unit of ``code`` (ISO 4217): pence for GBP, dong for VND."""

    amount: int
    code: str

    @property
    def currency(self) -> Currency:
        """The currency itself; raises UnknownCurrencyError."""
        return currency(self.code)

    @property
    def decimal(self) -> Decimal:
        """The amount in the currency's main unit, with all its decimals: 2000 pence are ``Decimal("20.00")``."""
        return Decimal(self.amount).scaleb(-self.currency.exponent)

    def format(self, language: str | None = None) -> str:
        """Return the amount as a reader of ``language`` (default: the active one) writes it.

        £20.00 and 50,000 ₫ in English, 20,00 £ and 50.000 ₫ in Vietnamese; a currency without a common sign is
        written with its code, as in USD 20.00.
        """
        language = language or get_language() or "en"
        digits = numberformat.format(
            self.decimal,
            get_format("DECIMAL_SEPARATOR", language),
            self.currency.exponent,
            grouping=3,  # Django's own figure is 0 in Vietnamese
            thousand_sep=get_format("THOUSAND_SEPARATOR", language),
            force_grouping=True,
        )
        return self._with_sign(digits, language)

    def _with_sign(self, digits: str, language: str) -> str:
        unit = self.currency
        sign_is_code = unit.sign == unit.code
        if unit.sign_follows or language.partition("-")[0] in SIGN_FOLLOWS_LANGUAGES:
            return f"{digits}{NO_BREAK_SPACE}{unit.sign}"
        return f"{unit.sign}{NO_BREAK_SPACE if sign_is_code else ''}{digits}"

    def __str__(self) -> str:
        return self.format()


def write_money(money: Money) -> str:
    """Return the amount as it stands in a text box: the language's decimal sign, no groups and no currency."""
    return str(money.decimal).replace(".", get_format("DECIMAL_SEPARATOR"))


def read_money(text: str, *, code: str) -> int | None:
    """Return what a reader of the active language typed, in the smallest unit of ``code``; None when it is none.

    The currency's sign and the language's thousands are understood; a thousands sign that does not stand before three
    digits is refused, because it was meant as a decimal sign. Raises UnknownCurrencyError.
    """
    unit = currency(code)
    bare = text.replace(unit.sign, "").replace(NO_BREAK_SPACE, " ").strip()
    group, point = (re.escape(get_format(name)) for name in ("THOUSAND_SEPARATOR", "DECIMAL_SEPARATOR"))
    if not re.fullmatch(rf"(?:[0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+)(?:{point}[0-9]+)?", bare):
        return None
    digits = bare.replace(get_format("THOUSAND_SEPARATOR"), "").replace(get_format("DECIMAL_SEPARATOR"), ".")
    try:
        amount = Decimal(digits).scaleb(unit.exponent)
    except InvalidOperation:
        return None
    return int(amount) if amount == int(amount) else None
