"""The Stripe adapter against a peer over HTTP: every outcome, every decline, every repeat."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gaap.identifiers import new_base32_id
from gaap.providers.errors import ProviderError
from gaap_payments.providers.base import (
    ChargeReference,
    DisputeOutcome,
    LineKind,
    Outcome,
    PaymentOrder,
    PayoutOutcome,
    ProviderAccount,
    RefundOutcome,
    SignatureError,
)
from gaap_payments.providers.stripe import StripeProvider
from gaap_payments.providers.stripe.words import DISPUTES, REASONS, REFUNDS
from tests.payments.stripe_peer import DECLINES, FEE, StripePeer, running_peer, sign

SECRET = "whsec_example"
AMOUNT = 2000


@pytest.fixture
def peer(settings: Any) -> Iterator[StripePeer]:
    """Stripe on loopback."""
    with running_peer() as one:
        settings.GAAP_PAYMENTS_PROVIDER_ADDRESSES = {"stripe": one.address}
        yield one


@pytest.fixture
def stripe(peer: StripePeer) -> StripeProvider:
    """The adapter, for a test account."""
    return made(is_live=False)


def made(*, is_live: bool, **credentials: Any) -> StripeProvider:
    examples = StripeProvider.contract_examples.credentials
    return StripeProvider(ProviderAccount("a", is_live=is_live, credentials={**examples, **credentials}))


def opened(stripe: StripeProvider, *, currency: str = "GBP", **changes: Any) -> ChargeReference:
    payment_id = new_base32_id()
    order = PaymentOrder(payment_id, AMOUNT, currency, "ref", "what it is for", "en", **changes)
    return ChargeReference(payment_id, stripe.create_session(order, idempotency_key=f"{payment_id}-session-1"))


def captured(stripe: StripeProvider, peer: StripePeer) -> ChargeReference:
    charge = opened(stripe)
    peer.pay(charge.session_id)
    stripe.capture(charge, idempotency_key=f"{charge.payment_id}-capture-1")
    return charge


def test_money_waits_for_its_capture(stripe: StripeProvider, peer: StripePeer) -> None:
    charge = opened(stripe, currency="VND")
    intent = peer.objects[charge.session_id]
    assert (intent["amount"], intent["currency"], intent["capture_method"]) == (AMOUNT, "vnd", "manual")
    assert stripe.query(charge).outcome is Outcome.OPEN
    peer.pay(charge.session_id)
    status = stripe.query(charge)
    assert (status.outcome, status.provider_id, status.fee) == (Outcome.AUTHORISED, charge.session_id, None)
    assert status.card is not None
    assert (status.card.brand, status.card.type, status.card.last_digits) == ("Visa", "credit", "4242")
    assert (status.card.first_digits, status.card.expiry_date, status.card.wallet_type) == ("", "12/39", "")
    taken = stripe.capture(charge, idempotency_key="capture-1")
    assert (taken.outcome, taken.fee) == (Outcome.CAPTURED, FEE)
    assert taken.captured_at is not None


@pytest.mark.parametrize(("card", "codes"), DECLINES.items())
def test_each_decline_code(stripe: StripeProvider, peer: StripePeer, card: str, codes: tuple[str, str]) -> None:
    charge = opened(stripe)
    peer.pay(charge.session_id, card)
    status = stripe.query(charge)
    assert (status.outcome, status.reason) == (Outcome.DECLINED, codes[1])
    assert status.card is not None
    assert status.card.last_digits == card[-4:]
    stripe.cancel(charge, idempotency_key="close")
    assert stripe.query(charge).outcome is Outcome.DECLINED
    with pytest.raises(ProviderError):
        stripe.capture(charge, idempotency_key="capture")


@pytest.mark.parametrize(
    ("card", "outcome", "can_retry"),
    [
        ("4242424242424242", Outcome.AUTHORISED, None),
        ("4000000000009995", Outcome.DECLINED, True),
        ("4000000000000002", Outcome.DECLINED, True),
        ("4000000000009987", Outcome.DECLINED, False),
        ("4000000000009979", Outcome.DECLINED, False),
        ("4000000000000069", Outcome.DECLINED, False),
        ("4000002500003155", Outcome.DECLINED, False),
    ],
)
def test_stored_card_is_asked_without_the_citizen(
    stripe: StripeProvider, peer: StripePeer, card: str, outcome: Outcome, can_retry: bool | None
) -> None:
    charge, kept = opened(stripe), peer.keep_card(card)
    for _ in range(2):
        status = stripe.authorise_stored(charge, kept, idempotency_key="key")
        assert (status.outcome, status.can_retry) == (outcome, can_retry)


def test_card_is_kept_for_an_agreement(stripe: StripeProvider, peer: StripePeer) -> None:
    charge = opened(stripe, saves_instrument=True)
    intent = peer.objects[charge.session_id]
    assert intent["setup_future_usage"] == "off_session"
    peer.pay(charge.session_id)
    instrument = stripe.query(charge).instrument_id
    assert instrument == f"{intent['customer']}/{intent['payment_method']}"
    assert stripe.authorise_stored(opened(stripe), instrument, idempotency_key="k").outcome is Outcome.AUTHORISED


@pytest.mark.parametrize(("succeeds", "outcome"), [(True, Outcome.AUTHORISED), (False, Outcome.DECLINED)])
def test_three_d_secure(stripe: StripeProvider, peer: StripePeer, succeeds: bool, outcome: Outcome) -> None:
    charge = opened(stripe)
    peer.pay(charge.session_id, "4000002500003155")
    assert stripe.query(charge).outcome is Outcome.OPEN
    peer.authenticate(charge.session_id, succeeds=succeeds)
    status = stripe.query(charge)
    assert (status.outcome, bool(status.is_challenged)) == (outcome, succeeds)


@pytest.mark.parametrize(("wallet", "name"), [("apple_pay", "Apple Pay"), ("google_pay", "Google Pay"), ("link", "")])
def test_wallets(stripe: StripeProvider, peer: StripePeer, wallet: str, name: str) -> None:
    charge = opened(stripe)
    peer.pay(charge.session_id, wallet=wallet)
    card = stripe.query(charge).card
    assert card is not None
    assert card.wallet_type == name


def test_answer_lost_on_the_way_is_replayed(stripe: StripeProvider, peer: StripePeer) -> None:
    """The work was done, the connection broke, the library asks again under the same key: one object."""
    charge = captured(stripe, peer)
    peer.lost_answers = 1
    refund = stripe.refund(charge, amount=500, idempotency_key="refund-1")
    assert refund.outcome is RefundOutcome.SUCCESS
    assert sum(one["object"] == "refund" for one in peer.objects.values()) == 1
    assert len([one for one in peer.requests if one == ("POST", "/v1/refunds")]) == 2


def test_same_key_with_other_parameters_is_refused_for_good(stripe: StripeProvider, peer: StripePeer) -> None:
    charge = captured(stripe, peer)
    stripe.refund(charge, amount=500, idempotency_key="refund-1")
    with pytest.raises(ProviderError) as refused:
        stripe.refund(charge, amount=600, idempotency_key="refund-1")
    assert refused.value.permanent


def test_partial_refunds_and_never_above_the_charge(stripe: StripeProvider, peer: StripePeer) -> None:
    charge = captured(stripe, peer)
    first = stripe.refund(charge, amount=1500, idempotency_key="refund-1")
    assert stripe.refund(charge, amount=1500, idempotency_key="refund-1") == first
    with pytest.raises(ProviderError) as refused:
        stripe.refund(charge, amount=501, idempotency_key="refund-2")
    assert refused.value.permanent
    assert stripe.refund(charge, amount=500, idempotency_key="refund-3").outcome is RefundOutcome.SUCCESS
    assert stripe.query_refund(charge, provider_id="", idempotency_key="refund-1") == first
    assert stripe.query_refund(charge, provider_id=first.provider_id, idempotency_key="x") == first
    unknown = stripe.query_refund(charge, provider_id="", idempotency_key="refund-2")
    assert unknown.outcome is RefundOutcome.UNKNOWN


@pytest.mark.parametrize(("word", "outcome"), REFUNDS.items())
def test_each_status_of_a_refund(stripe: StripeProvider, peer: StripePeer, word: str, outcome: RefundOutcome) -> None:
    charge = captured(stripe, peer)
    made = stripe.refund(charge, amount=1, idempotency_key="r")
    peer.objects[made.provider_id]["status"] = word
    found = stripe.query_refund(charge, provider_id=made.provider_id, idempotency_key="r")
    assert found.outcome is outcome


@pytest.mark.parametrize(("word", "outcome"), DISPUTES.items())
def test_each_status_of_a_dispute(stripe: StripeProvider, peer: StripePeer, word: str, outcome: DisputeOutcome) -> None:
    charge = captured(stripe, peer)
    assert stripe.disputes(charge) == []
    peer.dispute(charge.session_id, status=word, reason="unrecognized")
    (dispute,) = stripe.disputes(charge)
    assert (dispute.outcome, dispute.reason, dispute.amount, dispute.fee) == (outcome, "unrecognised", AMOUNT, 2000)
    assert dispute.evidence_due_at is not None
    assert dispute.evidence_due_at > dispute.opened_at


def test_each_reason_of_a_dispute(stripe: StripeProvider, peer: StripePeer) -> None:
    from gaap_payments.providers.base import DISPUTE_REASONS

    assert set(REASONS.values()) <= set(DISPUTE_REASONS)
    charge = captured(stripe, peer)
    peer.dispute(charge.session_id, reason="noncompliant")
    assert stripe.disputes(charge)[0].reason == "other"


def test_payouts_line_by_line(stripe: StripeProvider, peer: StripePeer) -> None:
    charges = [captured(stripe, peer) for _ in range(3)]
    stripe.refund(charges[0], amount=700, idempotency_key="r")
    peer.dispute(charges[1].session_id)
    made = peer.pay_out()
    (payout,) = stripe.payouts(since=datetime.now(tz=UTC) - timedelta(days=1))
    assert (payout.provider_id, payout.outcome, payout.currency) == (made["id"], PayoutOutcome.PAID, "GBP")
    assert payout.paid_on == datetime.now(tz=UTC).date()
    assert payout.amount == sum(line.amount - line.fee for line in payout.lines)
    kinds = [line.kind for line in payout.lines]
    assert sorted(kinds) == sorted([LineKind.CHARGE] * 3 + [LineKind.REFUND, LineKind.DISPUTE])
    paid = [line for line in payout.lines if line.kind is LineKind.CHARGE]
    assert {(line.payment_id, line.provider_id) for line in paid} == {
        (one.payment_id, one.session_id) for one in charges
    }
    assert all(line.fee == FEE for line in paid)


@pytest.mark.parametrize(("status", "permanent"), [(400, True), (409, False), (429, False), (500, False), (503, False)])
def test_faults_say_whether_another_try_can_help(
    stripe: StripeProvider, peer: StripePeer, status: int, permanent: bool
) -> None:
    if status == 400:
        order = PaymentOrder("p", 29, "GBP", "r", "d", "en")
        with pytest.raises(ProviderError) as failed:
            stripe.create_session(order, idempotency_key="k")
    else:
        peer.failures = [status] * 3
        with pytest.raises(ProviderError) as failed:
            opened(stripe)
    assert failed.value.permanent is permanent


def test_wrong_key_and_silence_are_no_refusals(stripe: StripeProvider, peer: StripePeer, settings: Any) -> None:
    with pytest.raises(ProviderError) as failed:
        opened(made(is_live=True, secret_key="sk_live_x"))
    assert not failed.value.permanent
    settings.GAAP_PAYMENTS_PROVIDER_ADDRESSES = {"stripe": "http://127.0.0.1:9"}
    with pytest.raises(ProviderError) as failed:
        opened(stripe)
    assert not failed.value.permanent


def test_capture_whose_answer_was_lost_is_known_as_done(stripe: StripeProvider, peer: StripePeer) -> None:
    charge = captured(stripe, peer)
    assert stripe.capture(charge, idempotency_key="another").outcome is Outcome.CAPTURED
    with pytest.raises(ProviderError) as refused:
        stripe.cancel(charge, idempotency_key="cancel")
    assert refused.value.permanent


def test_messages_repeat_nothing_that_was_sent(stripe: StripeProvider, peer: StripePeer) -> None:
    with pytest.raises(ProviderError) as failed:
        stripe.create_session(PaymentOrder("p", 29, "GBP", "canary", "canary", "en"), idempotency_key="k")
    assert "pence" not in str(failed.value)
    assert "amount_too_small" in str(failed.value)


def test_keys_have_to_be_of_the_accounts_mode() -> None:
    assert list(made(is_live=False).account_faults()) == []
    assert len(list(made(is_live=True).account_faults())) == 2


def test_page_gets_what_the_payment_element_needs(stripe: StripeProvider, peer: StripePeer) -> None:
    charge = opened(stripe)
    fields = stripe.hosted_fields(charge, return_url="https://pay.example/x", language="cy")
    assert fields.foreign_scripts == ("https://js.stripe.com/v3/",)
    assert fields.data["secret"] == f"{charge.session_id}_secret_x"
    assert fields.data["locale"] == "auto"
    assert "sk_test_example" not in str(fields.data)


class TestEvents:
    """What comes in with a signature, and what without."""

    def event(self, peer: StripePeer, **changes: Any) -> bytes:
        intent = {"id": "pi_1", "object": "payment_intent", "metadata": {}}
        return json.dumps({**peer.event("payment_intent.succeeded", intent), **changes}).encode()

    def test_signed_event_names_its_intent(self, stripe: StripeProvider, peer: StripePeer) -> None:
        body = self.event(peer)
        read = stripe.parse_event({"stripe-signature": sign(body, secret=SECRET)}, body)
        assert (read.session_id, read.payment_id) == ("pi_1", "")

    def test_events_of_other_objects(self, stripe: StripeProvider, peer: StripePeer) -> None:
        for about, session_id in [
            ({"id": "re_1", "object": "refund", "payment_intent": "pi_2"}, "pi_2"),
            ({"id": "dp_1", "object": "dispute", "payment_intent": "pi_3"}, "pi_3"),
            ({"id": "po_1", "object": "payout"}, ""),
        ]:
            body = self.event(peer, data={"object": about})
            read = stripe.parse_event({"stripe-signature": sign(body, secret=SECRET)}, body)
            assert read.session_id == session_id

    def test_second_secret_counts_while_it_is_rotated(self, peer: StripePeer) -> None:
        body = self.event(peer)
        stripe = made(is_live=False, webhook_secrets=["whsec_new", "whsec_old"])
        assert stripe.parse_event({"stripe-signature": sign(body, secret="whsec_old")}, body).session_id == "pi_1"

    @pytest.mark.parametrize("fault", ["secret", "body", "old", "mode", "garbage"])
    def test_whatever_is_wrong_with_it(self, stripe: StripeProvider, peer: StripePeer, fault: str) -> None:
        body = self.event(peer, livemode=fault == "mode") if fault != "garbage" else b"[]"
        secret = "whsec_other" if fault == "secret" else SECRET
        header = sign(body, secret=secret, at=time.time() - (600 if fault == "old" else 0))
        with pytest.raises(SignatureError):
            stripe.parse_event({"stripe-signature": header}, body + (b" " if fault == "body" else b""))
