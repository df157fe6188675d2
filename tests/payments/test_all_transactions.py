"""Transactions over every service that a person belongs to: one list, one search, one file, and nobody else's."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.clock import now
from gaap.console.paging import PAGE_SIZE
from gaap.organisations.models import Membership, Organisation, Service
from gaap.organisations.services import archive_service, create_service, set_membership
from gaap.testing.plugin import TESTER
from gaap_payments.models import GatewayAccount, Payment
from gaap_payments.services.accounts import save_account
from gaap_payments.services.transactions import COLUMNS
from tests.console.conftest import browser_of, person

pytestmark = pytest.mark.django_db

LIST, FILE = reverse("payments-console-all-transactions"), reverse("payments-console-all-transactions-csv")


@pytest.fixture
def nia() -> User:
    """Somebody in several teams."""
    return person("nia@transport.example")


@pytest.fixture
def browser(nia: User) -> Client:
    """Her browser."""
    return browser_of(nia)


def team(nia: User, name: str, *, role: str = "viewer", payments: int = 1, **facts: Any) -> Service:
    """A service with so many payments, to whose team she belongs."""
    organisation, _ = Organisation.objects.get_or_create(name="Transport")
    service = create_service(name, organisation=organisation, by=TESTER)
    set_membership(nia, service=service, role=role, by=TESTER)
    account = save_account(service, provider="sandbox", is_live=False, by=TESTER)
    pay(account, payments, **facts)
    return service


def pay(account: GatewayAccount, number: int, **facts: Any) -> None:
    known = {"amount": 100, "currency": "GBP", "description": "d", "language": "en", "is_live": account.is_live}
    service = account.service
    start = facts.pop("start", 0)
    Payment.objects.bulk_create(
        Payment(
            service=service,
            gateway_account=account,
            reference=f"{service.name}-{index}",
            created_at=now() - timedelta(minutes=start + 2 * index),
            **{**known, **facts},
        )
        for index in range(number)
    )


def shown(browser: Client, **query: str) -> list[str]:
    answer = browser.get(LIST, query)
    assert answer.status_code == 200
    return [row["payment"].reference for row in answer.context["rows"]]


def test_newest_first_whichever_service(browser: Client, nia: User) -> None:
    parks = team(nia, "Parks", payments=3)
    team(nia, "Roads", role="admin", payments=3, start=1)
    assert shown(browser) == ["Parks-0", "Roads-0", "Parks-1", "Roads-1", "Parks-2", "Roads-2"]
    assert shown(browser, service=str(parks.pk)) == ["Parks-0", "Parks-1", "Parks-2"]
    assert shown(browser, reference="roads-1") == ["Roads-1"]
    html = browser.get(LIST).content.decode()
    payment = Payment.objects.get(reference="Roads-1")
    assert reverse("payments-console-transaction", args=[payment.service_id, payment.pk]) in html
    assert LIST in browser.get(reverse("gaap-console")).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"email": "NGOC@"}, ["Roads-0"]),
        ({"metadata_value": "parks"}, ["Roads-0"]),
        ({"states": "success"}, []),
        ({"mode": "live"}, []),
        ({"last_digits": "4242"}, ["Roads-0"]),
    ],
)
def test_the_same_search(browser: Client, nia: User, query: dict[str, str], found: list[str]) -> None:
    team(nia, "Parks")
    team(nia, "Roads", email="ngoc@example.org", metadata={"ledger": "Parks"}, last_digits="4242")
    assert shown(browser, **query) == found


def test_other_peoples_services_do_not_exist(browser: Client, nia: User) -> None:
    team(nia, "Parks")
    theirs = team(person("ngoc@transport.example"), "Health")
    left, closed = team(nia, "Roads"), team(nia, "Ports")
    Membership.objects.filter(user=nia, service=left).delete()
    archive_service(closed, by=TESTER)
    assert shown(browser) == ["Parks-0"]
    for service in (theirs, left, closed):
        answer = browser.get(LIST, {"service": str(service.pk)})
        assert 'href="#id_service"' in answer.content.decode()
        assert answer.context["rows"] == []
        payment = Payment.objects.get(service=service)
        assert shown(browser, before=payment.pk) == ["Parks-0"]
    assert "Health" not in browser.get(FILE).getvalue().decode()


def test_nobody_without_a_service_finds_anything(browser: Client) -> None:
    assert shown(browser) == []
    assert LIST not in browser.get(reverse("gaap-console")).content.decode()
    assert len(browser.get(FILE).getvalue().splitlines()) == 1


def test_pages_hold_every_payment_once(browser: Client, nia: User) -> None:
    for number, name in enumerate(("Parks", "Roads", "Ports")):
        team(nia, name, payments=PAGE_SIZE - 7, start=number)
    seen: list[str] = []
    query = "?mode=test"
    while query:
        context = browser.get(LIST + query).context
        seen += [row["payment"].pk for row in context["rows"]]
        query = context["page"].older
    newest = Payment.objects.order_by("-created_at", "-pk").values_list("pk", flat=True)
    assert seen == list(newest)


def test_a_role_counts_in_its_own_service_alone(browser: Client, nia: User) -> None:
    services = {"viewer": team(nia, "Parks", status="captured"), "caseworker": team(nia, "Roads", role="caseworker")}
    statuses = {}
    for role, service in services.items():
        payment = Payment.objects.get(service=service)
        statuses[role] = browser.get(reverse("payments-console-refund", args=[service.pk, payment.pk])).status_code
    assert statuses == {"viewer": 403, "caseworker": 200}


def test_list_costs_the_same_for_any_number(browser: Client, nia: User, django_assert_max_num_queries: Any) -> None:
    """Session, person, memberships; mode, count, keys of the page, page."""
    team(nia, "Parks")
    browser.get(LIST)
    for number in range(5):
        team(nia, f"Team {number}", payments=30)
        with django_assert_max_num_queries(7):
            assert browser.get(LIST).status_code == 200


def test_file_says_whose_each_line_is_and_each_audit_who_took_it(
    browser: Client, nia: User, django_assert_max_num_queries: Any
) -> None:
    services = [team(nia, "Parks", payments=2, metadata={"office": "north"}), team(nia, "Roads", start=1)]
    with django_assert_max_num_queries(12):
        answer = browser.get(FILE, {"mode": "test", "reference": ""})
        rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert list(rows[0]) == [*COLUMNS, "Service", "office (metadata)"]
    assert [(row["Reference"], row["Service"], row["office (metadata)"]) for row in rows] == [
        ("Parks-0", "Parks", "north"),
        ("Roads-0", "Roads", ""),
        ("Parks-1", "Parks", "north"),
    ]
    events = AuditEvent.objects.filter(action="payments_exported")
    assert {(event.service_id, event.actor_id) for event in events} == {(one.pk, str(nia.pk)) for one in services}
    assert {event.after["mode"] for event in events if event.after} == {"test"}


@pytest.mark.parametrize("path", [LIST, FILE])
def test_a_search_that_cannot_be_understood(browser: Client, nia: User, path: str) -> None:
    team(nia, "Parks")
    html = browser.get(path, {"first_digits": "42"}).content.decode()
    assert 'href="#id_first_digits"' in html
