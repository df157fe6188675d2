"""``/v1/payments/{id}/refunds`` and ``/v1/refunds``: giving money back, and finding what was given back."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from gaap.api.idempotency import idempotent
from gaap_payments.api.v1 import fields, money_schemas
from gaap_payments.api.v1.base import PAYMENT_ID, PaymentsView, api_key_of, caller_of, find_payment
from gaap_payments.api.v1.errors import ApiError, account_disabled, not_found
from gaap_payments.api.v1.filters import DATES
from gaap_payments.api.v1.refund_representation import found_refund_document, refund_document, refund_list_document
from gaap_payments.api.v1.search import SearchKind, parse_search, search_document
from gaap_payments.currencies import currency
from gaap_payments.errors import (
    AccountDisabledError,
    RefundAvailableMismatchError,
    RefundDisputedError,
    RefundUnavailableError,
)
from gaap_payments.models import Payment, Refund
from gaap_payments.services.refunds import create_refund

REFUNDS = SearchKind(
    url_name="payments-api-refund-search",
    filters=DATES,
    document=found_refund_document,
    invalid_code="P1101",
    page_code="P1100",
    names={},
)


class PaymentRefundsView(PaymentsView):
    """The refunds of one payment."""

    required_scope: ClassVar[str | dict[str, str]] = {"GET": "payments:read", "POST": "payments:refund"}
    codes: ClassVar[Mapping[str, str]] = {"P0101": "P0601", "P0102": "P0602", "P0197": "P0697"}
    fault_codes: ClassVar[Mapping[str, str]] = {"GET": "P0898", "POST": "P0698"}

    @extend_schema(**money_schemas.CREATE_REFUND)
    @idempotent
    def post(self, request: Request, payment_id: str) -> Response:
        """Give money back: 202; 412 when another amount is left than the caller believes."""
        payment = find_payment(request, payment_id, code="P0600")
        amount, amount_available = _read(cast(dict[str, Any], request.data), payment)
        refund = _create(payment, amount, amount_available, request)
        return Response(refund_document(refund), status=202)

    @extend_schema(**money_schemas.LIST_REFUNDS)
    def get(self, request: Request, payment_id: str) -> Response:
        """Return all refunds of the payment, oldest first."""
        return Response(refund_list_document(find_payment(request, payment_id, code="P0800")))


class RefundView(PaymentsView):
    """One refund."""

    required_scope: ClassVar[str | dict[str, str]] = "payments:read"
    fault_codes: ClassVar[Mapping[str, str]] = {"GET": "P0798"}

    @extend_schema(**money_schemas.GET_REFUND)
    def get(self, request: Request, payment_id: str, refund_id: str) -> Response:
        """Return the refund."""
        if not (PAYMENT_ID.fullmatch(payment_id) and PAYMENT_ID.fullmatch(refund_id)):
            raise not_found("P0700")
        refunds = Refund.objects.for_key(api_key_of(request)).select_related("payment")
        refund = refunds.filter(pk=refund_id, payment_id=payment_id).first()
        if refund is None:
            raise not_found("P0700")
        return Response(refund_document(refund))


class RefundSearchView(PaymentsView):
    """The refunds of a service."""

    required_scope: ClassVar[str | dict[str, str]] = "payments:read"
    fault_codes: ClassVar[Mapping[str, str]] = {"GET": "P1898"}

    @extend_schema(**money_schemas.SEARCH_REFUNDS)
    def get(self, request: Request) -> Response:
        """Return one page of the refunds that match, newest first."""
        search = parse_search(request.query_params.dict(), REFUNDS)
        refunds = Refund.objects.for_key(api_key_of(request)).select_related("payment")
        return Response(search_document(refunds, search))


def _read(body: Mapping[str, Any], payment: Payment) -> tuple[int, int | None]:
    amount = fields.read_integer(body, "amount")
    amount_available = fields.read_optional_integer(body, "refund_amount_available")
    fields.check_range("amount", amount, minimum=1, maximum=currency(payment.currency).maximum)
    if amount_available is not None:
        fields.check_range(
            "refund_amount_available", amount_available, minimum=0, maximum=currency(payment.currency).maximum
        )
    return amount, amount_available


def _create(payment: Payment, amount: int, amount_available: int | None, request: Request) -> Refund:
    try:
        return create_refund(payment, amount=amount, amount_available=amount_available, by=caller_of(request).actor)
    except AccountDisabledError as error:
        raise account_disabled() from error
    except RefundAvailableMismatchError as error:
        raise ApiError(412, "P0604", "Refund amount available mismatch.") from error
    except RefundDisputedError as error:
        raise ApiError(400, "P0603", "The payment is disputed and cannot be refunded") from error
    except RefundUnavailableError as error:
        description = f"The payment is not available for refund. Payment refund status: {error.status}"
        raise ApiError(400, "P0603", description) from error
