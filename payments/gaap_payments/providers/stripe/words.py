"""Stripe's words and ours."""

from collections.abc import Mapping

from gaap_payments.providers.base import DisputeOutcome, LineKind, Outcome, PayoutOutcome, RefundOutcome
from gaap_payments.providers.direct_debit import CollectionOutcome, MandateOutcome

#: PaymentIntent.status. One that wants a payment method and has an error was declined (``reading.charge_status``).
INTENTS: Mapping[str, Outcome] = {
    "requires_payment_method": Outcome.OPEN,
    "requires_confirmation": Outcome.OPEN,
    "requires_action": Outcome.OPEN,
    "processing": Outcome.OPEN,
    "requires_capture": Outcome.AUTHORISED,
    "succeeded": Outcome.CAPTURED,
    "canceled": Outcome.CANCELLED,
}
REFUNDS: Mapping[str, RefundOutcome] = {
    "pending": RefundOutcome.SUBMITTED,
    "requires_action": RefundOutcome.SUBMITTED,
    "succeeded": RefundOutcome.SUCCESS,
    "failed": RefundOutcome.ERROR,
    "canceled": RefundOutcome.ERROR,
}
DISPUTES: Mapping[str, DisputeOutcome] = {
    "needs_response": DisputeOutcome.NEEDS_RESPONSE,
    "warning_needs_response": DisputeOutcome.NEEDS_RESPONSE,
    "under_review": DisputeOutcome.UNDER_REVIEW,
    "warning_under_review": DisputeOutcome.UNDER_REVIEW,
    "won": DisputeOutcome.WON,
    "warning_closed": DisputeOutcome.WON,
    "prevented": DisputeOutcome.WON,
    "lost": DisputeOutcome.LOST,
}
#: Dispute.reason in the contract's words (A.8); what it does not know is ``other``.
REASONS: Mapping[str, str] = {
    "credit_not_processed": "credit_not_processed",
    "duplicate": "duplicate",
    "fraudulent": "fraudulent",
    "general": "general",
    "product_not_received": "product_not_received",
    "product_unacceptable": "product_unacceptable",
    "subscription_canceled": "subscription_cancelled",
    "unrecognized": "unrecognised",
}
PAYOUTS: Mapping[str, PayoutOutcome] = {
    "pending": PayoutOutcome.PENDING,
    "in_transit": PayoutOutcome.PENDING,
    "paid": PayoutOutcome.PAID,
    "failed": PayoutOutcome.FAILED,
    "canceled": PayoutOutcome.FAILED,
}
#: BalanceTransaction.type; every other kind is an adjustment.
LINES: Mapping[str, LineKind] = {
    "charge": LineKind.CHARGE,
    "payment": LineKind.CHARGE,
    "refund": LineKind.REFUND,
    "payment_refund": LineKind.REFUND,
    "payment_failure_refund": LineKind.REFUND,
}
#: The smallest charge by currency, in its smallest unit (contract A.5 and F.1).
MINIMA: Mapping[str, int] = {"GBP": 30}
BRANDS: Mapping[str, str] = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "amex": "American Express",
    "jcb": "Jcb",
    "discover": "Discover",
    "diners": "Diners Club",
    "maestro": "Maestro",
}
WALLETS: Mapping[str, str] = {"apple_pay": "Apple Pay", "google_pay": "Google Pay"}
#: Declines after which the same card need not be asked again (contract A.9).
HOPELESS = frozenset(
    {
        "authentication_required",
        "card_not_supported",
        "expired_card",
        "incorrect_number",
        "invalid_account",
        "invalid_expiry_month",
        "invalid_expiry_year",
        "invalid_number",
        "lost_card",
        "not_permitted",
        "pickup_card",
        "restricted_card",
        "revocation_of_all_authorizations",
        "revocation_of_authorization",
        "stolen_card",
        "stop_payment_order",
        "transaction_not_allowed",
    }
)
#: Mandate.payment_method_details.bacs_debit.network_status while the mandate lives, and when the bank ended it.
NETWORK: Mapping[str, MandateOutcome] = {"pending": MandateOutcome.PENDING, "accepted": MandateOutcome.ACTIVE}
MANDATE_ENDS: Mapping[str, MandateOutcome] = {"refused": MandateOutcome.FAILED, "revoked": MandateOutcome.CANCELLED}
#: PaymentIntent.status of a collection; one that succeeded is looked at more closely (``debit_reading``).
COLLECTIONS: Mapping[str, CollectionOutcome] = {
    "requires_confirmation": CollectionOutcome.PENDING,
    "requires_action": CollectionOutcome.PENDING,
    "processing": CollectionOutcome.PENDING,
    "requires_payment_method": CollectionOutcome.FAILED,
    "succeeded": CollectionOutcome.SUCCESS,
    "canceled": CollectionOutcome.CANCELLED,
}
#: Dispute.reason when the bank did not pay after all; every other one is the payer's claim under the Guarantee.
LATE_FAILURES = frozenset({"bank_cannot_process", "incorrect_account_details", "insufficient_funds"})
#: What Stripe's script loads and calls, as Stripe's own security guide asks of a content security policy.
SOURCES: Mapping[str, tuple[str, ...]] = {
    "script-src": ("https://js.stripe.com", "https://*.js.stripe.com"),
    "frame-src": ("https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"),
    "connect-src": ("https://api.stripe.com",),
    "img-src": ("https://*.stripe.com",),
}
SCRIPT = "https://js.stripe.com/v3/"
#: Languages of ours that Stripe's fields speak; in any other they follow the browser.
LOCALES: Mapping[str, str] = {"en": "en-GB", "vi": "vi"}
