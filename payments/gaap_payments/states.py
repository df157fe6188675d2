"""The life of a payment: which stored status may follow which, and what the API says of each.

The stored statuses are finer than the public ones: a status ending in ``_ready`` is a lock, taken by a guarded UPDATE
before the provider is asked, so that one of many parallel requests asks.
"""

from dataclasses import dataclass

from gaap.states import TransitionTable

CREATED = "created"
STARTED = "started"
AUTHORISATION_READY = "authorisation_ready"
AUTHENTICATION_REQUIRED = "authentication_required"
AUTHENTICATION_READY = "authentication_ready"
SUBMITTED = "submitted"
CAPTURABLE = "capturable"
CAPTURE_APPROVED = "capture_approved"
CAPTURE_READY = "capture_ready"
CAPTURE_SUBMITTED = "capture_submitted"
CAPTURED = "captured"
DECLINED = "declined"
AUTHORISATION_ERROR = "authorisation_error"
CAPTURE_ERROR = "capture_error"
USER_CANCEL_READY = "user_cancel_ready"
CANCELLED_BY_USER = "cancelled_by_user"
SERVICE_CANCEL_READY = "service_cancel_ready"
CANCELLED_BY_SERVICE = "cancelled_by_service"
EXPIRY_READY = "expiry_ready"
EXPIRED = "expired"

PAYMENT = TransitionTable(
    noun="payment",
    initial=CREATED,
    edges={
        (CREATED, STARTED): "payment_started",
        (CREATED, AUTHORISATION_ERROR): "payment_errored",
        (STARTED, AUTHORISATION_ERROR): "payment_errored",
        (STARTED, AUTHORISATION_READY): "payment_authorisation_requested",
        (AUTHORISATION_READY, SUBMITTED): "payment_submitted",
        (AUTHORISATION_READY, DECLINED): "payment_failed",
        (AUTHORISATION_READY, AUTHORISATION_ERROR): "payment_errored",
        (AUTHORISATION_READY, STARTED): "payment_retry_offered",
        (AUTHORISATION_READY, AUTHENTICATION_REQUIRED): "payment_authentication_required",
        (AUTHENTICATION_REQUIRED, AUTHENTICATION_READY): "payment_authentication_returned",
        (AUTHENTICATION_READY, AUTHENTICATION_REQUIRED): "payment_authentication_required",
        (AUTHENTICATION_READY, SUBMITTED): "payment_submitted",
        (AUTHENTICATION_READY, DECLINED): "payment_failed",
        (AUTHENTICATION_READY, AUTHORISATION_ERROR): "payment_errored",
        (AUTHENTICATION_READY, STARTED): "payment_retry_offered",
        (SUBMITTED, CAPTURE_APPROVED): "payment_succeeded",
        (SUBMITTED, CAPTURABLE): "payment_confirmed",
        (CAPTURABLE, CAPTURE_APPROVED): "payment_succeeded",
        (CAPTURE_APPROVED, CAPTURE_READY): "payment_capture_requested",
        (CAPTURE_READY, CAPTURE_APPROVED): "payment_capture_postponed",
        (CAPTURE_READY, CAPTURE_SUBMITTED): "payment_capture_submitted",
        (CAPTURE_READY, CAPTURED): "payment_captured",
        (CAPTURE_READY, CAPTURE_ERROR): "payment_errored",
        (CAPTURE_SUBMITTED, CAPTURED): "payment_captured",
        (CAPTURE_SUBMITTED, CAPTURE_ERROR): "payment_errored",
        (CREATED, CANCELLED_BY_USER): "payment_cancelled",
        (STARTED, USER_CANCEL_READY): "payment_cancelled",
        (AUTHENTICATION_REQUIRED, USER_CANCEL_READY): "payment_cancelled",
        (SUBMITTED, USER_CANCEL_READY): "payment_cancelled",
        (USER_CANCEL_READY, CANCELLED_BY_USER): "payment_released",
        (CREATED, CANCELLED_BY_SERVICE): "payment_cancelled",
        (STARTED, SERVICE_CANCEL_READY): "payment_cancelled",
        (AUTHENTICATION_REQUIRED, SERVICE_CANCEL_READY): "payment_cancelled",
        (SUBMITTED, SERVICE_CANCEL_READY): "payment_cancelled",
        (CAPTURABLE, SERVICE_CANCEL_READY): "payment_cancelled",
        (SERVICE_CANCEL_READY, CANCELLED_BY_SERVICE): "payment_released",
        (CREATED, EXPIRED): "payment_expired",
        (STARTED, EXPIRY_READY): "payment_expired",
        (AUTHENTICATION_REQUIRED, EXPIRY_READY): "payment_expired",
        (SUBMITTED, EXPIRY_READY): "payment_expired",
        (CAPTURABLE, EXPIRY_READY): "payment_expired",
        (EXPIRY_READY, EXPIRED): "payment_released",
    },
)


@dataclass(frozen=True)
class PublicState:
    """What the API says of a payment (contract A.10); ``code`` and ``message`` are empty unless it went wrong."""

    status: str
    is_finished: bool = False
    code: str = ""
    message: str = ""


_SUCCESS = PublicState("success", is_finished=True)
_DECLINED = PublicState("failed", is_finished=True, code="P0010", message="Payment method rejected")
_EXPIRED = PublicState("failed", is_finished=True, code="P0020", message="Payment expired")
_BY_USER = PublicState("failed", is_finished=True, code="P0030", message="Payment was cancelled by the user")
_BY_SERVICE = PublicState("cancelled", is_finished=True, code="P0040", message="Payment was cancelled by the service")
_ERROR = PublicState("error", is_finished=True, code="P0050", message="Payment provider returned an error")

PUBLIC_STATES = {
    CREATED: PublicState("created"),
    STARTED: PublicState("started"),
    AUTHORISATION_READY: PublicState("started"),
    AUTHENTICATION_REQUIRED: PublicState("started"),
    AUTHENTICATION_READY: PublicState("started"),
    SUBMITTED: PublicState("submitted"),
    CAPTURABLE: PublicState("capturable"),
    CAPTURE_APPROVED: _SUCCESS,
    CAPTURE_READY: _SUCCESS,
    CAPTURE_SUBMITTED: _SUCCESS,
    CAPTURED: _SUCCESS,
    DECLINED: _DECLINED,
    AUTHORISATION_ERROR: _ERROR,
    CAPTURE_ERROR: _ERROR,
    USER_CANCEL_READY: _BY_USER,
    CANCELLED_BY_USER: _BY_USER,
    SERVICE_CANCEL_READY: _BY_SERVICE,
    CANCELLED_BY_SERVICE: _BY_SERVICE,
    EXPIRY_READY: _EXPIRED,
    EXPIRED: _EXPIRED,
}

#: Stored statuses in which the citizen still has something to do, so that a link to the pages makes sense.
NEEDS_CITIZEN = frozenset(
    {CREATED, STARTED, AUTHORISATION_READY, AUTHENTICATION_REQUIRED, AUTHENTICATION_READY, SUBMITTED}
)

#: Stored statuses in which a service's own program may send the card.
NEEDS_CARD = frozenset({CREATED, STARTED})

#: Stored statuses in which the provider is being asked about the citizen's card.
IS_BEING_AUTHORISED = frozenset({AUTHORISATION_READY, AUTHENTICATION_READY})


def stored_statuses(public_status: str) -> tuple[str, ...]:
    """Return the stored statuses that the API calls ``public_status``."""
    return tuple(status for status, public in PUBLIC_STATES.items() if public.status == public_status)


def cancel_target(status: str, *, done: str, ready: str) -> str | None:
    """Return where ending a payment early leads from ``status``.

    ``ready`` when the provider has a session or an authorisation to release, ``done`` when it has none, None when the
    payment cannot be ended that way any more.
    """
    if PUBLIC_STATES[status].is_finished:
        return None
    return next((target for target in (ready, done) if PAYMENT.can_move(status, target)), None)


WAITING = "waiting"
REFUND_SUBMITTED = "submitted"
REFUND_SUCCESS = "success"
REFUND_ERROR = "error"

#: The life of a refund. ``waiting`` is ours alone: the provider has not been asked yet, or did not answer.
REFUND = TransitionTable(
    noun="refund",
    initial=WAITING,
    edges={
        (WAITING, REFUND_SUBMITTED): "refund_submitted",
        (WAITING, REFUND_SUCCESS): "refund_succeeded",
        (WAITING, REFUND_ERROR): "refund_failed",
        (REFUND_SUBMITTED, REFUND_SUCCESS): "refund_succeeded",
        (REFUND_SUBMITTED, REFUND_ERROR): "refund_failed",
    },
)

#: What the API says of each stored status of a refund (contract A.9).
PUBLIC_REFUND_STATUSES = {
    WAITING: "submitted",
    REFUND_SUBMITTED: "submitted",
    REFUND_SUCCESS: "success",
    REFUND_ERROR: "error",
}

AGREED = "agreed"
REJECTED = "rejected"

#: The life of a refund that a second person has to agree to.
REFUND_REQUEST = TransitionTable(
    noun="refund_request",
    initial=WAITING,
    edges={(WAITING, AGREED): "refund_agreed", (WAITING, REJECTED): "refund_rejected"},
)

NEEDS_RESPONSE = "needs_response"
UNDER_REVIEW = "under_review"
WON = "won"
LOST = "lost"

#: The life of a dispute, in the contract's words (A.8). A bank may change its mind until the end.
DISPUTE = TransitionTable(
    noun="dispute",
    initial=NEEDS_RESPONSE,
    edges={
        (NEEDS_RESPONSE, UNDER_REVIEW): "dispute_evidence_submitted",
        (NEEDS_RESPONSE, WON): "dispute_won",
        (NEEDS_RESPONSE, LOST): "dispute_lost",
        (UNDER_REVIEW, NEEDS_RESPONSE): "dispute_reopened",
        (UNDER_REVIEW, WON): "dispute_won",
        (UNDER_REVIEW, LOST): "dispute_lost",
    },
)

SENDING = "sending"
SENT = "sent"
REFUSED = "refused"

#: The life of a service's evidence about a dispute; ``sending`` is a lock, taken before the provider is asked.
DISPUTE_EVIDENCE = TransitionTable(
    noun="dispute_evidence",
    initial=WAITING,
    edges={
        (WAITING, SENDING): "dispute_evidence_requested",
        (SENDING, WAITING): "dispute_evidence_postponed",
        (SENDING, SENT): "dispute_evidence_sent",
        (SENDING, REFUSED): "dispute_evidence_refused",
        (REFUSED, WAITING): "dispute_evidence_entered",
    },
)

ACTIVE = "active"
INACTIVE = "inactive"
CANCELLED = "cancelled"

#: The life of an agreement (contract A.9).
AGREEMENT = TransitionTable(
    noun="agreement",
    initial=CREATED,
    edges={
        (CREATED, ACTIVE): "agreement_activated",
        (ACTIVE, INACTIVE): "agreement_deactivated",
        (INACTIVE, ACTIVE): "agreement_activated",
        (ACTIVE, CANCELLED): "agreement_cancelled",
    },
)

PENDING = "pending"
PAID = "paid"
FAILED = "failed"

#: The life of a payout. A bank may send one back after it was paid.
PAYOUT = TransitionTable(
    noun="payout",
    initial=PENDING,
    edges={
        (PENDING, PAID): "payout_paid",
        (PENDING, FAILED): "payout_failed",
        (PAID, FAILED): "payout_failed",
    },
)
