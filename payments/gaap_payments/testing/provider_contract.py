"""The contract suite of payment providers.

It runs over every provider that the registry finds, so a new one is tested without another line. In a test module of
your own: ``from gaap_payments.testing.provider_contract import *``. It needs pytest-django and a database.
"""

import json
import re

import pytest
from jsonschema import Draft202012Validator

from gaap.identifiers import new_base32_id
from gaap.providers.errors import ProviderError
from gaap_payments.cards import BRANDS, CardDetails, CardNumber, Secret
from gaap_payments.conf import conf
from gaap_payments.currencies import currency
from gaap_payments.providers import registry
from gaap_payments.providers.base import (
    CardFormProvider,
    ChargeReference,
    ChargeStatus,
    Outcome,
    PaymentOrder,
    PaymentProvider,
    ProviderAccount,
    RefundOutcome,
    SignatureError,
    WalletProvider,
)

__all__ = [
    "TestCardProviderContract",
    "TestProviderContract",
    "TestWalletProviderContract",
    "card_provider",
    "provider",
    "wallet_provider",
]

ACCOUNT_ID = "6f1c8f5e-3c63-4f0e-9d0e-6a4b4a3f2b11"
AMOUNT = 2000


def made(identifier: str) -> PaymentProvider:
    """Return the provider, for a test account with its own example credentials; a remote one needs a peer."""
    known = registry.get(identifier)
    if known.contract_examples.is_remote and identifier not in conf.provider_addresses:
        pytest.skip(f"GAAP_PAYMENTS_PROVIDER_ADDRESSES names no peer for {identifier}")
    account = ProviderAccount(id=ACCOUNT_ID, is_live=False, credentials=known.contract_examples.credentials)
    return known(account)


@pytest.fixture(params=registry.identifiers())
def provider(request: pytest.FixtureRequest, db: None) -> PaymentProvider:
    """Each provider that is installed."""
    return made(request.param)


@pytest.fixture(params=[name for name in registry.identifiers() if issubclass(registry.get(name), CardFormProvider)])
def card_provider(request: pytest.FixtureRequest, db: None) -> CardFormProvider:
    """Each installed provider whose card details are typed into our own page."""
    found = made(request.param)
    assert isinstance(found, CardFormProvider)
    return found


@pytest.fixture(params=[name for name in registry.identifiers() if issubclass(registry.get(name), WalletProvider)])
def wallet_provider(request: pytest.FixtureRequest, db: None) -> WalletProvider:
    """Each installed provider whose wallets have a button on our page."""
    found = made(request.param)
    assert isinstance(found, WalletProvider)
    return found


def order_for(provider: PaymentProvider) -> PaymentOrder:
    """Return a new payment in the provider's example currency."""
    return PaymentOrder(
        payment_id=new_base32_id(),
        amount=AMOUNT,
        currency=provider.contract_examples.currency,
        reference="VRM-000123",
        description="Renew a vehicle registration",
        language="en",
        authentication_url="https://pay.example/card_details/1/3ds_required_in",
    )


def opened(provider: PaymentProvider) -> ChargeReference:
    """Return a charge for which a session is open."""
    order = order_for(provider)
    session_id = provider.create_session(order, idempotency_key=f"{order.payment_id}-session-1")
    return ChargeReference(order.payment_id, session_id=session_id)


def card(number: str) -> CardDetails:
    """Return a card with this number."""
    code = Secret("1234" if CardNumber(number).brand == "American Express" else "123")
    return CardDetails(CardNumber(number), code, expiry_month=12, expiry_year=2039, cardholder_name="A Person")


def authorised(provider: CardFormProvider, number: str = "") -> tuple[ChargeReference, ChargeStatus]:
    """Return a charge for which the card was asked, and the answer."""
    charge = opened(provider)
    details = card(number or provider.contract_examples.approved_card)
    status = provider.authorise(charge, details, idempotency_key=f"{charge.payment_id}-authorise-1")
    return ChargeReference(charge.payment_id, charge.session_id, status.provider_id), status


class TestProviderContract:
    """What every provider does."""

    def test_identifier_fits_into_addresses_and_columns(self, provider: PaymentProvider) -> None:
        """The identifier stands in URLs, in the API and in the database."""
        identifier = next(name for name in registry.identifiers() if registry.get(name) is type(provider))
        assert re.fullmatch(r"[a-z][a-z0-9_]{1,49}", identifier)

    def test_examples_are_valid(self, provider: PaymentProvider) -> None:
        """The example credentials follow the schema, the brands are known ones, the currency exists."""
        examples = provider.contract_examples
        Draft202012Validator.check_schema(dict(provider.credentials_schema))
        Draft202012Validator(dict(provider.credentials_schema)).validate(dict(examples.credentials))
        assert provider.card_brands <= {label for label, _ in BRANDS}
        assert currency(examples.currency).code == examples.currency

    def test_session_is_opened_once_per_key(self, provider: PaymentProvider) -> None:
        """The same idempotency key again opens no second session."""
        order = order_for(provider)
        first = provider.create_session(order, idempotency_key="key-1")
        assert 0 < len(first) <= 255
        assert provider.create_session(order, idempotency_key="key-1") == first

    def test_sessions_of_two_payments_differ(self, provider: PaymentProvider) -> None:
        """Two payments never share a session."""
        assert opened(provider).session_id != opened(provider).session_id

    def test_query_knows_an_open_session(self, provider: PaymentProvider) -> None:
        """A session without a card is open."""
        assert provider.query(opened(provider)).outcome is Outcome.OPEN

    def test_query_says_when_it_knows_nothing(self, provider: PaymentProvider) -> None:
        """A payment that the provider never heard of is unknown, and no error."""
        assert provider.query(ChargeReference(new_base32_id(), session_id="")).outcome is Outcome.UNKNOWN

    def test_cancel_closes_an_open_session_and_may_be_repeated(self, provider: PaymentProvider) -> None:
        """After a cancellation, however often it is sent, the charge is cancelled."""
        charge = opened(provider)
        for _ in range(2):
            assert provider.cancel(charge, idempotency_key="cancel-1").outcome is Outcome.CANCELLED
        assert provider.query(charge).outcome is Outcome.CANCELLED

    def test_capture_needs_an_authorisation(self, provider: PaymentProvider) -> None:
        """There is nothing to capture in an open session."""
        with pytest.raises(ProviderError) as refused:
            provider.capture(opened(provider), idempotency_key="capture-1")
        assert refused.value.permanent

    @pytest.mark.parametrize("body", [b"", b"{}", b"\xff\x00", json.dumps({"id": "1", "payment_id": "2"}).encode()])
    def test_events_without_signature_are_refused(self, provider: PaymentProvider, body: bytes) -> None:
        """Nothing that lacks the provider's signature is believed, and nothing crashes."""
        for headers in ({}, {"signature": "x"}, {"stripe-signature": "t=1,v1=00"}):
            with pytest.raises(SignatureError):
                provider.parse_event(headers, body)


class TestWalletProviderContract:
    """What every provider does whose wallets have a button on our page."""

    def test_wallet_pays(self, wallet_provider: WalletProvider) -> None:
        """The answer names the wallet; the same key gives it again, another key finds the session closed."""
        for wallet in wallet_provider.wallets:
            charge = opened(wallet_provider)
            status = wallet_provider.authorise_wallet(charge, wallet, idempotency_key="wallet-1")
            assert status.outcome is Outcome.AUTHORISED
            assert status.card is not None
            assert status.card.wallet_type == wallet
            assert wallet_provider.authorise_wallet(charge, wallet, idempotency_key="wallet-1") == status
            with pytest.raises(ProviderError):
                wallet_provider.authorise_wallet(charge, wallet, idempotency_key="wallet-2")


class TestCardProviderContract:
    """What every provider does whose card details are typed into our own page."""

    def test_good_card_is_authorised(self, card_provider: CardFormProvider) -> None:
        """The answer names the provider's id and says of the card what may be kept, and no more."""
        number = card_provider.contract_examples.approved_card
        _, status = authorised(card_provider)
        assert status.outcome is Outcome.AUTHORISED
        assert 0 < len(status.provider_id) <= 255
        assert status.card is not None
        assert (status.card.first_digits, status.card.last_digits) == (number[:6], number[-4:])
        assert status.card.expiry_date == "12/39"
        assert status.card.type in ("", "debit", "credit")
        assert number not in repr(status)

    def test_declined_card_is_declined(self, card_provider: CardFormProvider) -> None:
        """A refusal by the bank is an outcome, and no error."""
        charge, status = authorised(card_provider, card_provider.contract_examples.declined_card)
        assert status.outcome is Outcome.DECLINED
        assert card_provider.query(charge).outcome is Outcome.DECLINED

    def test_authorisation_is_made_once_per_key(self, card_provider: CardFormProvider) -> None:
        """The same key gives the same answer; another key finds the session closed."""
        charge, first = authorised(card_provider)
        details = card(card_provider.contract_examples.approved_card)
        again = card_provider.authorise(charge, details, idempotency_key=f"{charge.payment_id}-authorise-1")
        assert again == first
        with pytest.raises(ProviderError) as refused:
            card_provider.authorise(charge, details, idempotency_key="another")
        assert refused.value.permanent

    def test_challenged_card_waits_for_the_bank(self, card_provider: CardFormProvider) -> None:
        """The answer says where the browser goes; without the bank's word nothing is authorised or captured."""
        number = card_provider.contract_examples.challenged_card
        if not number:
            return
        charge, status = authorised(card_provider, number)
        assert (status.outcome, status.is_challenged) == (Outcome.CHALLENGE, True)
        assert status.challenge is not None
        assert re.match(r"https?://", status.challenge.url)
        assert status.challenge.method in ("GET", "POST")
        answer = {"forged": "yes"}
        for _ in range(2):
            completed = card_provider.complete_challenge(charge, answer, idempotency_key="challenge-1")
            assert completed.outcome is Outcome.CHALLENGE
        assert card_provider.query(charge).challenge == status.challenge
        with pytest.raises(ProviderError):
            card_provider.capture(charge, idempotency_key="capture-1")
        assert card_provider.cancel(charge, idempotency_key="cancel-1").outcome is Outcome.CANCELLED

    def test_query_finds_an_authorisation_without_the_providers_id(self, card_provider: CardFormProvider) -> None:
        """A lost answer can be found again by what we knew before."""
        charge, status = authorised(card_provider)
        found = card_provider.query(ChargeReference(charge.payment_id, charge.session_id))
        assert (found.outcome, found.provider_id) == (Outcome.AUTHORISED, status.provider_id)

    def test_capture_may_be_repeated(self, card_provider: CardFormProvider) -> None:
        """However often a capture is sent, the charge is captured once."""
        charge, _ = authorised(card_provider)
        for _ in range(2):
            status = card_provider.capture(charge, idempotency_key="capture-1")
            assert status.outcome in (Outcome.CAPTURE_SUBMITTED, Outcome.CAPTURED)
        assert card_provider.query(charge).outcome in (Outcome.CAPTURE_SUBMITTED, Outcome.CAPTURED)

    def test_cancel_releases_an_authorisation(self, card_provider: CardFormProvider) -> None:
        """What was released cannot be captured."""
        charge, _ = authorised(card_provider)
        assert card_provider.cancel(charge, idempotency_key="cancel-1").outcome is Outcome.CANCELLED
        with pytest.raises(ProviderError):
            card_provider.capture(charge, idempotency_key="capture-1")

    def test_captured_money_is_not_released(self, card_provider: CardFormProvider) -> None:
        """A cancellation that comes too late is refused for good."""
        charge, _ = authorised(card_provider)
        card_provider.capture(charge, idempotency_key="capture-1")
        with pytest.raises(ProviderError) as refused:
            card_provider.cancel(charge, idempotency_key="cancel-1")
        assert refused.value.permanent

    def test_refund_is_made_once_per_key_and_never_above_the_charge(self, card_provider: CardFormProvider) -> None:
        """Repeats give the same refund; all refunds together never exceed what was captured."""
        charge, _ = authorised(card_provider)
        card_provider.capture(charge, idempotency_key="capture-1")
        first = card_provider.refund(charge, amount=AMOUNT - 1, idempotency_key="refund-1")
        assert card_provider.refund(charge, amount=AMOUNT - 1, idempotency_key="refund-1") == first
        with pytest.raises(ProviderError) as refused:
            card_provider.refund(charge, amount=2, idempotency_key="refund-2")
        assert refused.value.permanent
        assert card_provider.refund(charge, amount=1, idempotency_key="refund-3") != first

    def test_refund_is_found_again_by_its_key(self, card_provider: CardFormProvider) -> None:
        """A lost answer can be found again; a refund that never arrived is unknown, and no error."""
        charge, _ = authorised(card_provider)
        card_provider.capture(charge, idempotency_key="capture-1")
        unknown = card_provider.query_refund(charge, provider_id="", idempotency_key="refund-1")
        assert unknown.outcome is RefundOutcome.UNKNOWN
        made = card_provider.refund(charge, amount=1, idempotency_key="refund-1")
        assert 0 < len(made.provider_id) <= 255
        for provider_id in ("", made.provider_id):
            found = card_provider.query_refund(charge, provider_id=provider_id, idempotency_key="refund-1")
            assert found.provider_id == made.provider_id
            assert found.outcome in (made.outcome, RefundOutcome.SUCCESS)

    def test_nothing_is_disputed_at_first(self, card_provider: CardFormProvider) -> None:
        """A charge that nobody disputes has no disputes."""
        charge, _ = authorised(card_provider)
        assert list(card_provider.disputes(charge)) == []
