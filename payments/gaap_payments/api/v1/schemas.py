"""The API in OpenAPI's words: JSON Schemas of what goes in and out, and the answers of each endpoint.

The test suite validates real answers against these, so they cannot fall behind.
"""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from gaap_payments.cards import BRANDS
from gaap_payments.public import STATUSES

TAG = "payments"
ID = {"type": "string", "pattern": "^[0-9a-v]{26}$"}
TIME = {"type": "string", "format": "date-time"}
TEXT = {"type": "string"}
DATE = {"type": "string", "format": "date"}
NULLABLE_TEXT = {"type": "string", "nullable": True}
AMOUNT = {"type": "integer", "minimum": 0, "description": "In the currency's smallest unit: pence, or dong."}
CURRENCY = {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217; the gateway account's if not given."}


def object_schema(properties: dict[str, Any], *, required: tuple[str, ...] = (), **extra: Any) -> dict[str, Any]:
    """Return the schema of an object; ``extra`` are further words of the schema."""
    named = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, **named, **extra}


METADATA = {
    "type": "object",
    "maxProperties": 15,
    "additionalProperties": {"oneOf": [{"type": "string", "maxLength": 100}, {"type": "boolean"}, {"type": "number"}]},
}
ADDRESS = object_schema(
    {
        "line1": {"type": "string", "maxLength": 255},
        "line2": {"type": "string", "maxLength": 255},
        "city": {"type": "string", "maxLength": 255},
        "postcode": {"type": "string", "maxLength": 25},
        "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
    }
)
FREE_TEXT = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^<>|]*$"}
NEW_PAYMENT = object_schema(
    {
        "amount": {**AMOUNT, "example": 12000},
        "reference": {**FREE_TEXT, "example": "VRM-2026-000123"},
        "description": {**FREE_TEXT, "example": "Renew a vehicle registration"},
        "return_url": {"type": "string", "format": "uri", "maxLength": 2000},
        "language": {**TEXT, "example": "en"},
        "email": {"type": "string", "maxLength": 254},
        "currency": CURRENCY,
        "delayed_capture": {"type": "boolean", "default": False},
        "moto": {"type": "boolean", "default": False},
        "authorisation_mode": {"type": "string", "enum": ["web", "agreement", "moto_api"], "default": "web"},
        "set_up_agreement": ID,
        "agreement_id": ID,
        "agreement_payment_type": {"type": "string", "enum": ["instalment", "recurring", "unscheduled"]},
        "metadata": METADATA,
        "prefilled_cardholder_details": object_schema(
            {"cardholder_name": {"type": "string", "maxLength": 255}, "billing_address": ADDRESS}
        ),
    },
    required=("amount", "reference", "description"),
)
STATE = object_schema(
    {
        "status": {"type": "string", "enum": list(STATUSES)},
        "finished": {"type": "boolean"},
        "message": TEXT,
        "code": {"type": "string", "enum": ["P0010", "P0020", "P0030", "P0040", "P0050"]},
        "can_retry": {"type": "boolean", "description": "Whether the same card may be asked again."},
    },
    required=("status", "finished"),
    additionalProperties=False,
)
CARD_DETAILS = object_schema(
    {
        "last_digits_card_number": NULLABLE_TEXT,
        "first_digits_card_number": NULLABLE_TEXT,
        "cardholder_name": NULLABLE_TEXT,
        "expiry_date": {**NULLABLE_TEXT, "description": "MM/YY"},
        "billing_address": {**ADDRESS, "nullable": True},
        "card_brand": {**NULLABLE_TEXT, "description": ", ".join(label for label, _ in BRANDS)},
        "card_type": {**NULLABLE_TEXT, "enum": ["debit", "credit", None]},
        "wallet_type": NULLABLE_TEXT,
    },
    required=(
        "last_digits_card_number",
        "first_digits_card_number",
        "cardholder_name",
        "expiry_date",
        "billing_address",
        "card_brand",
        "card_type",
        "wallet_type",
    ),
    additionalProperties=False,
)
LINK = object_schema({"href": {"type": "string", "format": "uri"}, "method": TEXT}, required=("href",))
POST_LINK = object_schema(
    {
        "href": {"type": "string", "format": "uri"},
        "method": TEXT,
        "type": TEXT,
        "params": {"type": "object", "additionalProperties": True},
    },
    required=("href", "method"),
)
LINKS = object_schema(
    {
        "self": LINK,
        "events": LINK,
        "refunds": LINK,
        "next_url": LINK,
        "next_url_post": POST_LINK,
        "auth_url_post": POST_LINK,
        "cancel": POST_LINK,
        "capture": POST_LINK,
    },
    required=("self", "events", "refunds"),
    additionalProperties=False,
)
PAYMENT = object_schema(
    {
        "payment_id": ID,
        "amount": AMOUNT,
        "currency": CURRENCY,
        "description": TEXT,
        "reference": TEXT,
        "created_date": TIME,
        "state": STATE,
        "payment_provider": TEXT,
        "provider_id": TEXT,
        "return_url": TEXT,
        "email": TEXT,
        "language": TEXT,
        "delayed_capture": {"type": "boolean"},
        "moto": {"type": "boolean"},
        "authorisation_mode": {"type": "string", "enum": ["web", "agreement", "moto_api", "external"]},
        "agreement_id": ID,
        "agreement_payment_type": {"type": "string", "enum": ["instalment", "recurring", "unscheduled"]},
        "payment_method_type": {"type": "string", "enum": ["card"]},
        "corporate_card_surcharge": AMOUNT,
        "total_amount": AMOUNT,
        "fee": AMOUNT,
        "net_amount": {"type": "integer"},
        "metadata": METADATA,
        "card_details": CARD_DETAILS,
        "card_brand": {**TEXT, "deprecated": True},
        "refund_summary": object_schema(
            {
                "status": {"type": "string", "enum": ["pending", "unavailable", "available", "full"]},
                "amount_available": AMOUNT,
                "amount_submitted": AMOUNT,
            },
            required=("status", "amount_available", "amount_submitted"),
        ),
        "authorisation_summary": object_schema(
            {"three_d_secure": object_schema({"required": {"type": "boolean"}}, required=("required",))}
        ),
        "settlement_summary": object_schema({"capture_submit_time": TIME, "captured_date": DATE, "settled_date": DATE}),
        "_links": LINKS,
    },
    required=(
        "payment_id",
        "amount",
        "currency",
        "description",
        "reference",
        "created_date",
        "state",
        "payment_provider",
        "language",
        "delayed_capture",
        "moto",
        "authorisation_mode",
        "refund_summary",
        "settlement_summary",
        "_links",
    ),
    additionalProperties=False,
)
EVENT_LIST = object_schema(
    {
        "payment_id": ID,
        "events": {
            "type": "array",
            "items": object_schema(
                {"payment_id": ID, "state": STATE, "updated": TIME, "_links": object_schema({"payment_url": LINK})},
                required=("payment_id", "state", "updated", "_links"),
            ),
        },
        "_links": object_schema({"self": LINK}),
    },
    required=("payment_id", "events", "_links"),
)


def page_schema(item: dict[str, Any], *, links: str = "_links") -> dict[str, Any]:
    """Return the schema of one page of a search; ``links`` is a second name under which the links stand."""
    pages = object_schema(dict.fromkeys(("self", "first_page", "last_page", "prev_page", "next_page"), LINK))
    return object_schema(
        {
            "total": {"type": "integer"},
            "count": {"type": "integer"},
            "page": {"type": "integer"},
            "results": {"type": "array", "items": item},
            **dict.fromkeys(("_links", links), pages),
        },
        required=("total", "count", "page", "results", "_links"),
    )


SEARCH_RESULT = page_schema(PAYMENT)
ERROR = object_schema(
    {"field": TEXT, "header": TEXT, "code": {"type": "string", "pattern": "^P[0-9]{4}$"}, "description": TEXT},
    required=("code", "description"),
    additionalProperties=False,
)
BARE_ERROR = object_schema({"code": {"type": "integer"}, "message": TEXT}, required=("code", "message"))


def answers(ok: dict[Any, Any], **errors: str) -> dict[Any, Any]:
    """Return the answers of an endpoint: ``errors`` maps ``s404`` and the like to the contract's codes."""
    bare = {401: OpenApiResponse(BARE_ERROR, description="No key, or a wrong one")}
    named = {"s429": "P0900", **errors}
    known = {int(status[1:]): OpenApiResponse(ERROR, description=codes) for status, codes in named.items()}
    return {**ok, **bare, **known}


CREATE: dict[str, Any] = {
    "operation_id": "create_payment",
    "tags": [TAG],
    "request": {"application/json": NEW_PAYMENT},
    "parameters": [OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
    "responses": answers(
        {
            201: OpenApiResponse(PAYMENT, description="Created"),
            200: OpenApiResponse(PAYMENT, description="The same key and request came before"),
        },
        s400="P0101, P0102, P0103, P0104, P0105, P0197",
        s403="P0930, P0940, P0941",
        s409="P0191",
        s422="P0102, P0195, P0196, P0920, P0942",
    ),
}
GET: dict[str, Any] = {
    "operation_id": "get_payment",
    "tags": [TAG],
    "responses": answers({200: OpenApiResponse(PAYMENT, description="The payment")}, s403="P0930", s404="P0200"),
}
SEARCH: dict[str, Any] = {
    "operation_id": "search_payments",
    "tags": [TAG],
    "parameters": [
        OpenApiParameter(name, str)
        for name in (
            "reference",
            "email",
            "state",
            "card_brand",
            "cardholder_name",
            "first_digits_card_number",
            "last_digits_card_number",
            "from_date",
            "to_date",
            "from_settled_date",
            "to_settled_date",
            "agreement_id",
        )
    ]
    + [OpenApiParameter("page", int), OpenApiParameter("display_size", int)],
    "responses": answers(
        {200: OpenApiResponse(SEARCH_RESULT, description="One page")}, s403="P0930", s404="P0402", s422="P0401"
    ),
}
EVENTS: dict[str, Any] = {
    "operation_id": "get_payment_events",
    "tags": [TAG],
    "responses": answers({200: OpenApiResponse(EVENT_LIST, description="The events")}, s403="P0930", s404="P0300"),
}
CANCEL: dict[str, Any] = {
    "operation_id": "cancel_payment",
    "tags": [TAG],
    "request": None,
    "responses": answers(
        {204: OpenApiResponse(description="Cancelled")},
        s400="P0501",
        s403="P0930",
        s404="P0500",
        s409="P0502",
        s422="P0102",
    ),
}
CAPTURE: dict[str, Any] = {
    "operation_id": "capture_payment",
    "tags": [TAG],
    "request": None,
    "responses": answers(
        {204: OpenApiResponse(description="Capture accepted")},
        s400="P1001",
        s403="P0930",
        s404="P1000",
        s409="P1003",
        s422="P0102",
    ),
}

AUTHORISE: dict[str, Any] = {
    "operation_id": "authorise_payment",
    "tags": [TAG],
    "auth": [],
    "request": {
        "application/json": object_schema(
            {
                "one_time_token": TEXT,
                "card_number": {"type": "string", "minLength": 12, "maxLength": 19},
                "cvc": {"type": "string", "minLength": 3, "maxLength": 4},
                "expiry_date": {"type": "string", "pattern": "^(0[1-9]|1[0-2])/[0-9]{2}$"},
                "cardholder_name": {"type": "string", "minLength": 1, "maxLength": 255},
            },
            required=("one_time_token", "card_number", "cvc", "expiry_date", "cardholder_name"),
        )
    },
    "responses": {
        204: OpenApiResponse(description="Authorised"),
        400: OpenApiResponse(ERROR, description="P0197, P1211, P1212"),
        402: OpenApiResponse(ERROR, description="P0010"),
        422: OpenApiResponse(ERROR, description="P0101, P0102"),
        500: OpenApiResponse(ERROR, description="P0050"),
    },
}
_OUTCOME = object_schema(
    {
        "status": {"type": "string", "enum": ["success", "failed"]},
        "code": {"type": "string", "enum": ["P0010", "P0050"]},
        "supplemental": object_schema({"error_code": TEXT, "error_message": TEXT}),
    },
    required=("status",),
)
_TOLD = {
    "amount": AMOUNT,
    "reference": FREE_TEXT,
    "description": FREE_TEXT,
    "processor_id": TEXT,
    "provider_id": TEXT,
    "payment_outcome": _OUTCOME,
    "card_type": TEXT,
    "card_expiry": TEXT,
    "first_six_digits": TEXT,
    "last_four_digits": TEXT,
    "created_date": TIME,
    "authorised_date": TIME,
    "auth_code": TEXT,
    "name_on_card": TEXT,
    "email_address": TEXT,
    "telephone_number": TEXT,
}
NOTIFY: dict[str, Any] = {
    "operation_id": "notify_of_payment",
    "tags": [TAG],
    "request": {
        "application/json": object_schema(
            _TOLD, required=("amount", "reference", "description", "processor_id", "provider_id", "payment_outcome")
        )
    },
    "parameters": [OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
    "responses": answers(
        {
            201: OpenApiResponse(
                object_schema(
                    {**_TOLD, "payment_id": ID, "currency": CURRENCY, "payment_provider": TEXT, "state": STATE}
                ),
                description="Taken notice of",
            ),
            200: OpenApiResponse(object_schema({"payment_id": ID}), description="The same provider_id came before"),
        },
        s400="P0197",
        s403="P0930, P0940, P0941",
        s409="P0191",
        s422="P0102",
    ),
}
