"""Refunds, disputes and agreements in OpenAPI's words; the test suite validates real answers against these."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from gaap_payments.api.v1.schemas import (
    AMOUNT,
    CARD_DETAILS,
    CURRENCY,
    DATE,
    FREE_TEXT,
    ID,
    LINK,
    TEXT,
    TIME,
    answers,
    object_schema,
    page_schema,
)
from gaap_payments.providers.base import DISPUTE_REASONS
from gaap_payments.public import DISPUTE_STATUSES, REFUND_STATUSES

TAG = "payments"
SETTLED = object_schema({"settled_date": DATE}, additionalProperties=False)
IDEMPOTENCY = [OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)]
DATES = [OpenApiParameter(name, str) for name in ("from_date", "to_date", "from_settled_date", "to_settled_date")]
PAGING = [OpenApiParameter("page", int), OpenApiParameter("display_size", int)]

_REFUND = {
    "refund_id": ID,
    "created_date": TIME,
    "amount": AMOUNT,
    "currency": CURRENCY,
    "status": {"type": "string", "enum": list(REFUND_STATUSES)},
    "settlement_summary": SETTLED,
    "_links": object_schema({"self": LINK, "payment": LINK}, required=("self", "payment")),
}
REFUND = object_schema(_REFUND, required=tuple(_REFUND), additionalProperties=False)
FOUND_REFUND = object_schema(
    {**_REFUND, "payment_id": ID}, required=(*_REFUND, "payment_id"), additionalProperties=False
)
REFUND_LIST = object_schema(
    {
        "payment_id": ID,
        "_links": object_schema({"self": LINK, "payment": LINK}),
        "_embedded": object_schema({"refunds": {"type": "array", "items": REFUND}}, required=("refunds",)),
    },
    required=("payment_id", "_links", "_embedded"),
)
NEW_REFUND = object_schema(
    {
        "amount": {**AMOUNT, "minimum": 1, "example": 500},
        "refund_amount_available": {
            **AMOUNT,
            "description": "What you believe to be left; the refund is refused when it is not.",
        },
    },
    required=("amount",),
)
CREATE_REFUND: dict[str, Any] = {
    "operation_id": "create_refund",
    "tags": [TAG],
    "request": {"application/json": NEW_REFUND},
    "parameters": IDEMPOTENCY,
    "responses": answers(
        {202: OpenApiResponse(REFUND, description="The money is on its way")},
        s400="P0601, P0602, P0603, P0697",
        s403="P0930, P0941",
        s404="P0600",
        s409="P0191",
        s412="P0604",
        s422="P0602",
    ),
}
LIST_REFUNDS: dict[str, Any] = {
    "operation_id": "get_refunds_of_payment",
    "tags": [TAG],
    "responses": answers({200: OpenApiResponse(REFUND_LIST, description="The refunds")}, s403="P0930", s404="P0800"),
}
GET_REFUND: dict[str, Any] = {
    "operation_id": "get_refund",
    "tags": [TAG],
    "responses": answers({200: OpenApiResponse(REFUND, description="The refund")}, s403="P0930", s404="P0700"),
}
SEARCH_REFUNDS: dict[str, Any] = {
    "operation_id": "search_refunds",
    "tags": [TAG],
    "parameters": DATES + PAGING,
    "responses": answers(
        {200: OpenApiResponse(page_schema(FOUND_REFUND), description="One page")},
        s403="P0930",
        s404="P1100",
        s422="P1101",
    ),
}

_DISPUTE = {
    "dispute_id": ID,
    "payment_id": ID,
    "amount": AMOUNT,
    "currency": CURRENCY,
    "created_date": TIME,
    "evidence_due_date": TIME,
    "reason": {"type": "string", "enum": list(DISPUTE_REASONS)},
    "status": {"type": "string", "enum": list(DISPUTE_STATUSES)},
    "fee": AMOUNT,
    "net_amount": {"type": "integer"},
    "settlement_summary": SETTLED,
    "_links": object_schema({"payment": LINK}, required=("payment",)),
}
DISPUTE = object_schema(
    _DISPUTE,
    required=tuple(set(_DISPUTE) - {"fee", "net_amount", "evidence_due_date"}),
    additionalProperties=False,
)
SEARCH_DISPUTES: dict[str, Any] = {
    "operation_id": "search_disputes",
    "tags": [TAG],
    "parameters": [OpenApiParameter("status", str), *DATES, *PAGING],
    "responses": answers(
        {200: OpenApiResponse(page_schema(DISPUTE, links="links"), description="One page")},
        s403="P0930",
        s404="P0402",
        s422="P0401",
    ),
}

INSTRUMENT = object_schema(
    {"type": {"type": "string", "enum": ["card"]}, "created_date": TIME, "card_details": CARD_DETAILS},
    required=("type", "created_date", "card_details"),
    additionalProperties=False,
)
_AGREEMENT = {
    "agreement_id": ID,
    "reference": TEXT,
    "description": TEXT,
    "status": {"type": "string", "enum": ["created", "active", "inactive", "cancelled"]},
    "created_date": TIME,
    "user_identifier": TEXT,
    "payment_instrument": INSTRUMENT,
    "cancelled_date": TIME,
}
AGREEMENT = object_schema(
    _AGREEMENT,
    required=("agreement_id", "reference", "description", "status", "created_date"),
    additionalProperties=False,
)
NEW_AGREEMENT = object_schema(
    {"reference": FREE_TEXT, "description": FREE_TEXT, "user_identifier": {"type": "string", "maxLength": 255}},
    required=("reference", "description"),
)
CREATE_AGREEMENT: dict[str, Any] = {
    "operation_id": "create_agreement",
    "tags": [TAG],
    "request": {"application/json": NEW_AGREEMENT},
    "parameters": IDEMPOTENCY,
    "responses": answers(
        {201: OpenApiResponse(AGREEMENT, description="Created")},
        s400="P2101, P2102, P2197",
        s403="P0930, P0940, P0941",
        s409="P0191",
        s422="P0102, P0942",
    ),
}
GET_AGREEMENT: dict[str, Any] = {
    "operation_id": "get_agreement",
    "tags": [TAG],
    "responses": answers({200: OpenApiResponse(AGREEMENT, description="The agreement")}, s403="P0930", s404="P2200"),
}
SEARCH_AGREEMENTS: dict[str, Any] = {
    "operation_id": "search_agreements",
    "tags": [TAG],
    "parameters": [OpenApiParameter("reference", str), OpenApiParameter("status", str), *PAGING],
    "responses": answers(
        {200: OpenApiResponse(page_schema(AGREEMENT), description="One page")},
        s400="P2401",
        s403="P0930",
        s404="P2402",
        s422="P2401",
    ),
}
CANCEL_AGREEMENT: dict[str, Any] = {
    "operation_id": "cancel_agreement",
    "tags": [TAG],
    "request": None,
    "parameters": IDEMPOTENCY,
    "responses": answers(
        {204: OpenApiResponse(description="Cancelled")},
        s400="P2501",
        s403="P0930",
        s404="P2500",
        s409="P0191",
        s422="P0102",
    ),
}
