"""Transactions in the console: every way to search, paging, one payment's story, the CSV, and who may see them."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.console.paging import PAGE_SIZE
from gaap.organisations.models import Service
from gaap_payments.models import GatewayAccount, Payment
from gaap_payments.services.transactions import COLUMNS, TransactionSearch, find_transactions, with_metadata
from tests.console.conftest import browser_of, colleague
from tests.payments.support import DECLINED_CARD, Citizen, create, stored, work

pytestmark = pytest.mark.django_db

Address = Callable[..., str]


@pytest.fixture
def browser(service: Service) -> Client:
    """The browser of somebody who may only look."""
    return browser_of(colleague(service, "viewer"))


@pytest.fixture
def address(service: Service) -> Address:
    """Return a function that makes the address of a page from its name."""
    return lambda name, *arguments: reverse(f"payments-console-{name}", args=[service.pk, *arguments])


@pytest.fixture
def two(api: Client, account: GatewayAccount) -> tuple[Payment, Payment]:
    """A paid payment with metadata, and a declined one of somebody else."""
    paid = create(api, reference="PAID-1", metadata={"ledger": "Parks", "is_late": True, "number": 7})
    Citizen(paid).pay()
    work()
    declined = create(api, reference="DECLINED-2", email="nia@example.org")
    citizen = Citizen(declined)
    citizen.enter()
    citizen.send_card(card_no=DECLINED_CARD, cardholder_name="Nia Rees", email="nia@example.org")
    Payment.objects.filter(pk=declined["payment_id"]).update(created_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    return stored(paid), stored(declined)


def shown(browser: Client, address: Address, **query: Any) -> set[str]:
    answer = browser.get(address("transactions"), query)
    assert answer.status_code == 200
    return {row["payment"].reference for row in answer.context["rows"]}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"PAID-1", "DECLINED-2"}),
        ({"reference": "paid-1"}, {"PAID-1"}),
        ({"reference": "paid"}, set()),
        ({"email": "NIA@"}, {"DECLINED-2"}),
        ({"cardholder_name": "rees"}, {"DECLINED-2"}),
        ({"card_brand": "Visa"}, {"PAID-1", "DECLINED-2"}),
        ({"card_brand": "Mastercard"}, set()),
        ({"first_digits": "424242"}, {"PAID-1"}),
        ({"last_digits": "0002"}, {"DECLINED-2"}),
        ({"states": "success"}, {"PAID-1"}),
        ({"states": ["success", "declined"]}, {"PAID-1", "DECLINED-2"}),
        ({"states": ["timed_out", "cancelled", "error", "in_progress"]}, set()),
        ({"states": "refund_success"}, set()),
        ({"states": "dispute_lost"}, set()),
        ({"from_date": "2026-03-02"}, {"PAID-1"}),
        ({"to_date": "2026-03-01"}, {"DECLINED-2"}),
        ({"from_date": "2026-03-01", "to_date": "2026-03-01"}, {"DECLINED-2"}),
        ({"metadata_value": "parks"}, {"PAID-1"}),
        ({"metadata_value": "park"}, set()),
        ({"metadata_value": "true"}, {"PAID-1"}),
        ({"metadata_value": "7"}, {"PAID-1"}),
        ({"metadata_value": "ledger"}, set()),
        ({"mode": "live"}, set()),
    ],
)
def test_search(
    browser: Client, address: Address, two: tuple[Payment, Payment], query: dict[str, Any], found: set[str]
) -> None:
    assert shown(browser, address, **query) == found


@pytest.mark.parametrize("value", ['say "Aye"', "back\\slash", "100%_of", "Đà Nẵng", "two\nlines", "12.50"])
def test_a_value_of_metadata_is_found_however_it_is_written(
    service: Service, two: tuple[Payment, Payment], value: str
) -> None:
    Payment.objects.filter(pk=two[0].pk).update(metadata={"note": value})
    written = value.upper() if connection.vendor == "postgresql" or value.isascii() else value
    for asked, found in ((written, [two[0]]), (value[1:], [])):
        search = TransactionSearch(metadata_value=asked)
        assert list(find_transactions(service.pk, is_live=False, search=search)) == found


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Only PostgreSQL has it.")
def test_a_value_of_metadata_is_looked_up_by_an_index(two: tuple[Payment, Payment]) -> None:
    found = with_metadata(Payment.objects.order_by(), "Parks")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    assert list(found) == [two[0]]
    assert "gaap_payments_metadata_part" in found.explain()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"first_digits": "42424"}, "first_digits"),
        ({"last_digits": "00\uff10\uff10"}, "last_digits"),
        ({"from_date": "1 March"}, "from_date"),
        ({"states": "paid"}, "states_0"),
        ({"mode": "both"}, "mode"),
        ({"reference": "\0"}, "reference"),
        ({"to_date": "9999-12-31"}, "to_date"),
        ({"from_date": "0001-01-01"}, "from_date"),
    ],
)
def test_search_that_cannot_be_understood(
    browser: Client, address: Address, two: tuple[Payment, Payment], query: dict[str, str], field: str
) -> None:
    for name in ("transactions", "transactions-csv"):
        answer = browser.get(address(name), query)
        assert answer.status_code == 200
        assert f'href="#id_{field}"' in answer.content.decode()


def test_a_service_with_a_live_account_sees_live_payments_first(
    browser: Client, address: Address, two: tuple[Payment, Payment], live_api: Client, live_account: GatewayAccount
) -> None:
    create(live_api, reference="LIVE-3")
    assert shown(browser, address) == {"LIVE-3"}
    assert shown(browser, address, mode="test") == {"PAID-1", "DECLINED-2"}


def test_pages_hold_every_payment_once(browser: Client, address: Address, api: Client, account: GatewayAccount) -> None:
    first = stored(create(api))
    copies = [Payment(**{**_facts(first), "id": f"{n:026d}", "reference": f"N{n}"}) for n in range(PAGE_SIZE + 9)]
    Payment.objects.bulk_create(copies)
    seen: list[str] = []
    query = "?mode=test"
    while query:
        answer = browser.get(address("transactions") + query)
        seen += [row["payment"].pk for row in answer.context["rows"]]
        query = answer.context["page"].older
    assert len(seen) == len(set(seen)) == PAGE_SIZE + 10
    assert answer.context["page"].newest == "?mode=test"


def test_cursor_of_another_service_is_none(browser: Client, address: Address, two: tuple[Payment, Payment]) -> None:
    for cursor in ("0" * 26, "x y", "\0", "é"):
        assert shown(browser, address, before=cursor) == {"PAID-1", "DECLINED-2"}


def test_list_costs_the_same_for_any_number(
    browser: Client, address: Address, api: Client, account: GatewayAccount, django_assert_max_num_queries: Any
) -> None:
    """Session, person, membership; mode twice, count, page; whether telephone payments are offered."""
    first = stored(create(api))
    browser.get(address("transactions"))
    for number in range(2):
        rows = [Payment(**{**_facts(first), "id": f"{number}{n:025d}"}) for n in range(20)]
        Payment.objects.bulk_create(rows)
        with django_assert_max_num_queries(8):
            browser.get(address("transactions"))


def test_one_payment_with_its_story(browser: Client, address: Address, two: tuple[Payment, Payment]) -> None:
    page = browser.get(address("transaction", two[0].pk)).content.decode()
    for text in ("£20.00", "PAID-1", "ngoc@example.org", "424242", "4242", "Parks", two[0].pk, "Success"):
        assert text in page
    assert page.index("Payment created") < page.index("The money is reserved") < page.rindex("Success")
    assert "test)" in page  # the key's name
    declined = browser.get(address("transaction", two[1].pk)).content.decode()
    assert "P0010" in declined
    assert "Refund this payment" not in declined + page  # a viewer refunds nothing
    assert AuditEvent.objects.filter(action="payment_viewed").count() == 2


def test_csv_has_the_contracts_columns(
    browser: Client, api: Client, address: Address, two: tuple[Payment, Payment], service: Service
) -> None:
    refund = {"amount": 500, "refund_amount_available": 2000}
    api.post(f"/v1/payments/{two[0].pk}/refunds", refund, content_type="application/json")
    work()
    browser.cookies["gaap_language"] = "cy"
    answer = browser.get(address("transactions-csv"), {"mode": "test"})
    assert answer.streaming
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert list(rows[0]) == [*COLUMNS, "is_late (metadata)", "ledger (metadata)", "number (metadata)"]
    paid, given_back, declined = rows
    assert [paid[name] for name in ("Reference", "Amount", "State", "Finished", "Net", "ledger (metadata)")] == [
        *("PAID-1", "20.00", "Success", "true", "", "Parks")
    ]
    assert (paid["is_late (metadata)"], paid["number (metadata)"]) == ("true", "7")
    assert [given_back[name] for name in ("Amount", "State", "Issued By", "GOV.UK Payment ID")] == [
        *("-5.00", "Refund success", "test", two[0].pk)
    ]
    assert [declined[name] for name in ("Error Code", "Date Created", "Time Created", "Card Number")] == [
        *("P0010", "01 Mar 2026", "12:00:00", "0002")
    ]
    record = AuditEvent.objects.get(action="payments_exported")
    assert record.after == {"mode": "test", "search": []}


def test_csv_reads_in_chunks(
    browser: Client, address: Address, api: Client, account: GatewayAccount, django_assert_max_num_queries: Any
) -> None:
    first = stored(create(api))
    Payment.objects.bulk_create(Payment(**{**_facts(first), "id": f"{n:026d}"}) for n in range(1200))
    with django_assert_max_num_queries(14):
        answer = browser.get(address("transactions-csv"))
        assert len(answer.getvalue().splitlines()) == 1202


def test_other_teams_find_nothing(
    service: Service, other_service: Service, address: Address, two: tuple[Payment, Payment]
) -> None:
    stranger = browser_of(colleague(other_service, "admin"))
    for path in (address("transactions"), address("transactions-csv"), address("transaction", two[0].pk)):
        assert stranger.get(path).status_code == 404
    theirs = reverse("payments-console-transaction", args=[other_service.pk, two[0].pk])
    assert stranger.get(theirs).status_code == 404
    listed = stranger.get(reverse("payments-console-transactions", args=[other_service.pk]), {"mode": "test"})
    assert listed.context["rows"] == []


def _facts(payment: Payment) -> dict[str, Any]:
    names = [field.attname for field in Payment._meta.concrete_fields]
    return {**{name: getattr(payment, name) for name in names}, "created_at": payment.created_at - timedelta(seconds=1)}
