"""JSON Schemas (2020-12) of the data that events hold, and holding the data to them."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator

from gaap.components import EventType
from gaap.json_schemas import SchemaCheck

TEXT: Mapping[str, Any] = {"type": "string"}
WHOLE_NUMBER: Mapping[str, Any] = {"type": "integer"}
UUID: Mapping[str, Any] = {"type": "string", "format": "uuid"}
TIME: Mapping[str, Any] = {"type": "string", "format": "date-time"}


class EventDataError(ValueError):
    """An event's data is not what its type says."""


def data_schema(*, optional: Iterable[str] = (), **properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an event's data: an object with these properties and no others.

    All must be there but those named ``optional``. What is not declared cannot be emitted, so that nothing personal
    reaches a webhook by accident.
    """
    return {
        "type": "object",
        "properties": {name: dict(schema) for name, schema in properties.items()},
        "required": sorted(set(properties) - set(optional)),
        "additionalProperties": False,
    }


def one_of(*values: str) -> dict[str, Any]:
    """Return the schema of a text that is one of ``values``."""
    return {"type": "string", "enum": list(values)}


def nullable(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``schema`` with null allowed beside it."""
    return {"anyOf": [dict(schema), {"type": "null"}]}


def check_data(event_type: EventType, data: Mapping[str, Any]) -> None:
    """Raise EventDataError unless ``data`` is what the type declares; one without a schema may hold anything."""
    check = _check(event_type)
    if check and (faults := check.faults(dict(data))):
        raise EventDataError(f"The data of {event_type.name} is not as declared: {faults[0].message}")


@lru_cache(maxsize=512)
def _check(event_type: EventType) -> SchemaCheck | None:
    return None if event_type.schema is None else SchemaCheck(event_type.schema, validator=Draft202012Validator)
