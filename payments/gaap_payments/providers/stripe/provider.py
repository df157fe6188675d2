"""Stripe as a provider: card fields and wallets in Stripe's own frames, money by PaymentIntent with manual capture.

Direct Debit stands in ``direct_debit.py``.

A session is a PaymentIntent. The citizen's browser confirms it with Stripe, so that no card number reaches us; an event
only makes us fetch the object again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, ClassVar

from gaap.providers.errors import ProviderError
from gaap_payments.providers import registry
from gaap_payments.providers.base import (
    Capability,
    ChargeReference,
    ChargeStatus,
    ContractExamples,
    DisputeEvidenceProvider,
    DisputeStatus,
    Evidence,
    HostedFields,
    HostedFieldsProvider,
    Outcome,
    PaymentOrder,
    PayoutStatus,
    ProviderEvent,
    RecurringProvider,
    RefundOutcome,
    RefundStatus,
    SignatureError,
)
from gaap_payments.providers.stripe.client import DeclinedError
from gaap_payments.providers.stripe.direct_debit import StripeDirectDebit
from gaap_payments.providers.stripe.evidence import submit_evidence
from gaap_payments.providers.stripe.reading import charge_status, dispute_status, refund_status
from gaap_payments.providers.stripe.settlement import payouts_since
from gaap_payments.providers.stripe.words import BRANDS, LOCALES, MINIMA, SCRIPT, SOURCES

#: Objects that we know by their own id; all others name their PaymentIntent.
OWN_NAMES = frozenset({"payment_intent", "checkout.session", "mandate"})
EXPANDED: Any = {"expand": ["latest_charge.balance_transaction"]}


@registry.register("stripe")
class StripeProvider(HostedFieldsProvider, RecurringProvider, StripeDirectDebit, DisputeEvidenceProvider):
    """A service's own Stripe account, or one that is connected to the platform's."""

    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.DELAYED_CAPTURE, Capability.PARTIAL_REFUND})
    card_brands: ClassVar[frozenset[str]] = frozenset(BRANDS.values())
    minimum_amounts: ClassVar[Mapping[str, int]] = MINIMA
    credentials_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["secret_key", "publishable_key", "webhook_secrets"],
        "properties": {
            "secret_key": {"type": "string", "pattern": "^(sk|rk)_(test|live)_"},
            "publishable_key": {"type": "string", "pattern": "^pk_(test|live)_"},
            "webhook_secrets": {
                "type": "array",
                "items": {"type": "string", "pattern": "^whsec_"},
                "minItems": 1,
                "maxItems": 5,
            },
            "connected_account": {"type": "string", "pattern": "^acct_"},
        },
        "additionalProperties": False,
    }
    contract_examples: ClassVar[ContractExamples] = ContractExamples(
        is_remote=True,
        credentials={
            "secret_key": "sk_test_example",
            "publishable_key": "pk_test_example",
            "webhook_secrets": ["whsec_example"],
        },
    )

    def account_faults(self) -> Iterable[str]:
        """Yield a fault for each key of the other mode."""
        mode = "live" if self.account.is_live else "test"
        for name in ("secret_key", "publishable_key"):
            if f"_{mode}_" not in self.account.credentials[name]:
                yield f"The {name} is not one for {mode} payments."

    def create_session(self, order: PaymentOrder, *, idempotency_key: str) -> str:
        """Make a PaymentIntent whose money waits for its capture."""
        params: Any = {
            "amount": order.amount,
            "currency": order.currency.lower(),
            "capture_method": "manual",
            "payment_method_types": ["card"],
            "description": order.description,
            "metadata": {"payment_id": order.payment_id, "reference": order.reference},
        }
        if order.saves_instrument:
            params |= {
                "customer": self._new_customer({"payment_id": order.payment_id}, idempotency_key),
                "setup_future_usage": "off_session",
            }
        intent = self._api.ask(
            lambda client, options: client.v1.payment_intents.create(params, options), key=idempotency_key
        )
        return str(intent.id)

    def hosted_fields(self, charge: ChargeReference, *, return_url: str, language: str) -> HostedFields:
        """Return the Payment Element: cards, and the wallets of the citizen's device."""
        data = {
            "key": self.account.credentials["publishable_key"],
            "secret": str(self._intent(charge).client_secret),
            "account": self.account.credentials.get("connected_account", ""),
            "return-url": return_url,
            "locale": LOCALES.get(language, "auto"),
        }
        return HostedFields("gaap_payments/stripe.js", (SCRIPT,), SOURCES, data)

    def query(self, charge: ChargeReference) -> ChargeStatus:
        """Fetch the PaymentIntent."""
        return charge_status(self._intent(charge)) if charge.session_id else ChargeStatus(Outcome.UNKNOWN)

    def authorise_stored(self, charge: ChargeReference, instrument_id: str, *, idempotency_key: str) -> ChargeStatus:
        """Confirm the PaymentIntent with a card kept earlier; ``instrument_id`` is ``customer/payment method``."""
        customer, _, method = instrument_id.partition("/")
        known: Any = {"customer": customer}
        confirmed: Any = {"payment_method": method, "off_session": True}
        self._api.ask(
            lambda client, options: client.v1.payment_intents.update(charge.session_id, known, options),
            key=f"{idempotency_key}-customer",
        )
        with suppress(DeclinedError):
            self._api.ask(
                lambda client, options: client.v1.payment_intents.confirm(charge.session_id, confirmed, options),
                key=idempotency_key,
            )
        return self.query(charge)

    def capture(self, charge: ChargeReference, *, idempotency_key: str) -> ChargeStatus:
        """Capture the whole amount."""
        return self._bring(
            charge,
            lambda client, options: client.v1.payment_intents.capture(charge.session_id, {}, options),
            to="succeeded",
            key=idempotency_key,
        )

    def cancel(self, charge: ChargeReference, *, idempotency_key: str) -> ChargeStatus:
        """Cancel the PaymentIntent, which releases what was authorised."""
        self._bring(
            charge,
            lambda client, options: client.v1.payment_intents.cancel(charge.session_id, {}, options),
            to="canceled",
            key=idempotency_key,
        )
        return ChargeStatus(Outcome.CANCELLED)

    def refund(self, charge: ChargeReference, *, amount: int, idempotency_key: str) -> RefundStatus:
        """Refund a part or all; Stripe itself refuses more than is left."""
        params: Any = {"payment_intent": charge.session_id, "amount": amount, "metadata": {"key": idempotency_key}}
        return refund_status(
            self._api.ask(lambda client, options: client.v1.refunds.create(params, options), key=idempotency_key)
        )

    def query_refund(self, charge: ChargeReference, *, provider_id: str, idempotency_key: str) -> RefundStatus:
        """Fetch the refund; without its id, look for our key among those of the charge."""
        if provider_id:
            return refund_status(self._api.ask(lambda client, _: client.v1.refunds.retrieve(provider_id)))
        params: Any = {"payment_intent": charge.session_id, "limit": 100}
        refunds = self._api.ask(lambda client, _: client.v1.refunds.list(params)).data
        found = (refund for refund in refunds if getattr(refund.metadata, "key", None) == idempotency_key)
        return next(map(refund_status, found), RefundStatus(RefundOutcome.UNKNOWN))

    def disputes(self, charge: ChargeReference) -> Sequence[DisputeStatus]:
        """Fetch every dispute about the PaymentIntent."""
        params: Any = {"payment_intent": charge.session_id, "limit": 100}
        return [dispute_status(one) for one in self._api.ask(lambda client, _: client.v1.disputes.list(params)).data]

    def send_evidence(
        self, charge: ChargeReference, dispute_id: str, evidence: Evidence, *, idempotency_key: str
    ) -> DisputeStatus:
        """Submit the evidence, which Stripe takes once."""
        return dispute_status(submit_evidence(self._api, dispute_id, evidence, key=idempotency_key))

    def payouts(self, *, since: datetime) -> Sequence[PayoutStatus]:
        """Fetch the payouts, each with its balance transactions."""
        return payouts_since(self._api, since)

    def parse_event(self, headers: Mapping[str, str], body: bytes) -> ProviderEvent:
        """Verify the signature and the mode, and read which PaymentIntent, session or mandate the event is about."""
        event: Any = self._api.read_event(body, signature=headers.get("stripe-signature", ""))
        if event.livemode != self.account.is_live:
            raise SignatureError("The event is of the other mode.")
        about: Any = event.data.object
        named = about.id if about.object in OWN_NAMES else getattr(about, "payment_intent", None)
        return ProviderEvent(event.id, session_id=str(named or ""))

    def _intent(self, charge: ChargeReference) -> Any:
        return self._api.ask(lambda client, _: client.v1.payment_intents.retrieve(charge.session_id, EXPANDED))

    def _bring(self, charge: ChargeReference, call: Callable[..., Any], *, to: str, key: str) -> ChargeStatus:
        """Do something to the PaymentIntent; when Stripe refuses because it is done already, it is done."""
        try:
            self._api.ask(call, key=key)
        except ProviderError as error:
            if not error.permanent or self._intent(charge).status != to:
                raise
        return self.query(charge)
