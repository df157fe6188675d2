"""A payment's ``metadata``: up to fifteen values of the service's own (contract A.6)."""

from collections.abc import Mapping
from typing import Any

from gaap_payments.api.v1.errors import invalid, wrong_type
from gaap_payments.api.v1.fields import refuse_card_number

NAME = "metadata"
MAXIMUM_PAIRS = 15
MAXIMUM_KEY_LENGTH = 30
MAXIMUM_VALUE_LENGTH = 100


def read_metadata(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the object, empty when it is not there; raises ApiError 400 for null and for any other type."""
    if NAME not in body:
        return {}
    value = body[NAME]
    if value is None:
        raise wrong_type(NAME, "Value must not be null")
    if not isinstance(value, dict):
        raise wrong_type(NAME, "Must be an object of JSON key-value pairs")
    return value


def check_metadata(metadata: Mapping[str, Any]) -> None:
    """Raise ApiError for the first key or value that is not allowed."""
    if len(metadata) > MAXIMUM_PAIRS:
        raise invalid(NAME, f"Cannot have more than {MAXIMUM_PAIRS} key-value pairs")
    if len({key.lower() for key in metadata}) != len(metadata):
        raise invalid(NAME, "Keys must be unique, whatever their case")
    for key, value in metadata.items():
        _check_key(key)
        _check_value(value)


def _check_key(key: str) -> None:
    if not 1 <= len(key) <= MAXIMUM_KEY_LENGTH or "\0" in key:
        raise invalid(NAME, f"Keys must be between 1 and {MAXIMUM_KEY_LENGTH} characters long")
    refuse_card_number(NAME, key)


def _check_value(value: object) -> None:
    if value is None:
        raise invalid(NAME, "Must not have null values")
    if not isinstance(value, str | bool | int | float) or (isinstance(value, str) and "\0" in value):
        raise invalid(NAME, "Values must be of type String, Boolean or Number")
    if isinstance(value, str) and len(value) > MAXIMUM_VALUE_LENGTH:
        raise invalid(NAME, f"Values must be no greater than {MAXIMUM_VALUE_LENGTH} characters long")
    refuse_card_number(NAME, str(value))
