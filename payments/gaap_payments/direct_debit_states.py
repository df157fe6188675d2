"""The lives of a Direct Debit mandate and of a payment collected under it (contract D.2).

A status that ends in ``submitting`` is a lock, taken before the provider is asked.
"""

from collections.abc import Mapping

from gaap.states import TransitionTable

CREATED = "created"
STARTED = "started"
SUBMITTING = "submitting"
PENDING = "pending"
ACTIVE = "active"
INACTIVE = "inactive"
CANCELLED = "cancelled"
FAILED = "failed"
ABANDONED = "abandoned"
ERROR = "error"
SUCCESS = "success"
PAID_OUT = "paidout"
INDEMNITY_CLAIM = "indemnityclaim"

MANDATE = TransitionTable(
    noun="mandate",
    initial=CREATED,
    edges={
        (CREATED, STARTED): "mandate_started",
        (CREATED, ABANDONED): "mandate_abandoned",
        (CREATED, ERROR): "mandate_errored",
        (STARTED, ABANDONED): "mandate_abandoned",
        (STARTED, SUBMITTING): "mandate_requested",
        (SUBMITTING, STARTED): "mandate_returned",
        (SUBMITTING, PENDING): "mandate_submitted",
        (SUBMITTING, FAILED): "mandate_failed",
        (SUBMITTING, ERROR): "mandate_errored",
        (PENDING, ACTIVE): "mandate_activated",
        (PENDING, FAILED): "mandate_failed",
        (PENDING, CANCELLED): "mandate_cancelled",
        (ACTIVE, INACTIVE): "mandate_deactivated",
        (ACTIVE, CANCELLED): "mandate_cancelled",
        (INACTIVE, ACTIVE): "mandate_activated",
        (INACTIVE, CANCELLED): "mandate_cancelled",
    },
)

COLLECTION = TransitionTable(
    noun="direct_debit",
    initial=CREATED,
    edges={
        (CREATED, SUBMITTING): "direct_debit_requested",
        (CREATED, CANCELLED): "direct_debit_cancelled",
        (SUBMITTING, CREATED): "direct_debit_postponed",
        (SUBMITTING, PENDING): "direct_debit_submitted",
        (SUBMITTING, ERROR): "direct_debit_errored",
        (PENDING, SUCCESS): "direct_debit_succeeded",
        (PENDING, FAILED): "direct_debit_failed",
        (PENDING, CANCELLED): "direct_debit_cancelled",
        (SUCCESS, PAID_OUT): "direct_debit_paid_out",
        (SUCCESS, FAILED): "direct_debit_failed",
        (SUCCESS, INDEMNITY_CLAIM): "direct_debit_claimed",
        (PAID_OUT, FAILED): "direct_debit_failed",
        (PAID_OUT, INDEMNITY_CLAIM): "direct_debit_claimed",
        (INDEMNITY_CLAIM, PAID_OUT): "direct_debit_paid_out",
    },
)

#: Stored statuses that the API calls otherwise.
PUBLIC_MANDATE_STATUSES: Mapping[str, str] = {**{name: name for name in MANDATE.statuses}, SUBMITTING: STARTED}
PUBLIC_COLLECTION_STATUSES: Mapping[str, str] = {**{name: name for name in COLLECTION.statuses}, SUBMITTING: CREATED}

#: ``state.details`` of a mandate.
MANDATE_DETAILS: Mapping[str, str] = {
    CREATED: "The mandate has been created.",
    STARTED: "The payer is filling in their bank details.",
    PENDING: "The mandate was sent to the payer's bank.",
    ACTIVE: "Payments can be collected.",
    INACTIVE: "The mandate has not been used for a long time and has lapsed.",
    CANCELLED: "The mandate was cancelled.",
    FAILED: "The payer's bank refused the mandate.",
    ABANDONED: "The payer did not finish.",
    ERROR: "The payment provider returned an error.",
}
#: ``state.details`` of a payment.
COLLECTION_DETAILS: Mapping[str, str] = {
    CREATED: "The payment has been created.",
    PENDING: "The payment was sent to the payer's bank.",
    SUCCESS: "The payment was collected.",
    FAILED: "The payer's bank did not pay.",
    CANCELLED: "The payment was cancelled.",
    PAID_OUT: "The money is on its way to the service's bank account.",
    INDEMNITY_CLAIM: "The payer's bank took the money back under the Direct Debit Guarantee.",
    ERROR: "The payment provider returned an error.",
}
#: Statuses of a mandate under which a payment may be asked for.
COLLECTABLE = frozenset({PENDING, ACTIVE})
