"""Paying through Stripe, from the service's request to the captured money: what the browser does, what events do."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gaap.clock import now
from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_payments import states
from gaap_payments.errors import AccountRefusedError
from gaap_payments.models import GatewayAccount, Payment, PaymentEvent, ReceivedProviderEvent
from gaap_payments.providers.stripe import StripeProvider
from gaap_payments.services.accounts import save_account, save_card_types, save_settings
from gaap_payments.tasks import sweep_payments, sweep_provider_events
from tests.payments.stripe_peer import StripePeer, running_peer, sign
from tests.payments.support import ANSWERS, Citizen, create, get

pytestmark = pytest.mark.django_db

CREDENTIALS = StripeProvider.contract_examples.credentials
PAYER = {
    name: value for name, value in ANSWERS.items() if name not in ("card_no", "cvc", "expiry_month", "expiry_year")
}
DECLINED = "4000000000009995"


@pytest.fixture
def peer(settings: Any) -> Iterator[StripePeer]:
    """Stripe on loopback."""
    with running_peer() as one:
        settings.GAAP_PAYMENTS_PROVIDER_ADDRESSES = {"stripe": one.address}
        yield one


@pytest.fixture
def account(service: Service, peer: StripePeer) -> GatewayAccount:
    """The service's Stripe account."""
    return save_account(service, provider="stripe", is_live=False, credentials=CREDENTIALS, by=TESTER)


@pytest.fixture
def citizen(api: Client, account: GatewayAccount) -> Citizen:
    """A citizen before Stripe's fields."""
    return at_the_fields(api)


def at_the_fields(api: Client, **changes: Any) -> Citizen:
    one = Citizen(create(api, **changes))
    one.enter()
    assert one.post(**PAYER)["Location"] == one.path("provider_fields")
    return one


def intent_of(citizen: Citizen) -> str:
    return Payment.objects.get(pk=citizen.payment_id).session_id


def tell(
    account: GatewayAccount, peer: StripePeer, intent_id: str, *, kind: str = "payment_intent.x", **changes: Any
) -> Any:
    """Send an event of the peer's in, and follow what came."""
    body = json.dumps({**peer.event(kind, peer.objects[intent_id]), **changes}).encode()
    return send(account, body, sign(body, secret="whsec_example"))


def send(account: GatewayAccount, body: bytes, signature: str) -> int:
    answer = Client().generic(
        "POST",
        f"/provider-events/payments/stripe/{account.pk}",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": signature},
    )
    sweep_provider_events()
    return answer.status_code


def test_citizen_pays_and_no_card_number_comes_here(api: Client, peer: StripePeer, citizen: Citizen) -> None:
    page = citizen.get("provider_fields")
    html = page.content.decode()
    assert f'data-secret="{intent_of(citizen)}_secret_x"' in html
    assert 'data-payer-name="Nguyễn Thị Ngọc"' in html
    peer.pay(intent_of(citizen))
    assert citizen.get("provider_fields?payment_intent=forged&redirect_status=succeeded").status_code == 303
    shown = get(api, citizen.payment_id)
    assert (shown["state"]["status"], shown["payment_provider"]) == ("submitted", "stripe")
    assert shown["card_details"]["last_digits_card_number"] == "4242"
    citizen.post("confirm")
    sweep_payments()
    paid = get(api, citizen.payment_id)
    assert paid["state"]["status"] == "success"
    assert paid["settlement_summary"]["captured_date"]
    assert paid["email"] == "ngoc@example.org"


def test_none_of_our_pages_has_a_card_field(citizen: Citizen) -> None:
    for stage in ("", "provider_fields"):
        html = citizen.get(stage).content.decode()
        names = re.findall(r'<(?:input|select)[^>]* name="([^"]+)"', html)
        assert not {"card_no", "cvc", "expiry_month", "expiry_year"} & set(names)
        assert "cc-number" not in html


def test_policy_is_widened_for_that_page_alone(citizen: Citizen) -> None:
    wide = citizen.get("provider_fields")["Content-Security-Policy"]
    assert "script-src 'self' https://js.stripe.com https://*.js.stripe.com" in wide
    assert "unsafe" not in wide
    assert "stripe" not in citizen.get("")["Content-Security-Policy"]


def test_card_sent_to_us_all_the_same_is_not_read(citizen: Citizen, peer: StripePeer) -> None:
    citizen.post(**ANSWERS)
    assert Payment.objects.get().status == states.STARTED
    assert "4242424242424242" not in json.dumps(peer.objects)


def test_nothing_happens_before_the_citizen_did_something(citizen: Citizen, peer: StripePeer) -> None:
    for _ in range(2):
        assert citizen.get("provider_fields").status_code == 200
    peer.pay(intent_of(citizen), "4000002500003155")
    assert citizen.get("provider_fields").status_code == 200
    assert Payment.objects.get().status == states.STARTED


def test_challenge_passed_at_stripe(api: Client, citizen: Citizen, peer: StripePeer) -> None:
    peer.pay(intent_of(citizen), "4000002500003155")
    peer.authenticate(intent_of(citizen), succeeds=True)
    citizen.get("provider_fields")
    assert get(api, citizen.payment_id)["authorisation_summary"] == {"three_d_secure": {"required": True}}


def test_wallet_needs_no_confirmation(api: Client, citizen: Citizen, peer: StripePeer) -> None:
    peer.pay(intent_of(citizen), wallet="apple_pay")
    citizen.get("provider_fields")
    paid = get(api, citizen.payment_id)
    assert (paid["state"]["status"], paid["card_details"]["wallet_type"]) == ("success", "Apple Pay")


def test_declined_card_ends_the_payment_at_stripe_too(citizen: Citizen, peer: StripePeer) -> None:
    """Else the citizen's page, still open in another tab, could pay what is over for us."""
    peer.pay(intent_of(citizen), DECLINED)
    citizen.get("provider_fields")
    assert Payment.objects.get().status == states.DECLINED
    assert peer.objects[intent_of(citizen)]["status"] == "canceled"


def test_card_that_the_account_does_not_take_is_let_go(
    account: GatewayAccount, citizen: Citizen, peer: StripePeer
) -> None:
    save_card_types(account, card_types={"debit": ["Visa"], "credit": ["Mastercard"]}, by=TESTER)
    assert "Debit cards: Visa" in citizen.get("provider_fields").content.decode()
    peer.pay(intent_of(citizen))
    citizen.get("provider_fields")
    payment = Payment.objects.get()
    assert (payment.status, payment.card_brand, payment.card_type) == (states.DECLINED, "Visa", "credit")
    assert peer.objects[intent_of(citizen)]["status"] == "canceled"


def test_another_try_gets_another_session(account: GatewayAccount, citizen: Citizen, peer: StripePeer) -> None:
    save_settings(account.service, by=TESTER, allows_retry=True)
    first = intent_of(citizen)
    peer.pay(first, DECLINED)
    assert citizen.get("provider_fields")["Location"] == citizen.path()
    assert "Your card was declined" in citizen.get().content.decode()
    second = intent_of(citizen)
    assert second != first
    assert peer.objects[first]["status"] == "canceled"
    peer.pay(second)
    citizen.get("provider_fields")
    assert Payment.objects.get().status == states.SUBMITTED


def test_provider_that_does_not_answer(citizen: Citizen, peer: StripePeer) -> None:
    peer.failures = [500] * 6
    assert citizen.get("provider_fields").status_code == 503
    peer.failures = []
    assert citizen.get("provider_fields").status_code == 200


def test_cancelled_by_the_citizen_at_stripe_too(citizen: Citizen, peer: StripePeer) -> None:
    peer.pay(intent_of(citizen))
    citizen.post("cancel")
    sweep_payments()
    assert Payment.objects.get().status == states.CANCELLED_BY_USER
    assert peer.objects[intent_of(citizen)]["status"] == "canceled"


class TestEvents:
    """Forged, replayed, reordered and lost ones all end in the right state."""

    def test_browser_that_never_came_back(self, account: GatewayAccount, citizen: Citizen, peer: StripePeer) -> None:
        peer.pay(intent_of(citizen))
        assert tell(account, peer, intent_of(citizen), kind="payment_intent.amount_capturable_updated") == 204
        assert Payment.objects.get().status == states.SUBMITTED

    def test_forged(self, account: GatewayAccount, citizen: Citizen, peer: StripePeer) -> None:
        peer.pay(intent_of(citizen))
        body = json.dumps(peer.event("payment_intent.succeeded", peer.objects[intent_of(citizen)])).encode()
        assert send(account, body, sign(body, secret="whsec_forged")) == 400
        assert Payment.objects.get().status == states.STARTED

    def test_lying_but_signed(self, account: GatewayAccount, citizen: Citizen, peer: StripePeer) -> None:
        """What an event says is not believed: the intent is fetched, and nobody has paid."""
        lie = {"object": {**peer.objects[intent_of(citizen)], "status": "succeeded"}}
        assert tell(account, peer, intent_of(citizen), data=lie) == 204
        assert Payment.objects.get().status == states.STARTED

    def test_replayed(self, account: GatewayAccount, citizen: Citizen, peer: StripePeer) -> None:
        peer.pay(intent_of(citizen))
        for _ in range(3):
            assert tell(account, peer, intent_of(citizen), id="evt_same") == 204
        assert PaymentEvent.objects.filter(status=states.SUBMITTED).count() == 1
        assert ReceivedProviderEvent.objects.exclude(event_id="").count() == 1

    def test_reordered(self, account: GatewayAccount, citizen: Citizen, peer: StripePeer) -> None:
        """The failure of the first card arrives after the second one was authorised."""
        save_settings(account.service, by=TESTER, allows_retry=True)
        peer.pay(intent_of(citizen), DECLINED)
        late = json.dumps(peer.event("payment_intent.payment_failed", peer.objects[intent_of(citizen)])).encode()
        peer.pay(intent_of(citizen))
        tell(account, peer, intent_of(citizen), kind="payment_intent.amount_capturable_updated")
        send(account, late, sign(late, secret="whsec_example"))
        assert Payment.objects.get().status == states.SUBMITTED

    def test_decline_is_left_to_the_citizens_page_while_they_may_try_again(
        self, account: GatewayAccount, citizen: Citizen, peer: StripePeer
    ) -> None:
        save_settings(account.service, by=TESTER, allows_retry=True)
        intent = intent_of(citizen)
        peer.pay(intent, DECLINED)
        tell(account, peer, intent, kind="payment_intent.payment_failed")
        assert (Payment.objects.get().status, intent_of(citizen)) == (states.STARTED, intent)

    def test_decline_of_a_closed_browser(self, account: GatewayAccount, citizen: Citizen, peer: StripePeer) -> None:
        peer.pay(intent_of(citizen), DECLINED)
        tell(account, peer, intent_of(citizen), kind="payment_intent.payment_failed")
        assert Payment.objects.get().status == states.DECLINED

    def test_all_lost_and_the_browser_too(
        self, account: GatewayAccount, citizen: Citizen, peer: StripePeer, move_clock: Any
    ) -> None:
        """After 90 minutes the payment expires, and the money that was held is let go."""
        peer.pay(intent_of(citizen))
        move_clock(timedelta(minutes=91))
        sweep_payments()
        sweep_payments()
        assert Payment.objects.get().status == states.EXPIRED
        assert peer.objects[intent_of(citizen)]["status"] == "canceled"

    def test_of_another_account(self, service: Service, citizen: Citizen, peer: StripePeer) -> None:
        """Another account's secret opens nothing here, and its events name nothing of ours."""
        other_secrets: Any = {**CREDENTIALS, "webhook_secrets": ["whsec_b"]}
        other = GatewayAccount.objects.create(
            service=service, provider="stripe", is_enabled=False, credentials=other_secrets
        )
        peer.pay(intent_of(citizen))
        body = json.dumps(peer.event("payment_intent.succeeded", peer.objects[intent_of(citizen)])).encode()
        assert send(other, body, sign(body, secret="whsec_example")) == 400
        assert send(other, body, sign(body, secret="whsec_b")) == 204
        assert Payment.objects.get().status == states.STARTED

    def test_death_between_asking_and_noting(self, citizen: Citizen, peer: StripePeer) -> None:
        peer.pay(intent_of(citizen), DECLINED)
        Payment.objects.update(status=states.AUTHORISATION_READY, due_at=now())
        sweep_payments()
        assert Payment.objects.get().status == states.DECLINED
        assert peer.objects[intent_of(citizen)]["status"] == "canceled"

    def test_capture_whose_answer_was_lost(self, citizen: Citizen, peer: StripePeer) -> None:
        peer.pay(intent_of(citizen))
        citizen.get("provider_fields")
        peer.lost_answers = 3
        citizen.post("confirm")
        sweep_payments()
        Payment.objects.update(due_at=now())
        sweep_payments()
        assert Payment.objects.get().status == states.CAPTURED
        assert sum(one["object"] == "balance_transaction" for one in peer.objects.values()) == 1


@pytest.mark.parametrize(
    "change",
    [{"secret_key": "sk_live_x"}, {"publishable_key": "pk_live_x"}, {"webhook_secrets": []}, {"secret_key": "rubbish"}],
)
def test_accounts_with_wrong_keys_are_refused(service: Service, change: dict[str, Any]) -> None:
    with pytest.raises(AccountRefusedError):
        save_account(service, provider="stripe", is_live=False, credentials={**CREDENTIALS, **change}, by=TESTER)
