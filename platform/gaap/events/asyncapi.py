"""The events for programs: an AsyncAPI 3 document."""

from functools import cache
from typing import Any

import yaml

from gaap.components import EventType, known_events
from gaap.events.cloudevents import CONTENT_TYPE, POSITION_DIGITS, SPEC_VERSION

Document = dict[str, Any]

TEXT = {"type": "string"}
OPEN = {"type": "object"}


def asyncapi() -> Document:
    """Return the document for every event type that the installed components declare."""
    events = known_events()
    references = {name: {"$ref": f"#/components/messages/{name}"} for name in events}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Platform events",
            "version": "1",
            "description": "One stream per service, read or sent: each event at least once, in order per subject.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            "feed": _channel("/v1/events", "The service's stream, to be read page by page.", references),
            "webhook": _channel(None, "An address of the service, as it was given to us.", references),
        },
        "operations": {
            "offerInFeed": _operation("feed", "Read the stream from where you left off.", "GET"),
            "sendToWebhook": _operation("webhook", "Sent until your address answers 2xx.", "POST"),
        },
        "components": {
            "messages": {name: _message(event) for name, event in events.items()},
            "messageTraits": {"signed": {"headers": _headers()}},
            "schemas": {"cloudEvent": _cloud_event()},
            "securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer", "description": "The whole API key."}},
        },
    }


class _Dumper(yaml.SafeDumper):
    """Writes what occurs twice twice: an alias is hard to read and unknown to some readers."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@cache
def asyncapi_yaml() -> str:
    """Return the document as YAML."""
    return yaml.dump(asyncapi(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def _channel(address: str | None, description: str, messages: Document) -> Document:
    return {"address": address, "description": description, "messages": messages}


def _operation(channel: str, summary: str, method: str) -> Document:
    operation: Document = {"action": "send", "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}
    if channel == "feed":
        operation["security"] = [{"$ref": "#/components/securitySchemes/apiKey"}]
    return {**operation, "bindings": {"http": {"method": method, "bindingVersion": "0.3.0"}}}


def _message(event: EventType) -> Document:
    # We are held to these fields and no others; a reader has to live with new ones.
    data = {name: value for name, value in (event.schema or OPEN).items() if name != "additionalProperties"}
    own = {"properties": {"type": {"const": event.name}, "data": data}}
    return {
        "name": event.name,
        "summary": event.description,
        "contentType": CONTENT_TYPE,
        "traits": [{"$ref": "#/components/messageTraits/signed"}],
        "payload": {"allOf": [{"$ref": "#/components/schemas/cloudEvent"}, own]},
    }


def _headers() -> Document:
    return {
        "type": "object",
        "description": "On webhooks only, as the Standard Webhooks specification has them.",
        "properties": {
            "webhook-id": {**TEXT, "description": "The event's id."},
            "webhook-timestamp": {**TEXT, "description": "Seconds since 1970, when it was sent."},
            "webhook-signature": {**TEXT, "description": "v1 and a signature for each secret in use."},
        },
    }


def _cloud_event() -> Document:
    properties: Document = {
        "specversion": {"const": SPEC_VERSION},
        "id": {**TEXT, "format": "uuid"},
        "source": {**TEXT, "format": "uri"},
        "type": TEXT,
        "subject": {**TEXT, "description": "noun/id"},
        "time": {**TEXT, "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "sequence": {**TEXT, "pattern": f"^[0-9]{{{POSITION_DIGITS}}}$", "description": "Not on test events."},
        "data": OPEN,
    }
    return {"type": "object", "properties": properties, "required": sorted(set(properties) - {"sequence"})}
