"""The shape of a provisioning file, put together from the kernel's part and every component's section."""

from importlib import import_module
from types import ModuleType
from typing import Any

from gaap.components import components
from gaap.organisations.models import Membership, Organisation

UUID = {"type": "string", "format": "uuid"}
NAME = {"type": "string", "minLength": 1, "maxLength": 255}

API_KEY = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "type"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 100},
        "type": {"enum": ["live", "team", "test"]},
        "secret": UUID,
        "scopes": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "revoked": {"type": "boolean"},
    },
}

MEMBER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["email", "role"],
    "properties": {
        "email": {"type": "string", "format": "email", "maxLength": 254},
        "role": {"enum": Membership.Role.values},
    },
}

ORGANISATION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {"id": UUID, "name": NAME, "type": {"enum": Organisation.Type.values}},
}


def sections() -> dict[str, ModuleType]:
    """Return each installed component's provisioning module by the name of its section."""
    found = (component.provision for component in components())
    return {name: import_module(module) for name, module in filter(None, found)}


def document_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a whole file, as the installed components make it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "organisations": {"type": "array", "items": ORGANISATION},
            "services": {"type": "array", "items": _service_schema()},
        },
    }


def _service_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "organisation"],
        "properties": {
            "id": UUID,
            "name": NAME,
            "organisation": NAME,
            "mode": {"enum": ["trial", "live"]},
            "languages": {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
            "archived": {"type": "boolean"},
            "retention_days": {"type": "object", "additionalProperties": {"type": "integer"}},
            "members": {"type": "array", "items": MEMBER},
            "api_keys": {"type": "array", "items": API_KEY},
            **{name: module.SCHEMA for name, module in sections().items()},
        },
    }
