"""Bacs Direct Debit by Stripe: the payer agrees on a page of Stripe's, and is asked for money by PaymentIntent.

A mandate's session is a Checkout Session that sets something up and takes nothing, so that sort code and account number
never reach us. Collections are confirmed at once and decided days later; an event only makes us fetch the object again.
"""

from typing import Any, ClassVar

from gaap.providers.errors import ProviderError
from gaap_payments.providers.direct_debit import (
    CollectionOrder,
    CollectionOutcome,
    CollectionStatus,
    DirectDebitProvider,
    MandateOrder,
    MandateOutcome,
    MandateReference,
    MandateSession,
    MandateStatus,
)
from gaap_payments.providers.stripe.client import DeclinedError, StripeApi
from gaap_payments.providers.stripe.debit_reading import collection_status, mandate_status
from gaap_payments.providers.stripe.words import LOCALES

METHOD = "bacs_debit"
AGREED: Any = {"expand": ["setup_intent.mandate", "setup_intent.payment_method"]}
CHARGED: Any = {"expand": ["latest_charge.balance_transaction"]}


class StripeDirectDebit(DirectDebitProvider):
    """Mandates and collections of a Stripe account."""

    debit_currencies: ClassVar[frozenset[str]] = frozenset({"GBP"})

    def open_mandate(self, order: MandateOrder, *, idempotency_key: str) -> MandateSession:
        """Open a Checkout Session on which the payer gives their bank details and agrees."""
        params: Any = {
            "mode": "setup",
            "payment_method_types": [METHOD],
            "customer": self._new_customer({"mandate_id": order.mandate_id}, idempotency_key),
            "client_reference_id": order.mandate_id,
            "success_url": order.return_url,
            "cancel_url": order.return_url,
            "locale": LOCALES.get(order.language, "auto"),
            "metadata": {"mandate_id": order.mandate_id, "reference": order.reference},
        }
        session = self._api.ask(
            lambda client, options: client.v1.checkout.sessions.create(params, options), key=idempotency_key
        )
        return MandateSession(str(session.id), url=str(session.url))

    def query_mandate(self, mandate: MandateReference) -> MandateStatus:
        """Fetch the session with the mandate that came of it."""
        if not mandate.session_id:
            return MandateStatus(MandateOutcome.UNKNOWN)
        return mandate_status(self._session(mandate))

    def collect(self, order: CollectionOrder, *, idempotency_key: str) -> CollectionStatus:
        """Ask the payer's bank for money by a PaymentIntent that is confirmed at once."""
        agreed = self._session(order.mandate).setup_intent
        if agreed is None or agreed.payment_method is None:
            raise ProviderError("The payer has not agreed to the mandate.", permanent=True)
        params: Any = {
            "amount": order.amount,
            "currency": order.currency.lower(),
            "customer": str(agreed.customer),
            "payment_method": str(agreed.payment_method.id),
            "payment_method_types": [METHOD],
            "confirm": True,
            "off_session": True,
            "description": order.description,
            "metadata": {"payment_id": order.payment_id, "reference": order.reference},
        }
        try:
            intent = self._api.ask(
                lambda client, options: client.v1.payment_intents.create(params, options), key=idempotency_key
            )
        except DeclinedError:
            return self.query_collection(order, provider_id="")
        return self.query_collection(order, provider_id=str(intent.id))

    def query_collection(self, order: CollectionOrder, *, provider_id: str) -> CollectionStatus:
        """Fetch the PaymentIntent, its charge and its disputes; without its id, look among those of the payer."""
        intent_id = provider_id or self._find(order)
        if not intent_id:
            return CollectionStatus(CollectionOutcome.UNKNOWN)
        intent: Any = self._api.ask(lambda client, _: client.v1.payment_intents.retrieve(intent_id, CHARGED))
        return collection_status(intent, list(self._api.every("disputes", {"payment_intent": intent_id})))

    @property
    def _api(self) -> StripeApi:
        return StripeApi(self.account.credentials)

    def _session(self, mandate: MandateReference) -> Any:
        return self._api.ask(lambda client, _: client.v1.checkout.sessions.retrieve(mandate.session_id, AGREED))

    def _find(self, order: CollectionOrder) -> str:
        agreed = self._session(order.mandate).setup_intent
        if agreed is None:
            return ""
        intents = self._api.every("payment_intents", {"customer": str(agreed.customer)})
        found = (one.id for one in intents if getattr(one.metadata, "payment_id", None) == order.payment_id)
        return next(found, "")

    def _new_customer(self, metadata: dict[str, str], key: str) -> str:
        params: Any = {"metadata": metadata}
        customer = self._api.ask(
            lambda client, options: client.v1.customers.create(params, options), key=f"{key}-customer"
        )
        return str(customer.id)
