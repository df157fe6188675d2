"""``/v1/payments``: create, get, search, events, cancel, capture."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from gaap.api.idempotency import REPLAYED, idempotent
from gaap_payments.api.v1 import schemas
from gaap_payments.api.v1.base import (
    PaymentsView,
    absolute,
    account_of,
    api_key_of,
    caller_of,
    find_payment,
    payments_of,
)
from gaap_payments.api.v1.create_request import parse_create_request
from gaap_payments.api.v1.errors import ApiError, not_found
from gaap_payments.api.v1.payment_search import PAYMENTS, payments_document
from gaap_payments.api.v1.representation import event_document, needs_token, payment_document
from gaap_payments.api.v1.search import parse_search
from gaap_payments.errors import CaptureFailedError, PaymentBusyError, PaymentStateError
from gaap_payments.services.accounts import settings_of
from gaap_payments.services.captures import request_capture
from gaap_payments.services.payments import cancel_payment, create_payment
from gaap_payments.services.tokens import mint_token


class PaymentsCollectionView(PaymentsView):
    """All payments of a service."""

    required_scope: ClassVar[str | dict[str, str]] = {"GET": "payments:read", "POST": "payments:create"}
    fault_codes: ClassVar[Mapping[str, str]] = {"GET": "P0498", "POST": "P0198"}
    write_limit = "payments-create"

    @extend_schema(**schemas.CREATE)
    @idempotent
    def post(self, request: Request) -> Response:
        """Create a payment: 201 with its address in Location."""
        body = cast(dict[str, Any], request.data)
        account = account_of(request)
        order = parse_create_request(body, account=account, settings=settings_of(account.service))
        payment = create_payment(account, order=order, by=caller_of(request).actor)
        document = payment_document(payment, token=mint_token(payment) if needs_token(payment) else "")
        return Response(document, status=201, headers={"Location": document["_links"]["self"]["href"]})

    @extend_schema(**schemas.SEARCH)
    def get(self, request: Request) -> Response:
        """Return one page of the payments that match, newest first."""
        search = parse_search(request.query_params.dict(), PAYMENTS)
        return Response(payments_document(payments_of(request), search, api_key=api_key_of(request)))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer a repeated creation with 200 (contract A.4)."""
        if REPLAYED in response.headers:
            response.status_code = 200
        return super().finalize_response(request, response, *args, **kwargs)


class PaymentView(PaymentsView):
    """One payment."""

    required_scope: ClassVar[str | dict[str, str]] = "payments:read"
    fault_codes: ClassVar[Mapping[str, str]] = {"GET": "P0298"}

    @extend_schema(**schemas.GET)
    def get(self, request: Request, payment_id: str) -> Response:
        """Return the payment; while it needs the citizen, with a fresh one-time link each time (contract A.7)."""
        payment = find_payment(request, payment_id, code="P0200")
        token = mint_token(payment) if needs_token(payment) else ""
        return Response(payment_document(payment, token=token))


class PaymentEventsView(PaymentsView):
    """A payment's life so far."""

    required_scope: ClassVar[str | dict[str, str]] = "payments:read"
    fault_codes: ClassVar[Mapping[str, str]] = {"GET": "P0398"}

    @extend_schema(**schemas.EVENTS)
    def get(self, request: Request, payment_id: str) -> Response:
        """Return the changes of the payment's public state, oldest first (contract A.9)."""
        payment = find_payment(request, payment_id, code="P0300")
        return Response(
            {
                "payment_id": payment.pk,
                "events": [event_document(event) for event in payment.public_events()],
                "_links": {"self": {"href": absolute("payments-api-events", payment.pk), "method": "GET"}},
            }
        )


class PaymentCancelView(PaymentsView):
    """Cancelling a payment."""

    required_scope: ClassVar[str | dict[str, str]] = "payments:cancel"
    fault_codes: ClassVar[Mapping[str, str]] = {"POST": "P0598"}

    @extend_schema(**schemas.CANCEL)
    @idempotent
    def post(self, request: Request, payment_id: str) -> Response:
        """Cancel the payment: 204, or 400 when it is too late, or 409 while the provider is being asked."""
        payment = find_payment(request, payment_id, code="P0500")
        try:
            cancel_payment(payment, by=caller_of(request).actor)
        except PaymentStateError as error:
            raise ApiError(400, "P0501", "Cancellation of payment failed") from error
        except PaymentBusyError as error:
            raise ApiError(409, "P0502", "Cancellation of payment failed") from error
        return Response(status=204)


class PaymentCaptureView(PaymentsView):
    """Capturing a payment whose capture was delayed."""

    required_scope: ClassVar[str | dict[str, str]] = "payments:capture"
    fault_codes: ClassVar[Mapping[str, str]] = {"POST": "P1098"}
    write_limit = "payments-capture"

    @extend_schema(**schemas.CAPTURE)
    @idempotent
    def post(self, request: Request, payment_id: str) -> Response:
        """Capture the payment: 204, also the second time; 409 when it cannot be captured, 400 when that failed."""
        payment = find_payment(request, payment_id, code="P1000")
        try:
            request_capture(payment, by=caller_of(request).actor)
        except CaptureFailedError as error:
            raise ApiError(400, "P1001", "Capture of payment failed") from error
        except PaymentStateError as error:
            raise ApiError(409, "P1003", "Payment cannot be captured") from error
        return Response(status=204)


@extend_schema(exclude=True)
class UnknownPathView(PaymentsView):
    """Every other address below ``/v1/payments/``."""

    required_scope: ClassVar[str | dict[str, str]] = "payments:read"

    def get(self, request: Request) -> Response:
        """Answer 404 in the contract's shape, after the key has been looked at."""
        raise not_found("P0200")

    post = put = patch = delete = get
