"""Telephone numbers (spec B.1): read with libphonenumber, stored as E.164 digits without the plus."""

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType, ValidationResult

from gaap_notify.recipients.emails import OBSCURE_SPACE
from gaap_notify.recipients.errors import RecipientError

NOT_ENOUGH_DIGITS = "Not enough digits"
TOO_MANY_DIGITS = "Too many digits"
LETTERS_OR_SYMBOLS = "Must not contain letters or symbols"
NO_SUCH_COUNTRY = "Not a valid country prefix"
NOT_VALID = "Number is not valid – double check the phone number you entered"

_ALLOWED = re.compile(r"[0-9\s()+-]*")
#: Numbers set aside for television and documentation; libphonenumber calls them invalid (spec B.1).
_TELEVISION = re.compile(r"447700900\d{3}")
_REFUSED_TYPES = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN})
_PARSE_FAULTS = {
    NumberParseException.INVALID_COUNTRY_CODE: NO_SUCH_COUNTRY,
    NumberParseException.NOT_A_NUMBER: NOT_ENOUGH_DIGITS,
    NumberParseException.TOO_SHORT_AFTER_IDD: NOT_ENOUGH_DIGITS,
    NumberParseException.TOO_SHORT_NSN: NOT_ENOUGH_DIGITS,
    NumberParseException.TOO_LONG: TOO_MANY_DIGITS,
}
_LENGTH_FAULTS = {
    ValidationResult.TOO_SHORT: NOT_ENOUGH_DIGITS,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: NOT_ENOUGH_DIGITS,
    ValidationResult.TOO_LONG: TOO_MANY_DIGITS,
    ValidationResult.INVALID_COUNTRY_CODE: NO_SUCH_COUNTRY,
}


@dataclass(frozen=True)
class PhoneNumber:
    """A valid number. ``digits`` is E.164 without the plus, e.g. ``447700900123``."""

    digits: str
    country_code: int
    is_international: bool
    is_landline: bool


def parse_phone(text: str, *, default_region: str) -> PhoneNumber:
    """Read ``text`` as dialled in ``default_region`` (ISO 3166 code, e.g. ``VN``); raises RecipientError.

    A number that is none there is read once more as an international one without its plus. One that begins with a
    single trunk zero is not: a digit too many must not turn a number at home into one abroad (spec A.4).
    """
    text = OBSCURE_SPACE.sub("", text).strip()
    if not _ALLOWED.fullmatch(text):
        raise RecipientError(LETTERS_OR_SYMBOLS)
    try:
        return _parse(text, default_region)
    except RecipientError:
        international = _with_plus(text)
        if international is None:
            raise
    try:
        return _parse(international, default_region)
    except RecipientError:
        return _parse(text, default_region)


def _parse(text: str, region: str) -> PhoneNumber:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        raise RecipientError(_PARSE_FAULTS.get(error.error_type, NOT_VALID)) from None
    digits = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")
    kind = phonenumbers.number_type(number)
    if not _TELEVISION.fullmatch(digits):
        _check_number(number, kind)
    home_code = phonenumbers.country_code_for_region(region)
    return PhoneNumber(
        digits=digits,
        country_code=number.country_code or home_code,
        is_international=number.country_code != home_code,
        is_landline=kind == PhoneNumberType.FIXED_LINE,
    )


def _check_number(number: phonenumbers.PhoneNumber, kind: int) -> None:
    fault = _LENGTH_FAULTS.get(phonenumbers.is_possible_number_with_reason(number))
    if fault:
        raise RecipientError(fault)
    if kind == PhoneNumberType.UNKNOWN or kind in _REFUSED_TYPES:
        raise RecipientError(NOT_VALID)


def _with_plus(text: str) -> str | None:
    digits = re.sub(r"\D", "", text)
    if text.startswith("+") or not digits:
        return None
    if digits.startswith("00"):
        return "+" + digits.lstrip("0")
    return None if digits.startswith("0") else "+" + digits
