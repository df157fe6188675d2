"""Holding the files of a personalisation to the contract's shape, before anything else is looked at (spec A.5)."""

from collections.abc import Mapping
from typing import Any

from gaap_notify.api.v2 import schemas
from gaap_notify.api.v2.validation import FormatError, formats, validate
from gaap_notify.errors import ValidationError
from gaap_notify.services.files.orders import MOST_WEEKS, is_file, read_weeks


def check_files(personalisation: Mapping[str, Any]) -> None:
    """Raise ValidationError for the first value that is a file and has a wrong field."""
    for value in personalisation.values():
        if is_file(value):
            validate(value, schemas.FILE)
            _check_one_type(value)


def _check_one_type(value: Mapping[str, Any]) -> None:
    if value.get("filename") is not None and value.get("is_csv") is not None:
        raise ValidationError("Do not set a value for `is_csv` if `filename` is set.")


@formats.checks("file_name", raises=FormatError)
def is_file_name(value: object) -> bool:
    """Tell whether a value is a name with an ending; raises FormatError."""
    if value is None or (isinstance(value, str) and "." in value):
        return True
    raise FormatError("`filename` must end with a file extension. For example, filename.csv")


@formats.checks("file_retention", raises=FormatError)
def is_retention(value: object) -> bool:
    """Tell whether a value is a time that files may be kept; raises FormatError."""
    if value is None or read_weeks(value):
        return True
    raise FormatError(
        f"Unsupported value for retention_period: {value}. Supported periods are from 1 to {MOST_WEEKS} weeks."
    )


@formats.checks("file_confirmation", raises=FormatError)
def is_confirmation(value: object) -> bool:
    """Tell whether a value says if the address is asked for; raises FormatError."""
    return _is_flag(value, "confirm_email_before_download")


@formats.checks("file_is_csv", raises=FormatError)
def is_csv_flag(value: object) -> bool:
    """Tell whether a value says if the file is CSV; raises FormatError."""
    return _is_flag(value, "is_csv")


def _is_flag(value: object, name: str) -> bool:
    if value is None or isinstance(value, bool):
        return True
    raise FormatError(f"Unsupported value for {name}: {value}. Use a boolean true or false value.")
