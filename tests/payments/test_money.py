"""Amounts: whole numbers of the smallest unit, written as readers of each language write them."""

import pytest

from gaap_payments.currencies import CODES, UnknownCurrencyError, currency
from gaap_payments.money import Money


@pytest.mark.parametrize(
    ("amount", "code", "language", "written"),
    [
        (2000, "GBP", "en", "£20.00"),
        (2000, "GBP", "cy", "£20.00"),
        (2000, "GBP", "vi", "20,00 £"),
        (30, "GBP", "en", "£0.30"),
        (10_000_000, "GBP", "en", "£100,000.00"),
        (10_000_000, "GBP", "vi", "100.000,00 £"),
        (50_000, "VND", "en", "50,000 ₫"),
        (50_000, "VND", "cy", "50,000 ₫"),
        (50_000, "VND", "vi", "50.000 ₫"),
        (50_000_000, "VND", "vi", "50.000.000 ₫"),
        (1_000, "VND", "en", "1,000 ₫"),
        (0, "GBP", "en", "£0.00"),
        (1999, "USD", "en", "USD 19.99"),
        (1500, "KWD", "en", "KWD 1.500"),
        (1500, "JPY", "en", "¥1,500"),
    ],
)
def test_written_amount(amount: int, code: str, language: str, written: str) -> None:
    assert Money(amount, code).format(language) == written.replace(" ", "\N{NO-BREAK SPACE}")


def test_large_amounts_lose_nothing() -> None:
    assert Money(9_007_199_254_740_993, "GBP").format("en") == "£90,071,992,547,409.93"


def test_active_language_is_the_default() -> None:
    from django.utils import translation

    with translation.override("vi"):
        assert str(Money(50_000, "VND")) == "50.000\N{NO-BREAK SPACE}₫"


def test_exponents() -> None:
    assert {code: currency(code).exponent for code in ("GBP", "VND", "KWD")} == {"GBP": 2, "VND": 0, "KWD": 3}
    assert len(CODES) > 150


@pytest.mark.parametrize("code", ["", "gbp", "XXX", "GBPP", "£"])
def test_unknown_currencies_are_refused(code: str) -> None:
    with pytest.raises(UnknownCurrencyError):
        currency(code)
