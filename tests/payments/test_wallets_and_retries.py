"""Wallet buttons, another try after a declined card, and services that want their citizens back at once."""

from typing import Any

import pytest
from django.test import Client

from gaap.testing.plugin import TESTER
from gaap_payments import states
from gaap_payments.models import GatewayAccount, Payment, ProviderOperation, SandboxCharge
from gaap_payments.services.accounts import save_settings
from gaap_payments.services.retries import MAXIMUM_CARD_TRIES
from tests.payments.support import DECLINED_CARD, ERROR_CARD, ORDER, Citizen, create, get, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def citizen(api: Client, account: GatewayAccount) -> Citizen:
    """A citizen before the card page."""
    return started(api)


@pytest.fixture
def patient(api: Client, account: GatewayAccount) -> Citizen:
    """A citizen of a service that lets them try again."""
    save_settings(account.service, by=TESTER, allows_retry=True)
    return started(api)


def started(api: Client, **changes: Any) -> Citizen:
    one = Citizen(create(api, **changes))
    one.enter()
    return one


@pytest.mark.parametrize("wallet", ["Apple Pay", "Google Pay"])
def test_wallet_pays_with_nothing_left_to_confirm(api: Client, citizen: Citizen, wallet: str) -> None:
    assert f'value="{wallet}"' in citizen.get().content.decode()
    assert citizen.post("wallet", wallet=wallet)["Location"] == f"/return/{citizen.payment_id}"
    work()
    paid = get(api, citizen.payment_id)
    assert (paid["state"]["status"], paid["card_details"]["wallet_type"]) == ("success", wallet)
    assert paid["card_details"]["first_digits_card_number"] is None
    assert paid["settlement_summary"]["captured_date"]


@pytest.mark.parametrize(
    ("description", "code"), [("a DECLINED wallet", "P0010"), ("REFUSED", "P0010"), ("ERROR in it", "P0050")]
)
def test_words_that_decide_what_a_wallet_does(
    api: Client, account: GatewayAccount, description: str, code: str
) -> None:
    citizen = started(api, description=description)
    assert citizen.post("wallet", wallet="Apple Pay")["Location"] == citizen.path()
    assert get(api, citizen.payment_id)["state"]["code"] == code


def test_delayed_capture_waits_for_the_service_with_a_wallet_too(api: Client, account: GatewayAccount) -> None:
    citizen = started(api, delayed_capture=True)
    citizen.post("wallet", wallet="Apple Pay")
    assert get(api, citizen.payment_id)["state"]["status"] == "capturable"


@pytest.mark.parametrize("wallet", ["", "Unknown Pay"])
def test_unknown_wallets_pay_nothing(citizen: Citizen, wallet: str) -> None:
    assert citizen.post("wallet", wallet=wallet)["Location"] == citizen.path()
    assert citizen.get("wallet").status_code == 303
    assert Payment.objects.get().status == states.STARTED


def test_no_wallet_by_telephone(api: Client, account: GatewayAccount) -> None:
    save_settings(account.service, by=TESTER, allows_moto=True)
    citizen = started(api, moto=True)
    assert "Apple Pay" not in citizen.get().content.decode()
    citizen.post("wallet", wallet="Apple Pay")
    assert Payment.objects.get().status == states.STARTED


def test_declined_card_ends_the_payment_unless_the_service_says_otherwise(citizen: Citizen) -> None:
    citizen.send_card(card_no=DECLINED_CARD)
    assert Payment.objects.get().status == states.DECLINED


def test_another_card_after_a_declined_one(api: Client, patient: Citizen) -> None:
    assert patient.send_card(card_no=DECLINED_CARD)["Location"] == patient.path()
    page = patient.get().content.decode()
    assert "Your card was declined" in page
    assert 'id="card-no"' in page
    assert get(api, patient.payment_id)["state"] == {"status": "started", "finished": False}
    patient.send_card()
    patient.post("confirm")
    work()
    assert get(api, patient.payment_id)["state"]["status"] == "success"
    charges = SandboxCharge.objects.order_by("created_at").values_list("status", flat=True)
    assert list(charges) == ["declined", "captured"]
    tries = ProviderOperation.objects.filter(kind="authorise").values_list("number", "outcome")
    assert sorted(tries) == [(1, "done"), (2, "done")]
    events = api.get(f"/v1/payments/{patient.payment_id}/events").json()["events"]
    assert [event["state"]["status"] for event in events] == ["created", "started", "submitted", "success"]


def test_tries_come_to_an_end(patient: Citizen) -> None:
    for _ in range(MAXIMUM_CARD_TRIES):
        assert Payment.objects.get().status == states.STARTED
        patient.get()
        patient.send_card(card_no=DECLINED_CARD)
    assert Payment.objects.get().status == states.DECLINED
    assert SandboxCharge.objects.count() == MAXIMUM_CARD_TRIES


def test_errors_are_not_tried_again(patient: Citizen) -> None:
    patient.send_card(card_no=ERROR_CARD)
    assert Payment.objects.get().status == states.AUTHORISATION_ERROR


def test_refused_challenge_may_be_tried_again(patient: Citizen) -> None:
    patient.send_card(card_no="4000002500003155")
    SandboxCharge.objects.update(bank_answer="refused")
    patient.post("3ds_handler")
    assert Payment.objects.get().status == states.STARTED
    patient.get()
    patient.send_card()
    assert Payment.objects.get().status == states.SUBMITTED


def test_cancelled_between_two_tries(patient: Citizen) -> None:
    patient.send_card(card_no=DECLINED_CARD)
    patient.post("cancel")
    work()
    assert Payment.objects.get().status == states.CANCELLED_BY_USER


@pytest.mark.parametrize("card", [DECLINED_CARD, ERROR_CARD])
def test_services_may_want_their_citizens_back_at_once(api: Client, account: GatewayAccount, card: str) -> None:
    save_settings(account.service, by=TESTER, returns_at_once=True)
    citizen = started(api)
    assert "form-action 'self' https://service.example" in citizen.get()["Content-Security-Policy"]
    citizen.send_card(card_no=card)
    assert citizen.get()["Location"] == f"/return/{citizen.payment_id}"
    assert citizen.browser.get(f"/return/{citizen.payment_id}")["Location"] == ORDER["return_url"]
