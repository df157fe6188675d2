"""Direct Debit in OpenAPI's words; the test suite validates real answers against these."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from gaap_payments.api.v1.money_schemas import IDEMPOTENCY, PAGING
from gaap_payments.api.v1.schemas import (
    AMOUNT,
    CURRENCY,
    FREE_TEXT,
    ID,
    LINK,
    POST_LINK,
    TEXT,
    TIME,
    answers,
    object_schema,
    page_schema,
)
from gaap_payments.direct_debit_states import PUBLIC_COLLECTION_STATUSES, PUBLIC_MANDATE_STATUSES

TAG = "direct debit"


def _state(statuses: Any) -> dict[str, Any]:
    known = {"type": "string", "enum": list(dict.fromkeys(statuses))}
    return object_schema({"status": known, "details": TEXT}, required=("status", "details"), additionalProperties=False)


MANDATE = object_schema(
    {
        "mandate_id": ID,
        "provider_id": TEXT,
        "reference": TEXT,
        "bank_statement_reference": TEXT,
        "return_url": TEXT,
        "description": TEXT,
        "created_date": TIME,
        "payment_provider": TEXT,
        "payer": object_schema({"name": TEXT, "email": TEXT}),
        "state": _state(PUBLIC_MANDATE_STATUSES.values()),
        "_links": object_schema(
            {"self": LINK, "payments": LINK, "next_url": LINK, "next_url_post": POST_LINK},
            required=("self", "payments"),
            additionalProperties=False,
        ),
    },
    required=("mandate_id", "reference", "return_url", "created_date", "payment_provider", "state", "_links"),
    additionalProperties=False,
)
DIRECT_DEBIT = object_schema(
    {
        "payment_id": ID,
        "mandate_id": ID,
        "amount": AMOUNT,
        "currency": CURRENCY,
        "reference": TEXT,
        "description": TEXT,
        "created_date": TIME,
        "payment_provider": TEXT,
        "provider_id": TEXT,
        "state": _state(PUBLIC_COLLECTION_STATUSES.values()),
        "_links": object_schema({"self": LINK, "mandate": LINK}, required=("self", "mandate")),
    },
    required=("payment_id", "mandate_id", "amount", "reference", "description", "created_date", "state", "_links"),
    additionalProperties=False,
)
NEW_MANDATE = object_schema(
    {
        "reference": {**FREE_TEXT, "example": "council-tax-1042"},
        "description": FREE_TEXT,
        "return_url": {"type": "string", "format": "uri", "maxLength": 2000},
        "language": {**TEXT, "example": "en"},
    },
    required=("reference", "return_url"),
)
NEW_DIRECT_DEBIT = object_schema(
    {
        "amount": {**AMOUNT, "minimum": 1, "example": 12000},
        "reference": FREE_TEXT,
        "description": FREE_TEXT,
        "mandate_id": ID,
    },
    required=("amount", "reference", "description", "mandate_id"),
)


def _searched(*names: str) -> list[OpenApiParameter]:
    return [*(OpenApiParameter(name, str) for name in (*names, "from_date", "to_date")), *PAGING]


CREATE_MANDATE: dict[str, Any] = {
    "operation_id": "create_mandate",
    "tags": [TAG],
    "request": {"application/json": NEW_MANDATE},
    "parameters": IDEMPOTENCY,
    "responses": answers(
        {201: OpenApiResponse(MANDATE, description="Created")},
        s400="P0101, P0102, P0105, P0197",
        s403="P0930, P0940, P0941",
        s409="P0191",
        s422="P0102, P0920",
    ),
}
GET_MANDATE: dict[str, Any] = {
    "operation_id": "get_mandate",
    "tags": [TAG],
    "responses": answers({200: OpenApiResponse(MANDATE, description="The mandate")}, s403="P0930", s404="P0200"),
}
SEARCH_MANDATES: dict[str, Any] = {
    "operation_id": "search_mandates",
    "tags": [TAG],
    "parameters": _searched("reference", "state", "bank_statement_reference", "email", "name"),
    "responses": answers(
        {200: OpenApiResponse(page_schema(MANDATE), description="One page")},
        s403="P0930",
        s404="P0402",
        s422="P0401",
    ),
}
CREATE_DIRECT_DEBIT: dict[str, Any] = {
    "operation_id": "create_direct_debit",
    "tags": [TAG],
    "request": {"application/json": NEW_DIRECT_DEBIT},
    "parameters": IDEMPOTENCY,
    "responses": answers(
        {201: OpenApiResponse(DIRECT_DEBIT, description="Created")},
        s400="P0101, P0102, P0105, P0197",
        s403="P0930, P0940, P0941",
        s409="P0191",
        s422="P0102",
    ),
}
GET_DIRECT_DEBIT: dict[str, Any] = {
    "operation_id": "get_direct_debit",
    "tags": [TAG],
    "responses": answers({200: OpenApiResponse(DIRECT_DEBIT, description="The payment")}, s403="P0930", s404="P0200"),
}
SEARCH_DIRECT_DEBITS: dict[str, Any] = {
    "operation_id": "search_direct_debits",
    "tags": [TAG],
    "parameters": _searched("reference", "state", "mandate_id"),
    "responses": answers(
        {200: OpenApiResponse(page_schema(DIRECT_DEBIT), description="One page")},
        s403="P0930",
        s404="P0402",
        s422="P0401",
    ),
}
