"""The ledger for finance systems: cost centres, days, payouts, CSV and camt.053, and who gets it."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django.test import Client
from django.urls import reverse
from xmlschema import XMLSchemaValidationError

from gaap.audit.models import AuditEvent
from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_payments.models import GatewayAccount, LedgerEntry, Payment, Payout
from gaap_payments.services.accounts import save_account, save_settings
from gaap_payments.services.camt import NAMESPACE, export_xml
from gaap_payments.services.ledger_export import COLUMNS, export_csv, select_days, select_payout
from gaap_payments.services.reconciliation import reconcile_account
from tests.console.conftest import browser_of, colleague
from tests.payments.camt_shape import read_statement
from tests.payments.support import create, work
from tests.payments.test_settlement import pay, refund

pytestmark = pytest.mark.django_db

HOURS = timedelta(hours=2)
Rows = list[dict[str, str]]


@pytest.fixture
def centres(service: Service) -> None:
    """Two cost centres, found by the metadata ``team``."""
    save_settings(service, by=TESTER, ledger_code_key="team", ledger_codes={"Parks": "CC-100", "true": "CC-200"})


@pytest.fixture
def payout(api: Client, service: Service, centres: None, move_clock: Callable[[timedelta], None]) -> Payout:
    """A payout of payments with fees, a refund, and a lost dispute."""
    account = save_account(service, provider="sandbox", is_live=False, credentials={"takes_fees": True}, by=TESTER)
    given_back = pay(api, reference="=PARKS-1", metadata={"team": "Parks"})
    pay(api, reference='FLAG-2 & "x"', metadata={"team": True}, amount=3000)
    pay(api, reference="NONE-3", metadata={"team": "unknown"}, description="DISPUTE_LOST")
    refund(api, given_back, 700)
    move_clock(HOURS)
    work()
    reconcile_account(account)
    return Payout.objects.get()


def days(service: Service, *, is_live: bool = False, first: date | None = None) -> Any:
    entries = LedgerEntry.objects.order_by("occurred_at")
    oldest, newest = entries.first(), entries.last()
    assert oldest is not None
    assert newest is not None
    start = first or oldest.occurred_at.date() - timedelta(days=1)
    return select_days(
        service, is_live=is_live, first_day=start, last_day=newest.occurred_at.date() + timedelta(days=1)
    )


def csv_rows(selection: Any) -> Rows:
    return list(csv.DictReader(io.StringIO("".join(export_csv(selection, by=TESTER)))))


def statement(selection: Any) -> Element:
    return read_statement("".join(export_xml(selection, by=TESTER)), namespace=NAMESPACE)


def signed(element: Element) -> float:
    size = float(str(element.findtext("Amt")))
    return -size if element.findtext("CdtDbtInd") == "DBIT" else size


def test_every_line_of_the_days_with_its_cost_centre(service: Service, payout: Payout) -> None:
    rows = csv_rows(days(service))
    assert tuple(rows[0]) == COLUMNS
    assert sum(round(float(row["Debit"] or 0) * 100) for row in rows) == sum(
        round(float(row["Credit"] or 0) * 100) for row in rows
    )
    taken = [
        (row["Payment Reference"], row["Debit"], row["Cost Centre"])
        for row in rows
        if row["Kind"] == "capture" and row["Book"] == "provider"
    ]
    assert taken == [("'=PARKS-1", "20.00", "CC-100"), ('FLAG-2 & "x"', "30.00", "CC-200"), ("NONE-3", "20.00", "")]
    assert {row["Kind"] for row in rows} == {
        *("capture", "fee", "refund", "dispute", "dispute_lost", "dispute_fee", "payout")
    }
    given_back = next(row for row in rows if row["Kind"] == "refund" and row["Book"] == "provider")
    assert (given_back["Credit"], given_back["Currency"], given_back["Cost Centre"]) == ("7.00", "GBP", "CC-100")


def test_a_payout_is_the_sum_of_its_own_entries(service: Service, payout: Payout, api: Client) -> None:
    pay(api, reference="LATER")
    rows = csv_rows(select_payout(payout))
    assert "LATER" not in {row["Payment Reference"] for row in rows}
    held = [row for row in rows if row["Book"] == "provider" and row["Kind"] != "payout"]
    total = sum(round(float(row["Debit"] or 0) * 100) - round(float(row["Credit"] or 0) * 100) for row in held)
    assert total == payout.amount
    root = statement(select_payout(payout))
    assert [signed(balance) for balance in root.iter("Bal")] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("<Cd>OPBD</Cd>", "<Code>OPBD</Code>"), ("CRDT", "CREDIT"), ("<BkTxCd>", "<Extra/><BkTxCd>"), (' Ccy="GBP"', "")],
)
def test_schema_finds_what_is_wrong(service: Service, payout: Payout, right: str, wrong: str) -> None:
    text = "".join(export_xml(days(service), by=TESTER))
    assert right in text
    with pytest.raises(XMLSchemaValidationError):
        read_statement(text.replace(right, wrong, 1), namespace=NAMESPACE)


def test_statement_has_the_standards_shape_and_adds_up(service: Service, payout: Payout) -> None:
    root = statement(days(service))
    stmt = root.find("BkToCstmrStmt/Stmt")
    assert stmt is not None
    opening, closing = (round(signed(balance) * 100) for balance in stmt.findall("Bal"))
    entries = [round(signed(entry) * 100) for entry in stmt.findall("Ntry")]
    assert opening == 0
    assert opening + sum(entries) == closing
    assert -payout.amount in entries
    texts = [element.text for element in stmt.iter("AddtlRmtInf")]
    assert texts.count("Cost centre: CC-100") == 3  # taken, fee, given back
    assert 'FLAG-2 & "x"' in [element.text for element in stmt.iter("Ustrd")]


def test_opening_balance_is_what_was_held_before(service: Service, api: Client, account: GatewayAccount) -> None:
    first, second = pay(api), pay(api, amount=500)
    LedgerEntry.objects.filter(payment_id=first).update(occurred_at="2026-03-01T12:00:00Z")
    LedgerEntry.objects.filter(payment_id=second).update(occurred_at="2026-03-02T12:00:00Z")
    day = date(2026, 3, 2)
    root = statement(select_days(service, is_live=False, first_day=day, last_day=day))
    assert [element.findtext("Amt") for element in root.iter("Bal")] == ["20.00", "25.00"]
    assert [element.findtext("Amt") for element in root.iter("Ntry")] == ["5.00"]
    rows = csv_rows(select_days(service, is_live=False, first_day=day, last_day=day))
    assert {row["Payment ID"] for row in rows} == {second}


def test_each_currency_has_its_own_statement_and_decimals(
    service: Service, api: Client, account: GatewayAccount
) -> None:
    pay(api, amount=30)
    pay(api, amount=50_000_000, currency="VND")
    root = statement(days(service))
    found = {str(stmt.findtext("Acct/Ccy")): stmt.findtext("Ntry/Amt") for stmt in root.iter("Stmt")}
    assert found == {"GBP": "0.30", "VND": "50000000"}


def test_texts_that_xml_cannot_hold(service: Service, api: Client, account: GatewayAccount) -> None:
    payment_id = pay(api)
    Payment.objects.filter(pk=payment_id).update(reference="a\x01b" + "ü" * 200)
    root = statement(days(service))
    assert [len(str(element.text)) for element in root.iter("Ustrd")] == [140, 62]


def test_nothing_happened_is_a_statement_too(service: Service, account: GatewayAccount) -> None:
    day = date(2026, 3, 2)
    root = statement(select_days(service, is_live=False, first_day=day, last_day=day))
    assert [element.findtext("Amt") for element in root.iter("Bal")] == ["0.00", "0.00"]


def test_exports_cost_the_same_for_any_number(
    service: Service, api: Client, account: GatewayAccount, django_assert_max_num_queries: Any
) -> None:
    """Settings, lines and the audit; for XML accounts, currencies and two sums for each."""
    for _ in range(4):
        pay(api)
    with django_assert_max_num_queries(5):
        csv_rows(select_days(service, is_live=False, first_day=date(2020, 1, 1), last_day=date(2099, 1, 1)))
    with django_assert_max_num_queries(9):
        statement(select_days(service, is_live=False, first_day=date(2020, 1, 1), last_day=date(2099, 1, 1)))


class TestConsole:
    """The team's pages."""

    def test_viewer_takes_days_and_a_payout(self, service: Service, payout: Payout) -> None:
        browser = browser_of(colleague(service, "viewer"))
        assert "CC-" not in browser.get(reverse("payments-console-finance", args=[service.pk])).content.decode()
        ledger = reverse("payments-console-ledger", args=[service.pk])
        query = {"mode": "test", "from_date": "2026-01-01", "to_date": "2026-12-31"}
        for file_format, content_type in (("csv", "text/csv"), ("xml", "application/xml")):
            answer = browser.get(ledger, {**query, "format": file_format})
            assert answer["Content-Type"].startswith(content_type)
            assert answer["Content-Disposition"].endswith(f'.{file_format}"')
            assert answer.getvalue()
            one = reverse("payments-console-payout-ledger", args=[service.pk, payout.pk])
            assert str(payout.items.first().payment_id) in browser.get(one, {"format": file_format}).getvalue().decode()  # type: ignore[union-attr]
        assert AuditEvent.objects.filter(action="ledger_exported").count() == 4
        page = browser.get(reverse("payments-console-payout", args=[service.pk, payout.pk])).content.decode()
        assert str(payout.money) in page
        assert "£20.00" in page

    @pytest.mark.parametrize(
        "change",
        [
            {"from_date": "soon"},
            {"to_date": "2025-12-31"},
            {"to_date": "2028-01-01"},
            {"format": "pdf"},
            {"mode": ""},
            {"from_date": ""},
        ],
    )
    def test_mistakes(self, service: Service, account: GatewayAccount, change: dict[str, str]) -> None:
        browser = browser_of(colleague(service, "viewer"))
        query = {"mode": "test", "from_date": "2026-01-01", "to_date": "2026-12-31", "format": "csv", **change}
        answer = browser.get(reverse("payments-console-ledger", args=[service.pk]), query)
        assert (answer.status_code, answer.streaming) == (200, False)
        assert "gaap-summary-errors" in answer.content.decode()

    def test_other_teams_find_nothing(self, service: Service, other_service: Service, payout: Payout) -> None:
        stranger = browser_of(colleague(other_service, "admin"))
        for name in ("payout", "payout-ledger"):
            for owner in (service, other_service):
                path = reverse(f"payments-console-{name}", args=[owner.pk, payout.pk])
                assert stranger.get(path).status_code == 404
        query = {"mode": "test", "from_date": "2026-01-01", "to_date": "2026-12-31", "format": "csv"}
        theirs = stranger.get(reverse("payments-console-ledger", args=[other_service.pk]), query)
        assert len(theirs.getvalue().splitlines()) == 1
        assert stranger.get(reverse("payments-console-ledger", args=[service.pk]), query).status_code == 404

    def test_unknown_format_of_a_payout(self, service: Service, payout: Payout) -> None:
        browser = browser_of(colleague(service, "viewer"))
        one = reverse("payments-console-payout-ledger", args=[service.pk, payout.pk])
        assert browser.get(one, {"format": "pdf"}).status_code == 404


def test_created_but_never_paid_is_not_booked(service: Service, api: Client, account: GatewayAccount) -> None:
    create(api)
    day = date(2026, 1, 1)
    assert csv_rows(select_days(service, is_live=False, first_day=day, last_day=date(2099, 1, 1))) == []
