"""What people read for a status: the groups of the transactions page, and the words for each."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap_payments.states import PUBLIC_REFUND_STATUSES, PUBLIC_STATES, PublicState

#: The groups of payments, refunds and disputes, each with its label, in the order of the search form.
STATE_LABELS: Mapping[str, Promise] = {
    "in_progress": _("In progress"),
    "success": _("Success"),
    "declined": _("Declined"),
    "timed_out": _("Timed out"),
    "cancelled": _("Cancelled"),
    "error": _("Error"),
    "refund_submitted": _("Refund submitted"),
    "refund_success": _("Refund success"),
    "refund_error": _("Refund error"),
    "dispute_needs_response": _("Dispute awaiting evidence"),
    "dispute_under_review": _("Dispute under review"),
    "dispute_won": _("Dispute won"),
    "dispute_lost": _("Dispute lost"),
}

REFUND, DISPUTE = "refund_", "dispute_"

_BY_CODE = {"P0010": "declined", "P0020": "timed_out", "P0030": "cancelled", "P0040": "cancelled", "P0050": "error"}

AGREEMENT_LABELS: Mapping[str, Promise] = {
    "created": _("Waiting for the first payment"),
    "active": _("Active"),
    "inactive": _("The card cannot be asked any more"),
    "cancelled": _("Cancelled"),
}

PAYOUT_LABELS: Mapping[str, Promise] = {"pending": _("On its way"), "paid": _("Paid"), "failed": _("Came back")}

REQUEST_LABELS: Mapping[str, Promise] = {
    "waiting": _("Waits for a second person"),
    "agreed": _("Approved"),
    "rejected": _("Declined"),
}

REASON_LABELS: Mapping[str, Promise] = {
    "credit_not_processed": _("A refund did not arrive"),
    "duplicate": _("Paid twice"),
    "fraudulent": _("Fraud"),
    "general": _("No reason given"),
    "product_not_received": _("Nothing was received"),
    "product_unacceptable": _("What was received was not right"),
    "unrecognised": _("The payer does not recognise the payment"),
    "subscription_cancelled": _("The payer had cancelled"),
    "other": _("Another reason"),
}

#: Why no evidence is taken, by the words of ``EvidenceClosedError``.
CLOSED_LABELS: Mapping[str, Promise] = {
    "decided": _("The bank waits for no evidence about this dispute."),
    "late": _("It is too late: the evidence was due before now."),
    "entered": _("Evidence about this dispute was entered before."),
    "never": _("The payment provider takes evidence about disputes only on its own pages."),
}

EVIDENCE_LABELS: Mapping[str, Promise] = {
    "waiting": _("Waits to be sent"),
    "sending": _("Waits to be sent"),
    "sent": _("The payment provider has it"),
    "refused": _("The payment provider refused it"),
}


def payment_group(state: PublicState) -> str:
    """Return the group that a payment's state belongs to, a key of ``STATE_LABELS``."""
    return _BY_CODE.get(state.code) or ("success" if state.status == "success" else "in_progress")


def payment_statuses(group: str) -> tuple[str, ...]:
    """Return the stored statuses of payments in ``group``; none for a group of refunds or disputes."""
    return tuple(status for status, state in PUBLIC_STATES.items() if payment_group(state) == group)


def refund_statuses(group: str) -> tuple[str, ...]:
    """Return the stored statuses of refunds in ``group``; none for any other group."""
    return tuple(status for status, public in PUBLIC_REFUND_STATUSES.items() if f"{REFUND}{public}" == group)


def state_kind(group: str) -> str:
    """Return how a group is coloured: ``good``, ``bad``, ``waiting`` or nothing."""
    kinds = {"success": "good", "refund_success": "good", "dispute_won": "good", "in_progress": "waiting"}
    bad = ("error", "declined", "refund_error", "dispute_lost", "dispute_needs_response")
    return "bad" if group in bad else kinds.get(group, "")
