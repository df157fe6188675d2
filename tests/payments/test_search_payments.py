"""GET /v1/payments: every filter, the envelope, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gaap.clock import now
from gaap_payments.api.v1 import schemas
from gaap_payments.models import GatewayAccount, Payment
from tests.payments.support import DECLINED_CARD, Citizen, create, work
from tests.payments.test_get_payment import assert_valid

pytestmark = pytest.mark.django_db


def search(api: Client, **query: Any) -> dict[str, Any]:
    answer = api.get("/v1/payments", query)
    assert answer.status_code == 200, answer.content
    document: dict[str, Any] = answer.json()
    assert_valid(document, schemas.SEARCH_RESULT)
    return document


@pytest.fixture
def payments(api: Client, account: GatewayAccount) -> dict[str, str]:
    """Three payments: paid, declined, and one just made; their ids by name."""
    made = {name: create(api, reference=f"REF-{name}") for name in ("paid", "declined", "new")}
    Citizen(made["paid"]).pay()
    Citizen(made["declined"]).pay(card_no=DECLINED_CARD, email="other@example.org", cardholder_name="Siân Evans")
    work()
    Payment.objects.filter(pk=made["paid"]["payment_id"]).update(settled_on=now().date())
    return {name: document["payment_id"] for name, document in made.items()}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"paid", "declined", "new"}),
        ({"reference": "ref-PAID"}, {"paid"}),
        ({"reference": "REF"}, set()),
        ({"email": "NGOC@"}, {"paid"}),
        ({"state": "success"}, {"paid"}),
        ({"state": "failed"}, {"declined"}),
        ({"state": "created"}, {"new"}),
        ({"state": "error"}, set()),
        ({"card_brand": "visa"}, {"paid", "declined"}),
        ({"card_brand": "master-card"}, set()),
        ({"cardholder_name": "siân"}, {"declined"}),
        ({"first_digits_card_number": "424242"}, {"paid"}),
        ({"last_digits_card_number": "0002"}, {"declined"}),
        ({"from_date": "2020-01-01T00:00:00Z"}, {"paid", "declined", "new"}),
        ({"to_date": "2020-01-01T00:00:00.000Z"}, set()),
        ({"to_settled_date": "2020-01-01"}, set()),
        ({"from_settled_date": "2020-01-01"}, {"paid"}),
        ({"agreement_id": "a" * 26}, set()),
        ({"state": "success", "reference": "REF-paid", "nonsense": "is ignored"}, {"paid"}),
    ],
)
def test_filters(api: Client, payments: dict[str, str], query: dict[str, str], found: set[str]) -> None:
    document = search(api, **query)
    assert {result["payment_id"] for result in document["results"]} == {payments[name] for name in found}
    assert document["total"] == document["count"] == len(found)


def test_dates_include_the_first_moment_and_exclude_the_last(api: Client, payments: dict[str, str]) -> None:
    moment = now().replace(microsecond=0)
    Payment.objects.filter(pk=payments["new"]).update(created_at=moment)
    at, later = ((moment + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z") for seconds in (0, 1))
    assert payments["new"] in str(search(api, from_date=at, to_date=later))
    assert payments["new"] not in str(search(api, to_date=at))


def test_pages(api: Client, payments: dict[str, str]) -> None:
    first = search(api, display_size=2, state="")
    assert (first["total"], first["count"], first["page"]) == (3, 2, 1)
    assert [result["payment_id"] for result in first["results"]] == [payments["new"], payments["declined"]]
    assert set(first["_links"]) == {"self", "first_page", "last_page", "next_page"}
    last = api.get(first["_links"]["next_page"]["href"]).json()
    assert set(last["_links"]) == {"self", "first_page", "last_page", "prev_page"}
    assert [result["payment_id"] for result in last["results"]] == [payments["paid"]]
    assert last["_links"]["self"]["href"].endswith("/v1/payments?page=2&display_size=2")


def test_items_have_no_way_in_for_citizens(api: Client, payments: dict[str, str]) -> None:
    links = {name for result in search(api)["results"] for name in result["_links"]}
    assert links == {"self", "events", "refunds", "cancel"}


def test_page_past_the_end(api: Client, account: GatewayAccount) -> None:
    assert search(api)["results"] == []
    create(api)
    answer = api.get("/v1/payments", {"page": 2})
    assert (answer.status_code, answer.json()) == (404, {"code": "P0402", "description": "Page not found"})


def test_other_services_see_nothing(outsider: Client, payments: dict[str, str]) -> None:
    assert search(outsider)["total"] == 0


def test_live_key_sees_no_test_payments(live_api: Client, payments: dict[str, str]) -> None:
    assert search(live_api)["total"] == 0


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"state": "capturable"}, "state"),
        ({"state": "paid"}, "state"),
        ({"card_brand": "v" * 21}, "card_brand"),
        ({"first_digits_card_number": "4242"}, "first_digits_card_number"),
        ({"first_digits_card_number": "٤٢٤٢٤٢"}, "first_digits_card_number"),
        ({"last_digits_card_number": "424a"}, "last_digits_card_number"),
        ({"from_date": "yesterday"}, "from_date"),
        ({"from_date": "2026-11-21"}, "from_date"),
        ({"from_date": "2026-11-21T10:00:00"}, "from_date"),
        ({"to_date": "0001-01-01T00:00:00+23:00"}, "to_date"),
        ({"from_settled_date": "2026-13-01"}, "from_settled_date"),
        ({"to_settled_date": "20261121"}, "to_settled_date"),
        ({"page": "0"}, "page"),
        ({"page": "x"}, "page"),
        ({"page": "9" * 40}, "page"),
        ({"display_size": "501"}, "display_size"),
        ({"display_size": "0"}, "display_size"),
        ({"reference": "a\0"}, "reference"),
        ({"state": "x", "page": "0", "email": "\0"}, "email, state, page"),
    ],
)
def test_refused(api: Client, account: GatewayAccount, query: dict[str, str], names: str) -> None:
    answer = api.get("/v1/payments", query)
    description = f"Invalid parameters: {names}. See Public API documentation for the correct data formats"
    assert (answer.status_code, answer.json()) == (422, {"code": "P0401", "description": description})
