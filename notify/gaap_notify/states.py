"""The life of a notification (spec A.13): data only; ``gaap.states.move`` holds it. A letter has a life of its own."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap.states import TransitionTable

CREATED = "created"
SENDING = "sending"
PENDING = "pending"
SENT = "sent"
DELIVERED = "delivered"
TEMPORARY_FAILURE = "temporary-failure"
PERMANENT_FAILURE = "permanent-failure"
TECHNICAL_FAILURE = "technical-failure"
CANCELLED = "cancelled"
PENDING_VIRUS_CHECK = "pending-virus-check"
VIRUS_SCAN_FAILED = "virus-scan-failed"
VALIDATION_FAILED = "validation-failed"
RETURNED_LETTER = "returned-letter"

NOTIFICATION_CREATED = "notification_created"

#: A receipt may overtake the answer of the provider's API, so the ends can be reached from ``created`` as well.
NOTIFICATION = TransitionTable(
    noun="notification",
    initial=CREATED,
    edges={
        (CREATED, SENDING): "notification_sent",
        (CREATED, SENT): "notification_sent",
        (CREATED, PENDING): "notification_delayed",
        (CREATED, DELIVERED): "notification_delivered",
        (CREATED, TEMPORARY_FAILURE): "notification_failed",
        (CREATED, PERMANENT_FAILURE): "notification_failed",
        (CREATED, TECHNICAL_FAILURE): "notification_failed",
        (SENDING, PENDING): "notification_delayed",
        (SENDING, DELIVERED): "notification_delivered",
        (SENDING, TEMPORARY_FAILURE): "notification_failed",
        (SENDING, PERMANENT_FAILURE): "notification_failed",
        (PENDING, DELIVERED): "notification_delivered",
        (PENDING, TEMPORARY_FAILURE): "notification_failed",
        (PENDING, PERMANENT_FAILURE): "notification_failed",
    },
    # A message is its own record and carries the key that made it.
    is_audited=False,
)

#: A letter made from a template begins as ``created``. Until a provider has it, its sender may take it back.
LETTER = TransitionTable(
    noun="notification",
    initial=PENDING_VIRUS_CHECK,
    edges={
        (PENDING_VIRUS_CHECK, CREATED): "notification_checked",
        (PENDING_VIRUS_CHECK, VIRUS_SCAN_FAILED): "notification_failed",
        (PENDING_VIRUS_CHECK, VALIDATION_FAILED): "notification_failed",
        (PENDING_VIRUS_CHECK, TECHNICAL_FAILURE): "notification_failed",
        (PENDING_VIRUS_CHECK, CANCELLED): "notification_cancelled",
        (CREATED, VALIDATION_FAILED): "notification_failed",
        (CREATED, TECHNICAL_FAILURE): "notification_failed",
        (CREATED, CANCELLED): "notification_cancelled",
        (CREATED, SENDING): "notification_sent",
        # The printer's word may overtake our own note that it has the letter.
        (CREATED, DELIVERED): "notification_delivered",
        (SENDING, DELIVERED): "notification_delivered",
        (SENDING, PERMANENT_FAILURE): "notification_failed",
        (SENDING, TECHNICAL_FAILURE): "notification_failed",
        (SENDING, RETURNED_LETTER): "notification_returned",
        (DELIVERED, RETURNED_LETTER): "notification_returned",
    },
    is_audited=False,
)

JOB_SCHEDULED = "scheduled"
JOB_PENDING = "pending"
JOB_IN_PROGRESS = "in progress"
JOB_FINISHED = "finished"
JOB_CANCELLED = "cancelled"

#: A spreadsheet's messages, from its upload to the last of them written down for sending.
JOB = TransitionTable(
    noun="job",
    initial=JOB_PENDING,
    edges={
        (JOB_PENDING, JOB_SCHEDULED): "job_scheduled",
        (JOB_PENDING, JOB_IN_PROGRESS): "job_started",
        (JOB_SCHEDULED, JOB_IN_PROGRESS): "job_started",
        (JOB_IN_PROGRESS, JOB_FINISHED): "job_finished",
        (JOB_PENDING, JOB_CANCELLED): "job_cancelled",
        (JOB_SCHEDULED, JOB_CANCELLED): "job_cancelled",
        (JOB_IN_PROGRESS, JOB_CANCELLED): "job_cancelled",
    },
)

#: Every stored status.
STATUSES = tuple(dict.fromkeys((*NOTIFICATION.statuses, *LETTER.statuses)))
#: Statuses in which nothing more is expected to happen, though a delivered letter may still come back.
COMPLETED = NOTIFICATION.final | LETTER.final | {DELIVERED}


def table_for(channel: str) -> TransitionTable:
    """Return the table that holds for the notifications of ``channel``."""
    return LETTER if channel == "letter" else NOTIFICATION


#: The statuses as people read them.
STATUS_LABELS: Mapping[str, Promise] = {
    CREATED: _("Waiting to be sent"),
    SENDING: _("On its way"),
    PENDING: _("Delayed"),
    SENT: _("Sent"),
    DELIVERED: _("Delivered"),
    TEMPORARY_FAILURE: _("Not delivered: recipient not reached"),
    PERMANENT_FAILURE: _("Not delivered: no such recipient"),
    TECHNICAL_FAILURE: _("Not delivered: technical fault"),
    CANCELLED: _("Cancelled"),
    PENDING_VIRUS_CHECK: _("Being checked"),
    VIRUS_SCAN_FAILED: _("Not sent: the file holds a virus"),
    VALIDATION_FAILED: _("Not sent: the letter cannot be printed"),
    RETURNED_LETTER: _("Returned to the sender"),
}

FAILURES = frozenset({TEMPORARY_FAILURE, PERMANENT_FAILURE, TECHNICAL_FAILURE, VIRUS_SCAN_FAILED, VALIDATION_FAILED})

#: How the contract shows the statuses of letters (spec A.13).
PUBLIC_LETTER_STATUSES: Mapping[str, str] = {
    CREATED: "accepted",
    SENDING: "accepted",
    DELIVERED: "received",
    RETURNED_LETTER: "received",
}

#: Every status that a caller may filter by (spec A.8).
PUBLIC_STATUSES = (
    CANCELLED,
    CREATED,
    SENDING,
    SENT,
    DELIVERED,
    PENDING,
    "failed",
    TECHNICAL_FAILURE,
    TEMPORARY_FAILURE,
    PERMANENT_FAILURE,
    PENDING_VIRUS_CHECK,
    VALIDATION_FAILED,
    VIRUS_SCAN_FAILED,
    RETURNED_LETTER,
    "accepted",
    "received",
)

#: What a public status stands for when it is not itself a stored one (spec A.8).
STATUS_GROUPS = {
    "failed": tuple(sorted(FAILURES)),
    "accepted": (CREATED, SENDING),
    "received": (DELIVERED, RETURNED_LETTER),
}
