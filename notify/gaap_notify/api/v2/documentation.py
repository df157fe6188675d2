"""The published description of this API: what ``drf_spectacular`` cannot read off the views."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from gaap_notify.api.v2 import schemas
from gaap_notify.api.v2.schemas import JsonSchema
from gaap_notify.services.files.orders import DEFAULT_WEEKS, MAX_NAME_LENGTH, MOST_WEEKS
from gaap_notify.states import PUBLIC_STATUSES

TAGS = ["Notify"]


class ServiceTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the clients' token."""

    target_class = "gaap_notify.api.v2.authentication.ServiceTokenAuthentication"
    name = "notifyToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme as OpenAPI writes it."""
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "HS256 token with iss (the service's id) and iat, signed with the API key's secret.",
        }


def _object(**properties: JsonSchema) -> JsonSchema:
    return {"type": "object", "properties": properties}


def _nullable(kind: str, **more: Any) -> JsonSchema:
    return {"type": kind, "nullable": True, **more}


_TEXT: JsonSchema = {"type": "string"}
_UUID: JsonSchema = {"type": "string", "format": "uuid"}
_TIME: JsonSchema = {"type": "string", "format": "date-time"}
_TEMPLATE_LINK = _object(id=_UUID, version={"type": "integer"}, uri={"type": "string", "format": "uri"})
_ERROR = _object(
    status_code={"type": "integer"}, errors={"type": "array", "items": _object(error=_TEXT, message=_TEXT)}
)
_ACCEPTED = _object(
    id=_UUID,
    reference=_nullable("string"),
    content={"type": "object", "additionalProperties": True},
    sanitised_content={"type": "object", "additionalProperties": True},
    uri={"type": "string", "format": "uri"},
    template=_TEMPLATE_LINK,
    scheduled_for=_nullable("string"),
)
_NOTIFICATION = _object(
    id=_UUID,
    reference=_nullable("string"),
    email_address=_nullable("string"),
    phone_number=_nullable("string"),
    **{f"line_{number}": _nullable("string") for number in range(1, 7)},
    postcode=_nullable("string"),
    postage=_nullable("string"),
    estimated_delivery=_nullable("string", format="date-time"),
    type={"type": "string", "enum": ["sms", "email", "letter"]},
    status={"type": "string", "enum": list(PUBLIC_STATUSES)},
    template=_TEMPLATE_LINK,
    body=_TEXT,
    subject=_nullable("string"),
    created_at=_TIME,
    sent_at=_nullable("string", format="date-time"),
    completed_at=_nullable("string", format="date-time"),
    one_click_unsubscribe_url=_nullable("string"),
    cost_details={"type": "object", "additionalProperties": True},
    cost_in_pounds=_nullable("number"),
    is_cost_data_ready={"type": "boolean"},
)
_PAGE = _object(
    notifications={"type": "array", "items": _NOTIFICATION},
    links=_object(current={"type": "string", "format": "uri"}, next={"type": "string", "format": "uri"}),
)
_RECEIVED_TEXTS = _object(
    received_text_messages={
        "type": "array",
        "items": _object(
            id=_UUID, user_number=_TEXT, notify_number=_TEXT, created_at=_TIME, service_id=_UUID, content=_TEXT
        ),
    },
    links=_object(current={"type": "string", "format": "uri"}, next={"type": "string", "format": "uri"}),
)
_TEMPLATE = _object(
    id=_UUID,
    type={"type": "string", "enum": ["sms", "email", "letter"]},
    name=_TEXT,
    created_at=_TIME,
    updated_at=_nullable("string", format="date-time"),
    created_by=_TEXT,
    version={"type": "integer"},
    body=_TEXT,
    subject=_nullable("string"),
    personalisation={"type": "object", "additionalProperties": True},
)
_PREVIEW = _object(
    id=_UUID, type=_TEXT, version={"type": "integer"}, body=_TEXT, html=_nullable("string"), subject=_nullable("string")
)


def _published(schema: JsonSchema) -> JsonSchema:
    """Return a request's schema as OpenAPI 3.0 writes it, which has its own word for null."""
    published = dict(schema)
    kinds = published.get("type")
    if isinstance(kinds, list):
        published |= {"type": next(kind for kind in kinds if kind != "null"), "nullable": True}
    if "properties" in published:
        published["properties"] = {name: _published(inner) for name, inner in published["properties"].items()}
    return published


#: The fields of a file: the schema that requests are checked with leaves their types to checks with words of their own.
_FILE_FIELDS: dict[str, JsonSchema] = {
    "file": {"type": "string", "format": "byte", "description": "The file in base64, at most 2 MB when decoded."},
    "filename": _nullable(
        "string",
        maxLength=MAX_NAME_LENGTH,
        pattern=r"\.",
        description="The name that the recipient sees, with its ending.",
    ),
    "confirm_email_before_download": _nullable(
        "boolean", default=True, description="Whether the recipient says their email address before the download."
    ),
    "retention_period": _nullable(
        "string",
        default=f"{DEFAULT_WEEKS} weeks",
        example="4 weeks",
        description=f"How long the file may be downloaded: from 1 week to {MOST_WEEKS} weeks.",
    ),
    "is_csv": _nullable(
        "boolean", deprecated=True, description="Whether the file is CSV; not together with filename, which says it."
    ),
}
_FILE: JsonSchema = {
    **schemas.FILE,
    "title": "EmailFile",
    "description": "A file that the recipient downloads from a link, which stands where the placeholder was.",
    "properties": _FILE_FIELDS,
}
#: What stands in place of a placeholder in an email.
_VALUE: JsonSchema = {
    "anyOf": [
        _FILE,
        _nullable("string"),
        {"type": "number"},
        {"type": "boolean"},
        {"type": "array", "items": {}},
    ]
}


def _with_files(schema: JsonSchema) -> JsonSchema:
    """Return the published schema of an email with what its personalisation may hold."""
    personalisation = {**schema["properties"]["personalisation"], "additionalProperties": _VALUE}
    return {**schema, "properties": {**schema["properties"], "personalisation": personalisation}}


def _sends() -> list[JsonSchema]:
    """Return what may be sent, each as it is published."""
    published = [(schema, _published(schema)) for schema in schemas.SENDS]
    return [_with_files(one) if schema is schemas.SEND_EMAIL else one for schema, one in published]


def answers(schema: JsonSchema, *, status: int = 200) -> dict[int, JsonSchema]:
    """Return what an operation may answer: ``schema`` under ``status``, and the errors that every operation has."""
    return {status: schema, 400: _ERROR, 401: _ERROR, 403: _ERROR, 404: _ERROR, 429: _ERROR}


def _id(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.UUID, OpenApiParameter.PATH, description=description)


def _query(name: str, schema: JsonSchema) -> OpenApiParameter:
    is_list = schema.get("type") == "array"
    allowed = (schema["items"] if is_list else schema).get("enum")
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.QUERY, many=is_list, enum=allowed)


def _queries(schema: JsonSchema) -> list[OpenApiParameter]:
    return [_query(name, properties) for name, properties in schema["properties"].items()]


LIST_NOTIFICATIONS: dict[str, Any] = {
    "tags": TAGS,
    "operation_id": "list_notifications",
    "parameters": _queries(schemas.LIST_NOTIFICATIONS),
    "responses": answers(_PAGE),
}
GET_NOTIFICATION: dict[str, Any] = {
    "tags": TAGS,
    "operation_id": "get_notification",
    "parameters": [_id("name", "The notification's id.")],
    "responses": answers(_NOTIFICATION),
}
GET_PDF: dict[str, Any] = {
    "tags": TAGS,
    "operation_id": "get_letter_pdf",
    "parameters": [_id("notification_id", "The letter's id.")],
    "responses": {
        (200, "application/pdf"): OpenApiTypes.BINARY,
        **dict.fromkeys((400, 401, 403, 404, 429), _ERROR),
    },
}
SEND_NOTIFICATION: dict[str, Any] = {
    "tags": TAGS,
    "operation_id": "send_notification",
    "parameters": [
        OpenApiParameter(
            "name", OpenApiTypes.STR, OpenApiParameter.PATH, enum=["sms", "email", "letter"], description="The channel."
        )
    ],
    "request": {"application/json": {"oneOf": _sends()}},
    "responses": answers(_ACCEPTED, status=201),
}
LIST_RECEIVED_TEXTS: dict[str, Any] = {
    "tags": TAGS,
    "operation_id": "list_received_texts",
    "parameters": _queries(schemas.LIST_RECEIVED_TEXTS),
    "responses": answers(_RECEIVED_TEXTS),
}
LIST_TEMPLATES: dict[str, Any] = {
    "tags": TAGS,
    "operation_id": "list_templates",
    "parameters": _queries(schemas.LIST_TEMPLATES),
    "responses": answers(_object(templates={"type": "array", "items": _TEMPLATE})),
}
GET_TEMPLATE: dict[str, Any] = {
    "tags": TAGS,
    "operation_id": "get_template",
    "parameters": [_id("template_id", "The template's id.")],
    "responses": answers(_TEMPLATE),
}
GET_TEMPLATE_VERSION: dict[str, Any] = {**GET_TEMPLATE, "operation_id": "get_template_version"}
PREVIEW_TEMPLATE: dict[str, Any] = {
    **GET_TEMPLATE,
    "operation_id": "preview_template",
    "request": {"application/json": _published(schemas.PREVIEW)},
    "responses": answers(_PREVIEW),
}
