"""What other components may import of payments; nothing else leaves."""

from collections.abc import Iterator

from gaap.components import EventType
from gaap.events.schemas import TEXT, WHOLE_NUMBER, data_schema, one_of
from gaap_payments.direct_debit_events import DIRECT_DEBIT_EVENTS

#: What the API may say of a payment (contract A.10).
STATUSES = ("created", "started", "submitted", "capturable", "success", "failed", "cancelled", "error")

REFUND_STATUSES = ("submitted", "success", "error")
DISPUTE_STATUSES = ("needs_response", "under_review", "won", "lost")

STATE = {
    "type": "object",
    "properties": {
        "status": one_of(*STATUSES),
        "finished": {"type": "boolean"},
        "code": TEXT,
    },
    "required": ["status", "finished", "code"],
    "additionalProperties": False,
}
#: What every event of a payment says: nothing of the payer, nothing of the card.
PAYMENT_DATA = data_schema(payment_id=TEXT, amount=WHOLE_NUMBER, currency=TEXT, status=TEXT, state=STATE)


def _event(name: str, description: str) -> EventType:
    return EventType(name, description, PAYMENT_DATA)


def _money_events() -> Iterator[EventType]:
    refund = data_schema(
        refund_id=TEXT, payment_id=TEXT, amount=WHOLE_NUMBER, currency=TEXT, status=one_of("waiting", *REFUND_STATUSES)
    )
    yield EventType("refund_created", "Money is to be given back.", refund)
    yield EventType("refund_submitted", "The provider accepted the refund.", refund)
    yield EventType("refund_succeeded", "The money is on its way back to the payer.", refund)
    yield EventType("refund_failed", "The provider could not give the money back.", refund)
    request = data_schema(
        payment_id=TEXT, amount=WHOLE_NUMBER, currency=TEXT, status=one_of("waiting", "agreed", "rejected")
    )
    yield EventType("refund_requested", "A large refund waits for a second person.", request)
    yield EventType("refund_agreed", "A second person agreed to a large refund.", request)
    yield EventType("refund_rejected", "A second person refused a large refund.", request)
    dispute = data_schema(
        dispute_id=TEXT, payment_id=TEXT, amount=WHOLE_NUMBER, currency=TEXT, status=one_of(*DISPUTE_STATUSES)
    )
    yield EventType("dispute_opened", "The payer's bank wants a payment back.", dispute)
    yield EventType("dispute_evidence_submitted", "The payer's bank looks at the evidence.", dispute)
    yield EventType("dispute_reopened", "The payer's bank wants more evidence.", dispute)
    yield EventType("dispute_won", "The payment stays with the service.", dispute)
    yield EventType("dispute_lost", "The payment went back to the payer.", dispute)
    evidence = data_schema(dispute_id=TEXT, payment_id=TEXT, status=one_of("waiting", "sending", "sent", "refused"))
    yield EventType("dispute_evidence_entered", "A team member entered evidence about a dispute.", evidence)
    yield EventType("dispute_evidence_requested", "The evidence about a dispute goes to the provider.", evidence)
    yield EventType("dispute_evidence_postponed", "The provider did not answer; the evidence is sent later.", evidence)
    yield EventType("dispute_evidence_sent", "The provider has the evidence about a dispute.", evidence)
    yield EventType("dispute_evidence_refused", "The provider takes no evidence about the dispute.", evidence)
    agreement = data_schema(agreement_id=TEXT, status=one_of("created", "active", "inactive", "cancelled"))
    yield EventType("agreement_created", "A service asked for an agreement on recurring payments.", agreement)
    yield EventType("agreement_activated", "A card is kept, and may be asked for recurring payments.", agreement)
    yield EventType("agreement_deactivated", "The card of the agreement cannot be asked any more.", agreement)
    yield EventType("agreement_cancelled", "No more recurring payments will be asked for.", agreement)
    payout = data_schema(
        payout_id=WHOLE_NUMBER, amount=WHOLE_NUMBER, currency=TEXT, status=one_of("pending", "paid", "failed")
    )
    yield EventType("payout_created", "The provider announced a transfer to the service's bank account.", payout)
    yield EventType("payout_paid", "The provider's transfer to the service's bank account is made.", payout)
    yield EventType("payout_failed", "The provider's transfer to the service's bank account came back.", payout)


EVENTS = (
    _event("payment_created", "A service asked for a payment."),
    _event("payment_started", "The citizen opened the payment page."),
    _event("payment_authorisation_requested", "The citizen's card details went to the provider."),
    _event("payment_authentication_required", "The citizen's bank wants to be sure that it is really them."),
    _event("payment_authentication_returned", "The citizen came back from their bank."),
    _event("payment_retry_offered", "The card was declined; the citizen may try again."),
    _event("payment_submitted", "The money is reserved; the citizen has to confirm."),
    _event("payment_confirmed", "The citizen confirmed a payment whose capture waits for the service."),
    _event("payment_succeeded", "The payment is agreed and its capture is under way."),
    _event("payment_capture_requested", "The provider was asked to take the reserved money."),
    _event("payment_capture_postponed", "The provider did not take the money yet; it is asked again later."),
    _event("payment_capture_submitted", "The provider accepted the capture."),
    _event("payment_captured", "The provider took the money."),
    _event("payment_failed", "The card was declined."),
    _event("payment_errored", "The provider failed; no money was taken."),
    _event("payment_cancelled", "The citizen or the service cancelled the payment; the code says which."),
    _event("payment_expired", "The payment was not finished in time."),
    _event("payment_released", "The provider released what it held for an ended payment."),
    *_money_events(),
    *DIRECT_DEBIT_EVENTS,
)
