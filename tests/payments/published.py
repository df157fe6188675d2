"""The published OpenAPI file of the contract, with its errata applied, as a judge of every answer of ours.

The file is not part of this project: it is read from the folder ``GAAP_TEST_CONTRACTS``, or ``../shared/contracts``,
when it is there.
"""

import copy
import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.project import ROOT

NAME = "pay-publicapi-1.0.3.json"
FOLDER = Path(os.environ.get("GAAP_TEST_CONTRACTS") or ROOT.parent / "shared" / "contracts")
FILE = FOLDER / NAME
#: The objects about a card: each member is there, and null while nobody knows it.
CARDS = ("CardDetails", "CardDetailsFromResponse")
#: Languages that this platform adds to the contract's two.
LANGUAGES = ["en", "cy", "vi"]


def find_file() -> Path | None:
    """Return the published file, or None where it is not at hand."""
    return FILE if FILE.is_file() else None


@cache
def document() -> dict[str, Any]:
    """Return the file with the errata of the contract's A.11 applied."""
    path = find_file()
    assert path is not None
    published: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    schemas = published["components"]["schemas"]
    for card in (schemas[name]["properties"] for name in CARDS):
        for name, known in card.items():
            card[name] = {"anyOf": [copy.deepcopy(known), {"type": "null"}]}
    instrument = schemas["PaymentInstrument"]["properties"]
    instrument["card_details"] = instrument.pop("CardDetails")
    for schema in schemas.values():
        properties = schema.get("properties", {})
        if "metadata" in properties:
            properties["metadata"] = {"type": "object"}
        if "enum" in properties.get("language", {}):
            properties["language"]["enum"] = LANGUAGES
        if "external" in properties.get("authorisation_mode", {}).get("enum", ()):
            properties["authorisation_mode"]["enum"].append("agreement")
    schemas["PostLink"]["properties"]["params"] = {"type": "object"}
    refund = published["paths"]["/v1/payments/{paymentId}/refunds"]["post"]["responses"]
    refund["202"] = refund.pop("200")
    return published


def faults(method: str, path: str, status: int, body: Any) -> list[str]:
    """Return what the file has against an answer; nothing where it says nothing of such an answer."""
    validator = _validator(method.lower(), path, str(status))
    if validator is None:
        return []
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]


def describes(method: str, path: str, *, status: int) -> bool:
    """Tell whether the file has a schema for such an answer."""
    return _validator(method.lower(), path, str(status)) is not None


def _validator(method: str, path: str, status: str) -> Draft202012Validator | None:
    for template in document()["paths"]:
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if re.fullmatch(pattern, path):
            return _validator_of(template, method, status)
    return None


@cache
def _validator_of(template: str, method: str, status: str) -> Draft202012Validator | None:
    operation = document()["paths"][template].get(method, {})
    content = operation.get("responses", {}).get(status, {}).get("content", {}).get("application/json")
    if not content:
        return None
    return Draft202012Validator({**content["schema"], "components": document()["components"]})
