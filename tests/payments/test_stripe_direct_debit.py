"""Bacs Direct Debit through Stripe over HTTP: the payer's agreement, every end of a payment, and what events do."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gaap.clock import now
from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_payments import direct_debit_states as states
from gaap_payments.models import DirectDebit, GatewayAccount, LedgerLine, Mandate, ReceivedProviderEvent
from gaap_payments.providers.stripe import StripeProvider
from gaap_payments.services.accounts import save_account
from gaap_payments.services.ledger import balances
from gaap_payments.services.settlement import settle_account
from gaap_payments.tasks import sweep_direct_debits
from tests.payments.stripe_peer import StripePeer, running_peer, sign
from tests.payments.test_direct_debit import Payer, collect, create_mandate, get
from tests.payments.test_stripe_journey import send

pytestmark = pytest.mark.django_db

CREDENTIALS = StripeProvider.contract_examples.credentials
SECRET = "whsec_example"
Move = Callable[[timedelta], None]


@pytest.fixture
def peer(settings: Any) -> Iterator[StripePeer]:
    """Stripe on loopback."""
    with running_peer() as one:
        settings.GAAP_PAYMENTS_PROVIDER_ADDRESSES = {"stripe": one.address}
        yield one


@pytest.fixture
def account(service: Service, peer: StripePeer) -> GatewayAccount:
    """The service's Stripe account, in pounds."""
    return save_account(service, provider="stripe", is_live=False, credentials=CREDENTIALS, by=TESTER)


@pytest.fixture
def payer(api: Client, account: GatewayAccount) -> Payer:
    """A payer before the way to Stripe's page."""
    one = Payer(create_mandate(api))
    one.enter()
    return one


@pytest.fixture
def mandate(api: Client, account: GatewayAccount, peer: StripePeer, payer: Payer) -> Mandate:
    """A mandate that the bank has accepted."""
    agreed = peer.agree(session_of(payer))
    payer.browser.get(payer.path("back"))
    tell(account, peer, peer.bank_says(agreed["id"], "accepted"))
    return Mandate.objects.get(pk=payer.id, status=states.ACTIVE)


@pytest.fixture
def debit(api: Client, mandate: Mandate) -> DirectDebit:
    """A payment that the bank works on."""
    assert collect(api, mandate.pk).status_code == 201
    sweep_direct_debits()
    return DirectDebit.objects.get(status=states.PENDING)


def session_of(payer: Payer) -> str:
    return Mandate.objects.get(pk=payer.id).session_id


def event_of(peer: StripePeer, about: Any, kind: str = "x.updated") -> bytes:
    return json.dumps(peer.event(kind, about)).encode()


def tell(account: GatewayAccount, peer: StripePeer, about: Any) -> int:
    """Send an event about an object of the peer's in, and follow it."""
    body = event_of(peer, about)
    return send(account, body, sign(body, secret=SECRET))


def state(api: Client, debit: DirectDebit) -> str:
    return str(get(api, "payments", debit.pk)["state"]["status"])


def asked(peer: StripePeer) -> int:
    """Count the requests for money that reached the bank."""
    return sum(one["object"] == "payment_intent" for one in peer.objects.values())


def test_payer_agrees_on_a_page_of_stripes(api: Client, peer: StripePeer, payer: Payer) -> None:
    html = payer.enter().content.decode()
    session = peer.objects[session_of(payer)]
    assert f'href="{session["url"]}"' in html
    assert (session["mode"], session["methods"]) == ("setup", ["bacs_debit"])
    assert session["success_url"].endswith(payer.path("back"))
    assert get(api, "mandates", payer.id)["state"]["status"] == "started"
    payer.browser.get(payer.path("back"))
    assert get(api, "mandates", payer.id)["state"]["status"] == "started", "the address is not believed"
    agreed = peer.agree(session_of(payer))
    page = payer.browser.get(payer.path("back"), follow=True).content.decode()
    assert "Your Direct Debit is set up" in page
    shown = get(api, "mandates", payer.id)
    assert (shown["state"]["status"], shown["provider_id"]) == ("pending", agreed["id"])
    assert (shown["bank_statement_reference"], shown["payment_provider"]) == ("HBV1DPF7QX", "stripe")
    assert shown["payer"] == {"name": "Sam Lee", "email": "sam@example.org"}


def test_bank_details_never_come_here(api: Client, mandate: Mandate) -> None:
    assert (mandate.account_ending, mandate.bank_account) == ("45", None)
    assert "108800" not in str(list(Mandate.objects.values_list()))


def test_money_is_asked_for_once_and_followed(
    api: Client, account: GatewayAccount, peer: StripePeer, debit: DirectDebit
) -> None:
    intent = peer.objects[debit.provider_id]
    assert (intent["amount"], intent["currency"], intent["status"]) == (12000, "gbp", "processing")
    assert intent["metadata"]["payment_id"] == debit.pk
    tell(account, peer, peer.clear(debit.provider_id))
    assert state(api, debit) == "success"
    tell(account, peer, peer.make_available(debit.provider_id))
    assert state(api, debit) == "paidout"
    assert asked(peer) == 1


@pytest.mark.parametrize(
    ("network_status", "status"), [("refused", "failed"), ("accepted", "active"), ("pending", "pending")]
)
def test_bank_decides_on_a_new_mandate(
    api: Client, account: GatewayAccount, peer: StripePeer, payer: Payer, network_status: str, status: str
) -> None:
    agreed = peer.agree(session_of(payer))
    payer.browser.get(payer.path("back"))
    tell(account, peer, peer.bank_says(agreed["id"], network_status))
    assert get(api, "mandates", payer.id)["state"]["status"] == status


def test_mandate_cancelled_by_the_bank(
    api: Client, account: GatewayAccount, peer: StripePeer, mandate: Mandate
) -> None:
    tell(account, peer, peer.bank_says(mandate.provider_id, "revoked"))
    assert get(api, "mandates", mandate.pk)["state"]["status"] == "cancelled"
    answer = collect(api, mandate.pk)
    assert (answer.status_code, answer.json()["field"]) == (422, "mandate_id")
    assert asked(peer) == 0


def test_mandate_that_lapsed(api: Client, account: GatewayAccount, peer: StripePeer, mandate: Mandate) -> None:
    tell(account, peer, peer.lapse(mandate.provider_id))
    assert get(api, "mandates", mandate.pk)["state"]["status"] == "inactive"


def test_mandate_that_ended_while_nobody_told(api: Client, peer: StripePeer, mandate: Mandate) -> None:
    """Stripe refuses; no money moves, and the reason stands on the payment."""
    peer.bank_says(mandate.provider_id, "revoked")
    collect(api, mandate.pk)
    sweep_direct_debits()
    debit = DirectDebit.objects.get()
    assert (debit.status, "payment_intent_mandate_invalid" in debit.failure) == (states.ERROR, True)
    assert asked(peer) == 0


def test_bank_does_not_pay(api: Client, account: GatewayAccount, peer: StripePeer, debit: DirectDebit) -> None:
    tell(account, peer, peer.bounce(debit.provider_id))
    debit.refresh_from_db()
    assert (state(api, debit), debit.failure) == ("failed", "insufficient_funds")


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("insufficient_funds", "failed"),
        ("bank_cannot_process", "failed"),
        ("incorrect_account_details", "failed"),
        ("debit_not_authorized", "indemnityclaim"),
        ("general", "indemnityclaim"),
    ],
)
@pytest.mark.parametrize("is_paid_out", [False, True])
def test_payment_that_comes_back(
    api: Client,
    account: GatewayAccount,
    peer: StripePeer,
    debit: DirectDebit,
    reason: str,
    status: str,
    is_paid_out: bool,
) -> None:
    tell(account, peer, peer.clear(debit.provider_id))
    if is_paid_out:
        tell(account, peer, peer.make_available(debit.provider_id))
    tell(account, peer, peer.dispute(debit.provider_id, reason=reason, status="lost"))
    debit.refresh_from_db()
    assert (state(api, debit), debit.failure) == (status, reason)


def test_claim_that_is_refused(api: Client, account: GatewayAccount, peer: StripePeer, debit: DirectDebit) -> None:
    peer.clear(debit.provider_id)
    claim = peer.dispute(debit.provider_id, reason="debit_not_authorized")
    tell(account, peer, claim)
    assert state(api, debit) == "indemnityclaim"
    claim["status"] = "won"
    tell(account, peer, claim)
    assert state(api, debit) == "paidout"


class TestEvents:
    """Forged, replayed, reordered and lost ones all end in the right state."""

    def test_forged(self, api: Client, account: GatewayAccount, peer: StripePeer, debit: DirectDebit) -> None:
        body = event_of(peer, peer.clear(debit.provider_id))
        assert send(account, body, sign(body, secret="whsec_forged")) == 400
        assert state(api, debit) == "pending"

    def test_lying_but_signed(self, api: Client, account: GatewayAccount, peer: StripePeer, debit: DirectDebit) -> None:
        assert tell(account, peer, {**peer.objects[debit.provider_id], "status": "succeeded"}) == 204
        assert state(api, debit) == "pending"

    def test_replayed(self, api: Client, account: GatewayAccount, peer: StripePeer, debit: DirectDebit) -> None:
        body = event_of(peer, peer.clear(debit.provider_id))
        for _ in range(3):
            assert send(account, body, sign(body, secret=SECRET)) == 204
        assert state(api, debit) == "success"
        assert ReceivedProviderEvent.objects.filter(failure="Received before.").count() == 2

    def test_reordered(self, api: Client, account: GatewayAccount, peer: StripePeer, debit: DirectDebit) -> None:
        """The claim is told of first, then the success before it, then that the bank works on it."""
        early = event_of(peer, peer.objects[debit.provider_id])
        paid = event_of(peer, peer.clear(debit.provider_id))
        claim = event_of(peer, peer.dispute(debit.provider_id, reason="debit_not_authorized", status="lost"))
        for body in (claim, paid, early):
            send(account, body, sign(body, secret=SECRET))
            assert state(api, debit) == "indemnityclaim"

    def test_lost(self, api: Client, peer: StripePeer, payer: Payer, move_clock: Move) -> None:
        """No event ever arrives, and the payer closes the browser at Stripe: everything is found out by asking."""
        agreed = peer.agree(session_of(payer))
        peer.bank_says(agreed["id"], "accepted")
        move_clock(timedelta(hours=2))
        sweep_direct_debits()
        assert get(api, "mandates", payer.id)["state"]["status"] == "active"
        collect(api, payer.id)
        sweep_direct_debits()
        debit = DirectDebit.objects.get()
        peer.clear(debit.provider_id)
        move_clock(timedelta(hours=9))
        sweep_direct_debits()
        assert state(api, debit) == "success"
        peer.bank_says(agreed["id"], "revoked")
        move_clock(timedelta(hours=18))
        sweep_direct_debits()
        assert get(api, "mandates", payer.id)["state"]["status"] == "cancelled"

    def test_of_nobody(self, account: GatewayAccount, peer: StripePeer, debit: DirectDebit) -> None:
        assert tell(account, peer, {**peer.objects[debit.provider_id], "id": "pi_of_somebody_else"}) == 204
        assert DirectDebit.objects.get().status == states.PENDING


def test_answer_that_is_lost(
    api: Client, account: GatewayAccount, peer: StripePeer, mandate: Mandate, move_clock: Move
) -> None:
    """Every try of the library's is lost after the work is done; an hour later the same key finds the same payment."""
    collect(api, mandate.pk)
    peer.lost_posts = 3
    sweep_direct_debits()
    assert (DirectDebit.objects.get().status, asked(peer)) == (states.CREATED, 1)
    move_clock(timedelta(hours=2))
    sweep_direct_debits()
    assert DirectDebit.objects.get().status == states.PENDING
    assert asked(peer) == 1


def test_process_that_dies_after_asking(api: Client, peer: StripePeer, debit: DirectDebit) -> None:
    """The payment is found again among the payer's, on the second page of Stripe's list, and not asked for twice."""
    for number in range(3):
        collect(api, debit.mandate_id, reference=f"later-{number}")
    sweep_direct_debits()
    count = asked(peer)
    DirectDebit.objects.filter(pk=debit.pk).update(status=states.SUBMITTING, provider_id="", due_at=now())
    sweep_direct_debits()
    found = DirectDebit.objects.get(pk=debit.pk)
    assert (found.status, found.provider_id, asked(peer)) == (states.PENDING, debit.provider_id, count)


def test_payout_with_a_direct_debit_leaves_the_books_even(
    account: GatewayAccount, peer: StripePeer, debit: DirectDebit
) -> None:
    peer.clear(debit.provider_id)
    peer.pay_out()
    settle_account(account)
    assert balances(account)[("bank", "GBP")] == 11980
    assert balances(account)[("provider", "GBP")] == 0
    assert sum(LedgerLine.objects.values_list("amount", flat=True)) == 0


def test_only_in_pounds(api: Client, service: Service, peer: StripePeer) -> None:
    save_account(service, provider="stripe", is_live=False, currency_code="VND", credentials=CREDENTIALS, by=TESTER)
    answer = api.post(
        "/v1/directdebit/mandates", {"reference": "r", "return_url": "https://a.example/"}, "application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "P0930")
    assert not Mandate.objects.exists()
