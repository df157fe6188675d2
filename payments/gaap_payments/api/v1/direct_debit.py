"""``/v1/directdebit``: mandates, and payments under them (contract D.2)."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from gaap.api.idempotency import idempotent
from gaap_payments.api.v1 import direct_debit_schemas as schemas
from gaap_payments.api.v1 import fields
from gaap_payments.api.v1.base import PAYMENT_ID, PaymentsView, account_of, api_key_of, caller_of
from gaap_payments.api.v1.direct_debit_representation import direct_debit_document, mandate_document, needs_payer
from gaap_payments.api.v1.errors import access_not_enabled, insecure_return_url, invalid, not_found
from gaap_payments.api.v1.filters import moment, one_of, text
from gaap_payments.api.v1.search import SearchKind, parse_search, search_document
from gaap_payments.conf import conf
from gaap_payments.direct_debit_states import PUBLIC_COLLECTION_STATUSES, PUBLIC_MANDATE_STATUSES
from gaap_payments.errors import PaymentStateError
from gaap_payments.models import DirectDebit, GatewayAccount, Mandate
from gaap_payments.models.direct_debit import DirectDebitQuerySet, MandateQuerySet
from gaap_payments.services.direct_debits import NewDirectDebit, create_direct_debit
from gaap_payments.services.mandate_tokens import mint_mandate_token
from gaap_payments.services.mandates import NewMandate, create_mandate, direct_debit_provider

MINIMUM, MAXIMUM = 100, 10_000_000


def _by_state(public: Mapping[str, str]) -> Any:
    stored = {name: [one for one, said in public.items() if said == name] for name in public.values()}
    return one_of({name: Q(status__in=statuses) for name, statuses in stored.items()})


DATES = {"from_date": moment("created_at__gte"), "to_date": moment("created_at__lt")}
MANDATES = SearchKind(
    url_name="payments-api-mandates",
    filters={
        "reference": text("reference__iexact"),
        "state": _by_state(PUBLIC_MANDATE_STATUSES),
        "bank_statement_reference": text("bank_statement_reference__iexact"),
        "email": text("payer_email__icontains"),
        "name": text("payer_name__icontains"),
        **DATES,
    },
    document=mandate_document,
    invalid_code="P0401",
    page_code="P0402",
    names={},
)
DIRECT_DEBITS = SearchKind(
    url_name="payments-api-direct-debits",
    filters={
        "reference": text("reference__iexact"),
        "state": _by_state(PUBLIC_COLLECTION_STATUSES),
        "mandate_id": text("mandate_id"),
        **DATES,
    },
    document=direct_debit_document,
    invalid_code="P0401",
    page_code="P0402",
    names={},
)


class MandatesView(PaymentsView):
    """All mandates of a service."""

    required_scope: ClassVar[str | dict[str, str]] = {"GET": "payments:read", "POST": "payments:create"}
    fault_codes: ClassVar[Mapping[str, str]] = {"GET": "P0498", "POST": "P0198"}

    @extend_schema(**schemas.CREATE_MANDATE)
    @idempotent
    def post(self, request: Request) -> Response:
        """Create a mandate: 201; the payer agrees to it on the page behind ``next_url``."""
        account = _debit_account(request)
        order = _read_mandate(cast(dict[str, Any], request.data), account)
        mandate = create_mandate(account, order=order, by=caller_of(request).actor)
        document = mandate_document(mandate, token=mint_mandate_token(mandate))
        return Response(document, status=201, headers={"Location": document["_links"]["self"]["href"]})

    @extend_schema(**schemas.SEARCH_MANDATES)
    def get(self, request: Request) -> Response:
        """Return one page of the mandates that match, newest first."""
        search = parse_search(request.query_params.dict(), MANDATES)
        return Response(search_document(_mandates_of(request), search))


class MandateView(PaymentsView):
    """One mandate."""

    required_scope: ClassVar[str | dict[str, str]] = "payments:read"
    fault_codes: ClassVar[Mapping[str, str]] = {"GET": "P0298"}

    @extend_schema(**schemas.GET_MANDATE)
    def get(self, request: Request, mandate_id: str) -> Response:
        """Return the mandate; while it needs the payer, with a fresh one-time link each time."""
        mandate = _find(_mandates_of(request), mandate_id)
        if mandate is None:
            raise not_found("P0200")
        return Response(mandate_document(mandate, token=mint_mandate_token(mandate) if needs_payer(mandate) else ""))


class DirectDebitsView(PaymentsView):
    """All Direct Debits of a service."""

    required_scope: ClassVar[str | dict[str, str]] = {"GET": "payments:read", "POST": "payments:create"}
    fault_codes: ClassVar[Mapping[str, str]] = {"GET": "P0498", "POST": "P0198"}
    write_limit = "payments-create"

    @extend_schema(**schemas.CREATE_DIRECT_DEBIT)
    @idempotent
    def post(self, request: Request) -> Response:
        """Collect a payment under a mandate: 201; what becomes of it takes days."""
        _debit_account(request)
        order, mandate_id = _read_direct_debit(cast(dict[str, Any], request.data))
        mandate = _find(_mandates_of(request), mandate_id)
        if mandate is None:
            raise invalid("mandate_id", "Mandate ID does not exist")
        try:
            payment = create_direct_debit(mandate, order=order, by=caller_of(request).actor)
        except PaymentStateError as error:
            raise invalid("mandate_id", "Mandate must be pending or active") from error
        document = direct_debit_document(payment)
        return Response(document, status=201, headers={"Location": document["_links"]["self"]["href"]})

    @extend_schema(**schemas.SEARCH_DIRECT_DEBITS)
    def get(self, request: Request) -> Response:
        """Return one page of the payments that match, newest first."""
        search = parse_search(request.query_params.dict(), DIRECT_DEBITS)
        return Response(search_document(_debits_of(request), search))


class DirectDebitView(PaymentsView):
    """One Direct Debit."""

    required_scope: ClassVar[str | dict[str, str]] = "payments:read"
    fault_codes: ClassVar[Mapping[str, str]] = {"GET": "P0298"}

    @extend_schema(**schemas.GET_DIRECT_DEBIT)
    def get(self, request: Request, payment_id: str) -> Response:
        """Return the payment."""
        payment = _find(_debits_of(request), payment_id)
        if payment is None:
            raise not_found("P0200")
        return Response(direct_debit_document(payment))


def _mandates_of(request: Request) -> MandateQuerySet:
    mandates = Mandate.objects.for_key(api_key_of(request))
    return mandates.select_related("gateway_account").defer("gateway_account__credentials", "bank_account")


def _debits_of(request: Request) -> DirectDebitQuerySet:
    payments = DirectDebit.objects.for_key(api_key_of(request)).select_related("mandate__gateway_account")
    return payments.defer("mandate__gateway_account__credentials", "mandate__bank_account")


def _find(found: Any, identifier: str) -> Any:
    return found.filter(pk=identifier).first() if PAYMENT_ID.fullmatch(identifier) else None


def _debit_account(request: Request) -> GatewayAccount:
    account = account_of(request)
    if direct_debit_provider(account) is None:
        raise access_not_enabled()
    return account


def _read_mandate(body: Mapping[str, Any], account: GatewayAccount) -> NewMandate:
    order = NewMandate(
        reference=fields.read_free_text(body, "reference"),
        return_url=fields.read_required_text(body, "return_url"),
        description=fields.read_free_text(body, "description") if body.get("description") else "",
        language=fields.read_text(body, "language") or conf.default_language,
    )
    fields.check_length("reference", order.reference, maximum=255)
    fields.check_length("description", order.description, maximum=255)
    fields.check_length("return_url", order.return_url, maximum=2000)
    fields.check_url("return_url", order.return_url)
    fields.check_choice("language", order.language, conf.languages, reason="Must be a language of the site")
    if account.is_live and not order.return_url.startswith("https://"):
        raise insecure_return_url()
    return order


def _read_direct_debit(body: Mapping[str, Any]) -> tuple[NewDirectDebit, str]:
    order = NewDirectDebit(
        amount=fields.read_integer(body, "amount"),
        reference=fields.read_free_text(body, "reference"),
        description=fields.read_free_text(body, "description"),
    )
    mandate_id = fields.read_required_text(body, "mandate_id")
    fields.check_range("amount", order.amount, minimum=MINIMUM, maximum=MAXIMUM)
    fields.check_length("reference", order.reference, maximum=255)
    fields.check_length("description", order.description, maximum=255)
    return order, mandate_id
