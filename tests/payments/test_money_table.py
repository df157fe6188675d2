"""The smallest and the greatest amounts of pounds and dong: shown, charged, refunded and exported in each language."""

import csv
import io
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_payments.models import GatewayAccount, Payment, SandboxCharge, SandboxRefund
from gaap_payments.services.camt import NAMESPACE, export_xml
from gaap_payments.services.ledger_export import export_csv, select_days
from tests.console.conftest import colleague
from tests.payments.camt_shape import read_statement
from tests.payments.support import Citizen, create, get, work

pytestmark = pytest.mark.django_db

#: Amount in the smallest unit, currency, as a file has it, as English and Welsh have it, as Vietnamese has it.
AMOUNTS = [
    (30, "GBP", "0.30", "£0.30", "0,30 £"),
    (10_000_000, "GBP", "100000.00", "£100,000.00", "100.000,00 £"),
    (1_000, "VND", "1000", "1,000 ₫", "1.000 ₫"),
    (50_000_000, "VND", "50000000", "50,000,000 ₫", "50.000.000 ₫"),
]


def plain(page: str) -> str:
    return page.replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


@pytest.mark.parametrize("language", ["en", "cy", "vi"])
@pytest.mark.parametrize(("amount", "currency", "filed", "british", "vietnamese"), AMOUNTS)
def test_amount_everywhere(
    api: Client,
    service: Service,
    account: GatewayAccount,
    amount: int,
    currency: str,
    filed: str,
    british: str,
    vietnamese: str,
    language: str,
) -> None:
    written = vietnamese if language == "vi" else british
    document = create(api, amount=amount, currency=currency, language=language)
    citizen = Citizen(document)
    assert written in plain(citizen.enter().content.decode())
    citizen.send_card()
    assert written in plain(citizen.get("confirm").content.decode())
    citizen.post("confirm")
    work()
    assert SandboxCharge.objects.get().amount == amount
    assert (get(api, document["payment_id"])["amount"], document["currency"]) == (amount, currency)

    browser = Client(headers={"Accept-Language": language})
    browser.force_login(colleague(service, "caseworker"))
    listed = reverse("payments-console-transactions", args=[service.pk])
    payment_page = reverse("payments-console-transaction", args=[service.pk, document["payment_id"]])
    assert written in plain(browser.get(listed).content.decode())
    assert written in plain(browser.get(payment_page).content.decode())
    refund = reverse("payments-console-refund", args=[service.pk, document["payment_id"]])
    assert written in plain(browser.get(refund).content.decode())
    assert browser.post(refund, {"amount": written, "amount_available": amount}).status_code == 302
    work()
    assert SandboxRefund.objects.get().amount == amount
    assert Payment.objects.get().refunded_amount == amount

    transactions = reverse("payments-console-transactions-csv", args=[service.pk])
    rows = list(csv.DictReader(io.StringIO(browser.get(transactions).getvalue().decode())))
    assert [(row["Amount"], row["Currency"]) for row in rows] == [(filed, currency), (f"-{filed}", currency)]
    selection = select_days(service, is_live=False, first_day=date(2020, 1, 1), last_day=date(2099, 1, 1))
    ledger = list(csv.DictReader(io.StringIO("".join(export_csv(selection, by=TESTER)))))
    assert {row["Debit"] or row["Credit"] for row in ledger} == {filed}
    statement = read_statement("".join(export_xml(selection, by=TESTER)), namespace=NAMESPACE)
    assert [entry.findtext("Amt") for entry in statement.iter("Ntry")] == [filed, filed]
