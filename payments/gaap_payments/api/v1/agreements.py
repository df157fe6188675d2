"""``/v1/agreements``: recurring payments (contract A.8, A.9)."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from gaap.api.idempotency import idempotent
from gaap_payments.api.v1 import fields, money_schemas
from gaap_payments.api.v1.agreement_representation import agreement_document
from gaap_payments.api.v1.base import PAYMENT_ID, PaymentsView, account_of, api_key_of, caller_of
from gaap_payments.api.v1.errors import ApiError, invalid, not_found, recurring_not_enabled
from gaap_payments.api.v1.filters import one_of, text
from gaap_payments.api.v1.search import SearchKind, invalid_parameters, parse_search, search_document
from gaap_payments.errors import AgreementStateError
from gaap_payments.models import Agreement
from gaap_payments.services.accounts import settings_of
from gaap_payments.services.agreements import cancel_agreement, create_agreement
from gaap_payments.states import AGREEMENT

AGREEMENTS = SearchKind(
    url_name="payments-api-agreements",
    filters={
        "reference": text("reference__iexact"),
        "status": one_of({status: Q(status=status) for status in AGREEMENT.statuses}),
    },
    document=agreement_document,
    invalid_code="P2401",
    page_code="P2402",
    names={},
)
MAXIMUM_LENGTH = 255


class AgreementsView(PaymentsView):
    """All agreements of a service."""

    required_scope: ClassVar[str | dict[str, str]] = {"GET": "payments:read", "POST": "payments:agreements"}
    codes: ClassVar[Mapping[str, str]] = {"P0101": "P2101", "P0197": "P2197"}
    fault_codes: ClassVar[Mapping[str, str]] = {"GET": "P2498", "POST": "P2198"}

    @extend_schema(**money_schemas.CREATE_AGREEMENT)
    @idempotent
    def post(self, request: Request) -> Response:
        """Create an agreement: 201; it becomes active with the first payment that sets it up."""
        wanted = _read(cast(dict[str, Any], request.data))
        account = account_of(request)
        if not settings_of(account.service).allows_recurring:
            raise recurring_not_enabled()
        agreement = create_agreement(account, by=caller_of(request).actor, **wanted)
        return Response(agreement_document(agreement), status=201)

    @extend_schema(**money_schemas.SEARCH_AGREEMENTS)
    def get(self, request: Request) -> Response:
        """Return one page of the agreements that match, newest first; unknown filters are refused."""
        query = request.query_params.dict()
        unknown = sorted(set(query) - {*AGREEMENTS.filters, "page", "display_size"})
        if unknown:
            raise invalid_parameters(unknown, code="P2401", status=400)
        search = parse_search(query, AGREEMENTS)
        return Response(search_document(Agreement.objects.for_key(api_key_of(request)), search))


class AgreementView(PaymentsView):
    """One agreement."""

    required_scope: ClassVar[str | dict[str, str]] = "payments:read"
    fault_codes: ClassVar[Mapping[str, str]] = {"GET": "P2298"}

    @extend_schema(**money_schemas.GET_AGREEMENT)
    def get(self, request: Request, agreement_id: str) -> Response:
        """Return the agreement."""
        return Response(agreement_document(_find(request, agreement_id, code="P2200")))


class AgreementCancelView(PaymentsView):
    """Cancelling an agreement."""

    required_scope: ClassVar[str | dict[str, str]] = "payments:agreements"
    fault_codes: ClassVar[Mapping[str, str]] = {"POST": "P2598"}

    @extend_schema(**money_schemas.CANCEL_AGREEMENT)
    @idempotent
    def post(self, request: Request, agreement_id: str) -> Response:
        """Cancel an active agreement: 204; 400 in any other state."""
        agreement = _find(request, agreement_id, code="P2500")
        try:
            cancel_agreement(agreement, by=caller_of(request).actor)
        except AgreementStateError as error:
            raise ApiError(400, "P2501", "Cancellation of agreement failed") from error
        return Response(status=204)


def _read(body: Mapping[str, Any]) -> dict[str, str]:
    """Return what the agreement says; a wrong type is P2102, what is too long P0102 (contract A.12)."""
    for name in ("reference", "description", "user_identifier"):
        value = body.get(name)
        if value is not None and (not isinstance(value, str) or "\0" in value):
            raise invalid(name, fields.STRING_FORMAT, code="P2102")
    wanted = {name: fields.read_required_text(body, name) for name in ("reference", "description")}
    wanted["user_identifier"] = fields.read_text(body, "user_identifier")
    for name, value in wanted.items():
        fields.check_length(name, value, maximum=MAXIMUM_LENGTH)
        fields.refuse_card_number(name, value)
    return wanted


def _find(request: Request, agreement_id: str, *, code: str) -> Agreement:
    if not PAYMENT_ID.fullmatch(agreement_id):
        raise not_found(code)
    agreement = Agreement.objects.for_key(api_key_of(request)).filter(pk=agreement_id).first()
    if agreement is None:
        raise not_found(code)
    return agreement
