"""ISO 4217: the currencies in use, how many decimals each has, and how its sign is written."""

import re
from dataclasses import dataclass

DEFAULT_EXPONENT = 2
DEFAULT_MAXIMUM = 10_000_000

#: Active codes of ISO 4217 (list one, 2026), funds and metals left out.
CODES = frozenset(
    re.findall(
        r"[A-Z]{3}",
        """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
        COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
        ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK
        MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
        SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU
        UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
        """,
    )
)

#: Decimals of the currencies that do not have two.
EXPONENTS = {
    **dict.fromkeys(re.findall(r"[A-Z]{3}", "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"), 0),
    **dict.fromkeys(re.findall(r"[A-Z]{3}", "BHD IQD JOD KWD LYD OMR TND"), 3),
}

#: Signs that readers know without the code; every other currency is written with its code.
SIGNS = {"GBP": "£", "EUR": "€", "VND": "₫", "JPY": "¥", "INR": "₹", "KRW": "₩", "UAH": "₴", "NGN": "₦"}

#: Currencies whose sign follows the number in every language.
SIGN_FOLLOWS = frozenset({"VND"})

#: The greatest amount of one payment, in the smallest unit, where the contract's 10,000,000 (A.6) would be too little.
MAXIMA = {"VND": 10_000_000_000}


class UnknownCurrencyError(ValueError):
    """The code is not an active currency of ISO 4217."""


@dataclass(frozen=True)
class Currency:
    """A currency: ``exponent`` is the number of decimals, ``maximum`` the greatest amount in its smallest unit."""

    code: str
    exponent: int
    sign: str
    sign_follows: bool
    maximum: int


def currency(code: str) -> Currency:
    """Return the currency with the three-letter ``code``; raises UnknownCurrencyError."""
    if code not in CODES:
        raise UnknownCurrencyError(f"{code!r} is not a currency of ISO 4217.")
    return Currency(
        code=code,
        exponent=EXPONENTS.get(code, DEFAULT_EXPONENT),
        sign=SIGNS.get(code, code),
        sign_follows=code in SIGN_FOLLOWS,
        maximum=MAXIMA.get(code, DEFAULT_MAXIMUM),
    )
