"""``/v1/disputes``: payments that payers' banks want back (contract A.8)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from gaap_payments.api.v1 import money_schemas
from gaap_payments.api.v1.base import PaymentsView, absolute, api_key_of
from gaap_payments.api.v1.filters import DATES, one_of
from gaap_payments.api.v1.representation import link, timestamp
from gaap_payments.api.v1.search import SearchKind, parse_search, search_document
from gaap_payments.models import Dispute
from gaap_payments.states import DISPUTE


def dispute_document(dispute: Dispute) -> dict[str, Any]:
    """Return the dispute; what it costs only once it is lost."""
    facts = {
        "dispute_id": dispute.pk,
        "payment_id": dispute.payment_id,
        "amount": dispute.amount,
        "currency": dispute.payment.currency,
        "created_date": timestamp(dispute.created_at),
        "evidence_due_date": timestamp(dispute.evidence_due_at) if dispute.evidence_due_at else None,
        "reason": dispute.reason,
        "status": dispute.status,
        "fee": dispute.fee if dispute.is_lost else None,
        "net_amount": dispute.net_amount if dispute.is_lost else None,
    }
    return {
        **{name: value for name, value in facts.items() if value is not None},
        "settlement_summary": {"settled_date": dispute.settled_on.isoformat()} if dispute.settled_on else {},
        "_links": {"payment": link(absolute("payments-api-payment", dispute.payment_id))},
    }


DISPUTES = SearchKind(
    url_name="payments-api-disputes",
    filters={**DATES, "status": one_of({status: Q(status=status) for status in DISPUTE.statuses})},
    document=dispute_document,
    invalid_code="P0401",
    page_code="P0402",
    names={"status": "state"},
)


class DisputesView(PaymentsView):
    """The disputes of a service."""

    required_scope: ClassVar[str | dict[str, str]] = "payments:read"
    fault_codes: ClassVar[Mapping[str, str]] = {"GET": "P0498"}

    @extend_schema(**money_schemas.SEARCH_DISPUTES)
    def get(self, request: Request) -> Response:
        """Return one page of the disputes that match, newest first; its links stand under both names (A.8)."""
        search = parse_search(request.query_params.dict(), DISPUTES)
        disputes = Dispute.objects.for_key(api_key_of(request)).select_related("payment")
        document = search_document(disputes, search)
        return Response({**document, "links": document["_links"]})
