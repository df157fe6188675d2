"""The filters of ``GET /v1/payments`` (contract A.8)."""

from typing import Any

from django.db.models import Q, QuerySet

from gaap.keys.models import ApiKey
from gaap_payments.api.v1.filters import DATES, digits, one_of, text
from gaap_payments.api.v1.representation import payment_facts, search_links
from gaap_payments.api.v1.search import Search, SearchKind, page_document
from gaap_payments.cards import BRANDS
from gaap_payments.models import Payment
from gaap_payments.models.payments import part_of, seen_by
from gaap_payments.services.accounts import account_with_id
from gaap_payments.services.finding import find_counted_page, find_page
from gaap_payments.services.payment_counts import CountedSearch
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
        "email": lambda value: part_of("email", value),
        "state": one_of({state: Q(status__in=stored_statuses(state)) for state in STATES}),
        "card_brand": _card_brand,
        "cardholder_name": lambda value: part_of("cardholder_name", value),
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
#: The filters in whose respects payments are counted, but for the dates of creation.
COUNTED = frozenset({"state", "card_brand", "from_settled_date", "to_settled_date"})
CREATED = frozenset({"from_date", "to_date"})


#: Sealed columns that the contract does not show; to open them for each row takes time.
UNSEEN = ("challenge", "instrument_id", "notification")


def payments_document(owned: "QuerySet[Payment]", search: Search, *, api_key: ApiKey) -> dict[str, Any]:
    """Return one page of the payments that ``api_key`` may see, ``owned``; raises ApiError 404 past the end."""
    owned, place = owned.defer(*UNSEEN), {"start": search.start, "size": search.size}
    if search.conditions.keys() <= COUNTED | CREATED:
        found = find_counted_page(owned, search.condition, _counted(search, api_key), **place)
    else:
        found = find_page(owned, search.condition, **place)
    accounts = {key: account_with_id(key) for key in {payment.gateway_account_id for payment in found.rows}}
    for payment in found.rows:
        payment.gateway_account = accounts[payment.gateway_account_id]
    return page_document(found, search)


def _counted(search: Search, api_key: ApiKey) -> CountedSearch:
    created = {name: search.conditions[name].children[0][1] for name in CREATED & search.conditions.keys()}  # type: ignore[index]
    respects = (condition for name, condition in search.conditions.items() if name in COUNTED)
    return CountedSearch(
        **seen_by(api_key),
        respects=Q(*respects),
        since=created.get("from_date"),
        until=created.get("to_date"),
    )
