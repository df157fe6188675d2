"""The Stripe adapter, unmodified, against localstripe over HTTP: a Stripe that we did not write.

Authorisation, 3DS, capture, partial refunds, a decline, payments without the citizen, and signed events. How
localstripe differs from today's Stripe on the wire, and what is done about that, stands in ``localstripe_peer``. What
it cannot do is left to our own peer (``test_stripe_provider``, ``test_stripe_journey``, ``test_stripe_direct_debit``):

- it ignores idempotency keys, so nothing is repeated here;
- it gives back more than was taken, and captures what was cancelled: neither is tried here;
- of Stripe's cards that are declined it declines one kind when charged, without a ``decline_code``: reasons and their
  consequences are not told apart here;
- it does not say whether a charge was challenged, takes no fee, and lets a card that asks for proof go on asking when
  the citizen is not there, where Stripe declines it;
- it has no wallets, disputes, evidence, Bacs Direct Debit, Checkout, or payouts that list what they hold;
- its only events about payments are ``payment_intent.succeeded`` and ``payment_intent.payment_failed``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from gaap.identifiers import new_base32_id
from gaap.organisations.models import Service
from gaap.providers.errors import ProviderError
from gaap.testing.plugin import TESTER
from gaap_payments import states
from gaap_payments.models import GatewayAccount, Payment, ReceivedProviderEvent
from gaap_payments.providers.base import ChargeReference, Outcome, PaymentOrder, ProviderAccount, RefundOutcome
from gaap_payments.providers.stripe import StripeProvider
from gaap_payments.services.accounts import save_account, save_settings
from gaap_payments.tasks import sweep_payments, sweep_provider_events, sweep_refunds
from tests.payments.localstripe_peer import LocalStripe, running_localstripe
from tests.payments.support import create, get
from tests.payments.test_stripe_journey import CREDENTIALS, at_the_fields, intent_of
from tests.processes import wait_until

AMOUNT = 2000
CHALLENGED = "4000002500003155"
CHARGE_DECLINED = "4000000000000341"
#: localstripe delivers an event a second after it happened.
DELIVERING_SECONDS = 30


@pytest.fixture
def local(tmp_path: Path, settings: Any) -> Iterator[LocalStripe]:
    """localstripe on loopback, where the adapter looks for Stripe."""
    with running_localstripe(tmp_path) as one:
        settings.GAAP_PAYMENTS_PROVIDER_ADDRESSES = {"stripe": one.address}
        yield one


class TestAdapter:
    """Each verb of the adapter by itself."""

    @pytest.fixture
    def stripe(self, local: LocalStripe) -> StripeProvider:
        """The adapter, for a test account."""
        return StripeProvider(ProviderAccount("a", is_live=False, credentials=CREDENTIALS))

    def opened(self, stripe: StripeProvider, **changes: Any) -> ChargeReference:
        payment_id = new_base32_id()
        order = PaymentOrder(payment_id, AMOUNT, changes.pop("currency", "GBP"), "ref", "what for", "en", **changes)
        return ChargeReference(payment_id, stripe.create_session(order, idempotency_key=f"{payment_id}-session-1"))

    def captured(self, stripe: StripeProvider, local: LocalStripe) -> ChargeReference:
        charge = self.opened(stripe)
        local.pay(charge.session_id)
        stripe.capture(charge, idempotency_key="capture-1")
        return charge

    @pytest.mark.parametrize("currency", ["GBP", "VND"])
    def test_money_is_authorised_and_then_captured(
        self, stripe: StripeProvider, local: LocalStripe, currency: str
    ) -> None:
        charge = self.opened(stripe, currency=currency)
        intent = local.intent(charge.session_id)
        assert (intent["amount"], intent["currency"], intent["status"]) == (
            AMOUNT,
            currency.lower(),
            "requires_payment_method",
        )
        assert intent["metadata"] == {"payment_id": charge.payment_id, "reference": "ref"}
        assert stripe.query(charge).outcome is Outcome.OPEN
        local.pay(charge.session_id)
        status = stripe.query(charge)
        assert (status.outcome, status.provider_id, status.captured_at) == (
            Outcome.AUTHORISED,
            charge.session_id,
            None,
        )
        assert status.card is not None
        assert (status.card.brand, status.card.type, status.card.last_digits) == ("Visa", "credit", "4242")
        assert status.card.expiry_date == "12/39"
        taken = stripe.capture(charge, idempotency_key="capture-1")
        assert (taken.outcome, taken.fee) == (Outcome.CAPTURED, 0)
        assert taken.captured_at is not None
        assert local.intent(charge.session_id)["status"] == "succeeded"

    @pytest.mark.parametrize(("succeeds", "outcome"), [(True, Outcome.AUTHORISED), (False, Outcome.DECLINED)])
    def test_three_d_secure(self, stripe: StripeProvider, local: LocalStripe, succeeds: bool, outcome: Outcome) -> None:
        charge = self.opened(stripe)
        local.pay(charge.session_id, CHALLENGED)
        assert local.intent(charge.session_id)["status"] == "requires_action"
        assert stripe.query(charge).outcome is Outcome.OPEN
        assert local.authenticate(charge.session_id, succeeds=succeeds).is_success
        status = stripe.query(charge)
        assert status.outcome is outcome
        assert status.reason == ("" if succeeds else "payment_intent_authentication_failure")

    def test_decline(self, stripe: StripeProvider, local: LocalStripe) -> None:
        charge = self.opened(stripe)
        assert local.pay(charge.session_id, CHARGE_DECLINED).status_code == 402
        status = stripe.query(charge)
        assert (status.outcome, status.reason, status.can_retry) == (Outcome.DECLINED, "card_declined", True)
        assert status.card is not None
        assert status.card.last_digits == "0341"
        with pytest.raises(ProviderError):
            stripe.capture(charge, idempotency_key="capture-1")

    def test_authorised_money_is_let_go(self, stripe: StripeProvider, local: LocalStripe) -> None:
        charge = self.opened(stripe)
        local.pay(charge.session_id)
        assert stripe.cancel(charge, idempotency_key="cancel-1").outcome is Outcome.CANCELLED
        assert local.intent(charge.session_id)["status"] == "canceled"
        assert stripe.cancel(charge, idempotency_key="cancel-2").outcome is Outcome.CANCELLED

    def test_capture_that_was_done_already_is_known(self, stripe: StripeProvider, local: LocalStripe) -> None:
        charge = self.captured(stripe, local)
        assert stripe.capture(charge, idempotency_key="capture-2").outcome is Outcome.CAPTURED
        with pytest.raises(ProviderError):
            stripe.cancel(charge, idempotency_key="cancel-1")

    def test_partial_refunds(self, stripe: StripeProvider, local: LocalStripe) -> None:
        charge = self.captured(stripe, local)
        first = stripe.refund(charge, amount=1500, idempotency_key="refund-1")
        second = stripe.refund(charge, amount=500, idempotency_key="refund-2")
        assert first.outcome is second.outcome is RefundOutcome.SUCCESS
        assert local.intent(charge.session_id)["latest_charge"]["amount_refunded"] == AMOUNT
        for made, key in ((first, "refund-1"), (second, "refund-2")):
            assert stripe.query_refund(charge, provider_id=made.provider_id, idempotency_key=key) == made
            assert stripe.query_refund(charge, provider_id="", idempotency_key=key) == made
        unknown = stripe.query_refund(charge, provider_id="", idempotency_key="refund-3")
        assert unknown.outcome is RefundOutcome.UNKNOWN

    def test_nothing_is_refunded_before_it_was_paid(self, stripe: StripeProvider, local: LocalStripe) -> None:
        charge = self.opened(stripe)
        with pytest.raises(ProviderError) as refused:
            stripe.refund(charge, amount=1, idempotency_key="refund-1")
        assert refused.value.permanent

    def test_card_is_kept_and_used_without_the_citizen(self, stripe: StripeProvider, local: LocalStripe) -> None:
        charge = self.opened(stripe, saves_instrument=True)
        local.pay(charge.session_id)
        intent = local.intent(charge.session_id)
        instrument = stripe.query(charge).instrument_id
        assert instrument == f"{intent['customer']}/{intent['payment_method']}"
        again = self.opened(stripe)
        assert stripe.authorise_stored(again, instrument, idempotency_key="stored-1").outcome is Outcome.AUTHORISED
        used = local.intent(again.session_id)
        assert (used["customer"], used["payment_method"]) == (intent["customer"], intent["payment_method"])

    def test_kept_card_is_declined_without_the_citizen(self, stripe: StripeProvider, local: LocalStripe) -> None:
        charge, kept = self.opened(stripe), local.keep_card(CHARGE_DECLINED)
        status = stripe.authorise_stored(charge, kept, idempotency_key="stored-1")
        assert (status.outcome, status.can_retry) == (Outcome.DECLINED, True)

    def test_intent_that_is_not_there(self, stripe: StripeProvider, local: LocalStripe) -> None:
        with pytest.raises(ProviderError) as refused:
            stripe.query(ChargeReference("p", "pi_none"))
        assert refused.value.permanent


@pytest.mark.django_db(transaction=True)
class TestJourney:
    """A service's request, the citizen's pages and localstripe's events over HTTP."""

    @pytest.fixture
    def account(self, service: Service, local: LocalStripe, live_server: LiveServer) -> GatewayAccount:
        """The service's Stripe account, whose events come in at the running server."""
        account = save_account(service, provider="stripe", is_live=False, credentials=CREDENTIALS, by=TESTER)
        address = f"{live_server.url}/provider-events/payments/stripe/{account.pk}"
        local.send_events_to(address, secret=StripeProvider.contract_examples.credentials["webhook_secrets"][0])
        return account

    def hear(self, account: GatewayAccount, *, events: int = 1) -> None:
        """Wait until that many events came in, signed as they should be, then follow them."""
        known = ReceivedProviderEvent.objects.filter(account=account, is_verified=True, event_id__startswith="evt_")
        wait_until(lambda: known.count() >= events, seconds=DELIVERING_SECONDS, what="localstripe's events")
        sweep_provider_events()
        assert known.filter(processed_at__isnull=False).count() == events

    def test_citizen_pays_and_a_part_is_given_back(
        self, api: Client, account: GatewayAccount, local: LocalStripe
    ) -> None:
        citizen = at_the_fields(api)
        local.pay(intent_of(citizen), CHALLENGED)
        assert citizen.get("provider_fields").status_code == 200
        local.authenticate(intent_of(citizen), succeeds=True)
        citizen.get("provider_fields")
        assert get(api, citizen.payment_id)["state"]["status"] == "submitted"
        citizen.post("confirm")
        sweep_payments()
        self.hear(account)
        paid = get(api, citizen.payment_id)
        assert (paid["state"]["status"], paid["provider_id"]) == ("success", intent_of(citizen))
        wanted = {"amount": 500, "refund_amount_available": AMOUNT}
        given = api.post(f"/v1/payments/{citizen.payment_id}/refunds", wanted, content_type="application/json")
        assert given.status_code == 202
        sweep_refunds()
        (refund,) = api.get(f"/v1/payments/{citizen.payment_id}/refunds").json()["_embedded"]["refunds"]
        assert (refund["status"], refund["amount"]) == ("success", 500)
        assert local.intent(intent_of(citizen))["latest_charge"]["amount_refunded"] == 500

    def test_decline_of_a_closed_browser_is_told_by_a_signed_event(
        self, api: Client, account: GatewayAccount, local: LocalStripe
    ) -> None:
        citizen = at_the_fields(api)
        local.pay(intent_of(citizen), CHARGE_DECLINED)
        self.hear(account)
        assert Payment.objects.get().status == states.DECLINED
        assert get(api, citizen.payment_id)["state"]["code"] == "P0010"

    def test_event_signed_with_another_secret_is_refused(
        self, api: Client, account: GatewayAccount, local: LocalStripe, live_server: LiveServer
    ) -> None:
        right = f"{live_server.url}/provider-events/payments/stripe/{account.pk}"
        local.send_events_to(right, secret="whsec_other")
        first, second = at_the_fields(api), at_the_fields(api)
        local.pay(intent_of(first), CHARGE_DECLINED)
        refused = ReceivedProviderEvent.objects.filter(account=account, is_verified=False)
        wait_until(refused.exists, seconds=DELIVERING_SECONDS, what="the event with a wrong signature")
        sweep_provider_events()
        assert set(Payment.objects.values_list("status", flat=True)) == {states.STARTED}
        local.send_events_to(right, secret="whsec_example")
        local.pay(intent_of(second), CHARGE_DECLINED)
        self.hear(account)
        assert Payment.objects.get(status=states.DECLINED).pk == second.payment_id

    def test_agreement_is_set_up_and_collected_from(
        self, api: Client, account: GatewayAccount, local: LocalStripe
    ) -> None:
        save_settings(account.service, by=TESTER, allows_recurring=True)
        order = {"reference": "CT-2026", "description": "Council tax"}
        agreement = api.post("/v1/agreements", order, content_type="application/json").json()["agreement_id"]
        citizen = at_the_fields(api, set_up_agreement=agreement)
        local.pay(intent_of(citizen))
        citizen.get("provider_fields")
        citizen.post("confirm")
        sweep_payments()
        assert api.get(f"/v1/agreements/{agreement}").json()["status"] == "active"
        mode = {"authorisation_mode": "agreement", "agreement_id": agreement, "return_url": None}
        collected = create(api, **mode)
        sweep_payments()
        sweep_payments()
        assert get(api, collected["payment_id"])["state"]["status"] == "success"
        self.hear(account, events=2)
        kept, used = (local.intent(one.session_id) for one in Payment.objects.order_by("created_at"))
        assert kept["payment_method"] == used["payment_method"]
