"""``prefilled_cardholder_details``: what the service knows of the payer already (contract A.6)."""

from collections.abc import Mapping
from typing import Any

from gaap_payments.api.v1.errors import invalid
from gaap_payments.api.v1.fields import check_length, read_object, read_text, refuse_card_number
from gaap_payments.countries import COUNTRIES

NAME = "prefilled_cardholder_details"
ADDRESS = "billing_address"
OBJECT_REASON = "Must be a valid object"
TEXT_REASON = "Field must be a string"
MAXIMA = {"line1": 255, "line2": 255, "city": 255, "postcode": 25}


def read_prefilled(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``cardholder_name`` and ``billing_address`` (None when empty); raises ApiError 400 for a wrong type."""
    details = read_object(body, NAME, reason=OBJECT_REASON)
    address = read_object(details, ADDRESS, reason=OBJECT_REASON)
    known = {part: read_text(address, part, reason=TEXT_REASON) for part in (*MAXIMA, "country")}
    return {
        "cardholder_name": read_text(details, "cardholder_name", reason=TEXT_REASON),
        "billing_address": {part: value for part, value in known.items() if value} or None,
    }


def check_prefilled(cardholder_name: str, billing_address: Mapping[str, str] | None) -> None:
    """Raise ApiError for the first value that is too long, an unknown country, or holds a card number."""
    address = billing_address or {}
    check_length("cardholder_name", cardholder_name, maximum=255)
    refuse_card_number("cardholder_name", cardholder_name)
    for part, maximum in MAXIMA.items():
        check_length(part, address.get(part, ""), maximum=maximum)
        refuse_card_number(part, address.get(part, ""))
    if address.get("country", "GB") not in COUNTRIES:
        raise invalid("country", "Must be a valid ISO-3166-1-alpha-2 country code")
