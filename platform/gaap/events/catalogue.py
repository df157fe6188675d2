"""Every event type that the installed components declare, for people: a page of the reference."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils import translation

from gaap.components import ComponentConfig, EventType, components

_INTRODUCTION = """\
# Events

Written by `manage.py event_docs`; a test compares it with the code.

Whatever happens to a service's payments, messages, sign-ins and settings is told by one event in the service's one
stream. Read the stream with `GET /v1/events`, or have it sent to a webhook ([how to](../how-to/receive-webhooks.md)).
An event is a CloudEvent 1.0 in JSON; `asyncapi.yaml` beside this page describes the same for programs.

| Attribute | Meaning |
| --- | --- |
| `id` | the same in the feed, in every webhook and in every repeat: remember it to notice repeats |
| `source` | the service whose stream it is |
| `type` | one of the types below |
| `subject` | what it is about, as `noun/id`; events of one subject come in the order in which they happened |
| `time` | when it happened |
| `sequence` | its place in the stream, in digits that sort as text |
| `data` | as given below; new fields may be added |
"""


def markdown() -> str:
    """Return the page, in English."""
    with translation.override("en"):
        return "\n".join([_INTRODUCTION, *(section for component in components() for section in _section(component))])


def _section(component: ComponentConfig) -> Iterator[str]:
    if component.events:
        rows = [f"| `{event.name}` | {event.description} | {_data(event)} |" for event in component.events]
        yield "\n".join(
            [f"## {component.verbose_name}", "", "| Type | When | Data |", "| --- | --- | --- |", *rows, ""]
        )


def _data(event: EventType) -> str:
    if event.schema is None:
        return "an object"
    properties: Mapping[str, Mapping[str, Any]] = event.schema["properties"]
    required = event.schema["required"]
    fields = [
        f"`{name}`{'' if name in required else ' (not always)'}: {_kind(schema)}" for name, schema in properties.items()
    ]
    return "<br>".join(fields) or "none"


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "properties" in schema:
        return f"object of {', '.join(f'`{name}`' for name in schema['properties'])}"
    if "anyOf" in schema:
        return " or ".join(_kind(choice) for choice in schema["anyOf"])
    return str(schema.get("format") or schema.get("type", "any"))
