"""What the ``notify`` section of a provisioning file may hold."""

from typing import Any

from gaap_notify.models.channels import Channel
from gaap_notify.models.postage import DOMESTIC
from gaap_notify.models.service_settings import Alphabet, Permission
from gaap_notify.services.callbacks import LONGEST_TOKEN, SHORTEST_TOKEN, CallbackKind
from gaap_notify.services.retention import CHANNELS

_UUID = {"type": "string", "format": "uuid"}
_BLOCK_LINES = 10


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


_VERSION = _object(
    ["name", "body"],
    name={"type": "string", "minLength": 1, "maxLength": 255},
    subject={"type": "string"},
    body={"type": "string", "minLength": 1},
    postage={"enum": list(DOMESTIC)},
    contact_block={"anyOf": [_UUID, {"type": "null"}]},
    welsh_subject={"type": "string"},
    welsh_body={"type": "string"},
    unsubscribe_link={"type": "boolean"},
)
_TEMPLATE = _object(
    ["type", "versions"],
    id=_UUID,
    type={"enum": Channel.values},
    archived={"type": "boolean"},
    versions={"type": "array", "items": _VERSION, "minItems": 1},
)
_SMS_SENDER = _object(
    ["sender"],
    id=_UUID,
    sender={"type": "string", "pattern": r"^(?!00)[A-Za-z0-9 &._-]{3,11}$|^\+?[0-9]{5,15}$"},
    default={"type": "boolean"},
)
_REPLY_TO = _object(["email"], id=_UUID, email={"type": "string", "format": "email"}, default={"type": "boolean"})
_CONTACT_BLOCK = _object(
    ["text"],
    id=_UUID,
    text={
        "type": "string",
        "minLength": 1,
        "maxLength": 1000,
        "pattern": rf"^([^\n]*\n){{0,{_BLOCK_LINES - 1}}}[^\n]*$",
    },
    default={"type": "boolean"},
)
_RECEIVED_TEXT = _object(
    ["from", "to", "content"],
    **{
        "from": {"type": "string", "pattern": r"^\+?[0-9]{5,15}$"},
        "to": {"type": "string", "maxLength": 20},
        "content": {"type": "string", "maxLength": 2000},
    },
)
_CALLBACK = _object(
    ["url"],
    url={"type": "string", "maxLength": 2000},
    bearer_token={"type": "string", "minLength": SHORTEST_TOKEN, "maxLength": LONGEST_TOKEN},
)
_INBOUND_NUMBER = _object(
    ["number"], number={"type": "string", "pattern": "^[0-9]{3,15}$"}, provider={"type": "string", "minLength": 1}
)

SCHEMA: dict[str, Any] = _object(
    [],
    permissions={"type": "array", "items": {"enum": Permission.values}, "uniqueItems": True},
    email_from={"type": "string", "pattern": "^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$", "maxLength": 64},
    sms_prefix={"type": "boolean"},
    sms_alphabet={"enum": Alphabet.values},
    default_region={"type": "string", "pattern": "^[A-Z]{2}$"},
    contact_details={"type": "string", "minLength": 1, "maxLength": 255},
    retention_days=_object(
        [],
        **{
            channel: {"type": "integer", "minimum": kind.shortest, "maximum": kind.longest}
            for channel, kind in CHANNELS.items()
        },
    ),
    sms_senders={"type": "array", "items": _SMS_SENDER},
    reply_to={"type": "array", "items": _REPLY_TO},
    contact_blocks={"type": "array", "items": _CONTACT_BLOCK},
    guest_list={"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    templates={"type": "array", "items": _TEMPLATE},
    callbacks=_object([], **dict.fromkeys(CallbackKind.values, _CALLBACK)),
    inbound_numbers={"type": "array", "items": _INBOUND_NUMBER},
    received_texts={"type": "array", "items": _RECEIVED_TEXT},
)
