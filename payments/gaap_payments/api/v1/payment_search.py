"""The filters of ``GET /v1/payments`` (contract A.8)."""

from typing import Any

from django.db.models import Q

from gaap_payments.api.v1.filters import DATES, digits, one_of, text
from gaap_payments.api.v1.representation import payment_facts, search_links
from gaap_payments.api.v1.search import SearchKind
from gaap_payments.cards import BRANDS
from gaap_payments.models import Payment
from gaap_payments.states import stored_statuses

STATES = ("created", "started", "submitted", "success", "failed", "cancelled", "error")
BRAND_LABELS = {label.replace(" ", "").lower(): label for label, _ in BRANDS}


def _card_brand(value: str) -> Q:
    if len(value) > 20:
        raise ValueError(value)
    label = BRAND_LABELS.get(value.replace("-", "").replace(" ", "").lower(), value)
    return Q(card_brand=label)


def _document(payment: Payment) -> dict[str, Any]:
    return {**payment_facts(payment), "_links": search_links(payment)}


PAYMENTS = SearchKind(
    url_name="payments-api-payments",
    filters={
        "reference": text("reference__iexact"),
        "email": text("email__icontains"),
        "state": one_of({state: Q(status__in=stored_statuses(state)) for state in STATES}),
        "card_brand": _card_brand,
        "cardholder_name": text("cardholder_name__icontains"),
        "first_digits_card_number": digits("first_digits", length=6),
        "last_digits_card_number": digits("last_digits", length=4),
        **DATES,
        "agreement_id": text("agreement_id"),
    },
    document=_document,
    invalid_code="P0401",
    page_code="P0402",
    names={},
)
