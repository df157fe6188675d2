"""The events of Direct Debit: nothing of the payer, nothing of the bank account."""

from gaap.components import EventType
from gaap.events.schemas import TEXT, WHOLE_NUMBER, data_schema, one_of

#: Stored statuses (``direct_debit_states.py`` says what each means).
MANDATE_STATUSES = (
    "created",
    "started",
    "submitting",
    "pending",
    "active",
    "inactive",
    "cancelled",
    "failed",
    "abandoned",
    "error",
)
DIRECT_DEBIT_STATUSES = (
    "created",
    "submitting",
    "pending",
    "success",
    "failed",
    "cancelled",
    "paidout",
    "indemnityclaim",
    "error",
)
_MANDATE = data_schema(mandate_id=TEXT, status=one_of(*MANDATE_STATUSES))
_PAYMENT = data_schema(
    payment_id=TEXT,
    mandate_id=TEXT,
    amount=WHOLE_NUMBER,
    currency=TEXT,
    status=one_of(*DIRECT_DEBIT_STATUSES),
)

DIRECT_DEBIT_EVENTS = (
    EventType("mandate_created", "A service asked for a Direct Debit mandate.", _MANDATE),
    EventType("mandate_started", "The payer opened the mandate's page.", _MANDATE),
    EventType("mandate_abandoned", "The payer did not finish the mandate.", _MANDATE),
    EventType("mandate_requested", "The payer agreed to the mandate.", _MANDATE),
    EventType("mandate_returned", "The payer has to correct their bank details.", _MANDATE),
    EventType("mandate_submitted", "The mandate was sent to the payer's bank.", _MANDATE),
    EventType("mandate_activated", "Payments can be collected under the mandate.", _MANDATE),
    EventType("mandate_deactivated", "The mandate lapsed.", _MANDATE),
    EventType("mandate_cancelled", "The payer or their bank cancelled the mandate.", _MANDATE),
    EventType("mandate_failed", "The payer's bank refused the mandate.", _MANDATE),
    EventType("mandate_errored", "The provider failed; there is no mandate.", _MANDATE),
    EventType("direct_debit_created", "A service asked for a payment under a mandate.", _PAYMENT),
    EventType("direct_debit_requested", "The provider is asked to collect the payment.", _PAYMENT),
    EventType("direct_debit_postponed", "The provider did not answer; it is asked again later.", _PAYMENT),
    EventType("direct_debit_submitted", "The payment was sent to the payer's bank.", _PAYMENT),
    EventType("direct_debit_succeeded", "The payment was collected.", _PAYMENT),
    EventType("direct_debit_failed", "The payer's bank did not pay, or took the money back.", _PAYMENT),
    EventType("direct_debit_cancelled", "The payment was cancelled with its mandate.", _PAYMENT),
    EventType("direct_debit_paid_out", "The money is on its way to the service's bank account.", _PAYMENT),
    EventType("direct_debit_claimed", "The payer took the money back under the Direct Debit Guarantee.", _PAYMENT),
    EventType("direct_debit_errored", "The provider refused the payment for good.", _PAYMENT),
)
