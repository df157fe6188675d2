"""The requests of the contract as JSON Schema (spec A.4, A.5, A.8, A.10): checked with, and published from, these."""

from typing import Any

from gaap_notify.states import PUBLIC_STATUSES

JsonSchema = dict[str, Any]

_UUID: JsonSchema = {"type": "string", "format": "uuid"}
_TEMPLATE_TYPES = ["sms", "email", "letter"]
_SHARED: dict[str, JsonSchema] = {
    "template_id": _UUID,
    "personalisation": {"type": "object"},
    "reference": {"type": "string", "maxLength": 1000},
    "scheduled_for": {"type": ["string", "null"], "format": "datetime_within_next_day"},
}

#: A value of the personalisation that holds a file (spec A.5); the clients send what is not set as null.
FILE: JsonSchema = {
    "type": "object",
    "properties": {
        "file": {"type": "string"},
        "filename": {"format": "file_name"},
        "confirm_email_before_download": {"format": "file_confirmation"},
        "retention_period": {"format": "file_retention"},
        "is_csv": {"format": "file_is_csv"},
    },
    "required": ["file"],
    "additionalProperties": False,
}
SEND_SMS: JsonSchema = {
    "type": "object",
    "properties": {"phone_number": {"type": "string"}, "sms_sender_id": _UUID, **_SHARED},
    "required": ["phone_number", "template_id"],
    "additionalProperties": False,
}
SEND_EMAIL: JsonSchema = {
    "type": "object",
    "properties": {
        "email_address": {"type": "string"},
        "email_reply_to_id": _UUID,
        "one_click_unsubscribe_url": {"type": "string", "format": "https_url"},
        "sanitise_content_for": {"type": ["array", "null"], "items": {"type": "string"}},
        **_SHARED,
    },
    "required": ["email_address", "template_id"],
    "additionalProperties": False,
}
SEND_LETTER: JsonSchema = {
    "type": "object",
    "properties": {name: _SHARED[name] for name in ("template_id", "personalisation", "reference")},
    "required": ["template_id", "personalisation"],
    "additionalProperties": False,
}
SEND_PRECOMPILED_LETTER: JsonSchema = {
    "type": "object",
    "properties": {
        "reference": _SHARED["reference"],
        "content": {"type": "string"},
        "postage": {"type": "string", "format": "postage"},
    },
    "required": ["reference", "content"],
    "additionalProperties": False,
}
#: What may be sent, in whatever shape.
SENDS = (SEND_SMS, SEND_EMAIL, SEND_LETTER, SEND_PRECOMPILED_LETTER)
LIST_NOTIFICATIONS: JsonSchema = {
    "type": "object",
    "properties": {
        "status": {"type": "array", "items": {"enum": list(PUBLIC_STATUSES)}},
        "template_type": {"type": "array", "items": {"enum": _TEMPLATE_TYPES}},
        "reference": {"type": "string", "maxLength": 1000},
        "older_than": _UUID,
        "include_jobs": {"enum": ["true", "True"]},
    },
    "additionalProperties": False,
}
LIST_RECEIVED_TEXTS: JsonSchema = {
    "type": "object",
    "properties": {"older_than": _UUID},
    "additionalProperties": False,
}
LIST_TEMPLATES: JsonSchema = {
    "type": "object",
    "properties": {"type": {"enum": _TEMPLATE_TYPES}},
    "additionalProperties": False,
}
PREVIEW: JsonSchema = {"type": "object", "properties": {"personalisation": {"type": "object"}}}
NOTIFICATION_ID: JsonSchema = {"type": "object", "properties": {"notification_id": _UUID}}
TEMPLATE_ID: JsonSchema = {"type": "object", "properties": {"id": _UUID}}
