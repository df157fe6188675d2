"""How an account's pages look, in the ``payments`` section of a provisioning file; a logo is written in base64."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from gaap.actors import Actor
from gaap_payments.errors import BrandRefusedError
from gaap_payments.models import GatewayAccount, PaymentBrand
from gaap_payments.services.brands import COLOURS, LARGEST_FILE, BrandFacts, check_facts, save_brand

COLOUR = {"type": "string", "pattern": "^(#[0-9a-f]{6})?$"}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "maxLength": 100},
        **dict.fromkeys(COLOURS, COLOUR),
        "logo": {"type": "string", "maxLength": LARGEST_FILE * 4 // 3 + 4},
        "logo_alt": {"type": "string", "maxLength": 100},
    },
}


def faults(entry: dict[str, Any]) -> Iterator[str]:
    """Yield what the schema cannot see: colours that cannot be read, a logo that is no picture or has no words."""
    try:
        check_facts(_facts(entry))
    except BrandRefusedError as error:
        yield f"The look of the pages is refused: {error.reason}."


def apply(account: GatewayAccount, entry: dict[str, Any], *, by: Actor) -> None:
    """Let the pages of ``account`` look as the file says; what it leaves out is the platform's."""
    save_brand(account, facts=_facts(entry), by=by)


def export(brand: PaymentBrand) -> dict[str, Any]:
    """Return what brings an account's pages to the look that they have."""
    known = {name: getattr(brand, name) for name in ("name", *COLOURS, "logo_alt")}
    entry = {name: value for name, value in known.items() if value}
    return {**entry, "logo": base64.b64encode(bytes(brand.logo)).decode()} if brand.logo_digest else entry


def _facts(entry: dict[str, Any]) -> BrandFacts:
    texts = {name: value for name, value in entry.items() if name != "logo"}
    try:
        logo = base64.b64decode(entry["logo"], validate=True) if entry.get("logo") else None
    except binascii.Error as error:
        raise BrandRefusedError("format") from error
    return BrandFacts(**texts, logo=logo, removes_logo=logo is None)
