"""What a company's card costs on top: shown, charged, refunded and booked."""

import pytest
from django.test import Client

from gaap.testing.plugin import TESTER
from gaap_payments.models import GatewayAccount, SandboxCharge
from gaap_payments.services.accounts import save_settings
from gaap_payments.services.ledger import balances
from tests.payments.support import Citizen, create, get, work

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("number", "surcharge"),
    [
        ("4988080000000000", 250),
        ("4293189100000008", 150),
        ("4131840000000003", 75),
        ("4242424242424242", 0),
        ("4000160000000004", 0),
    ],
)
def test_surcharge_by_kind_of_card(api: Client, account: GatewayAccount, number: str, surcharge: int) -> None:
    save_settings(account.service, by=TESTER, credit_surcharge=250, debit_surcharge=150, prepaid_surcharge=75)
    created = create(api)
    Citizen(created).pay(card_no=number)
    work()
    paid = get(api, created["payment_id"])
    if surcharge:
        assert (paid["corporate_card_surcharge"], paid["total_amount"]) == (surcharge, 2000 + surcharge)
    else:
        assert "corporate_card_surcharge" not in paid
        assert "total_amount" not in paid
    assert paid["amount"] == 2000
    assert SandboxCharge.objects.get().amount == 2000 + surcharge
    assert paid["refund_summary"]["amount_available"] == 2000 + surcharge
    assert balances(account)[("provider", "GBP")] == 2000 + surcharge
    assert balances(account).get(("surcharges", "GBP"), 0) == -surcharge


def test_total_is_what_the_citizen_confirms(api: Client, account: GatewayAccount) -> None:
    save_settings(account.service, by=TESTER, credit_surcharge=250)
    citizen = Citizen(create(api))
    citizen.enter()
    citizen.send_card(card_no="4988080000000000")
    assert "£22.50" in citizen.get("confirm").content.decode()
