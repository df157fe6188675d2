"""What may become of a sign-in and of an identity check. Data only; the kernel's ``move`` does the rest."""

from gaap.states import TransitionTable

SIGN_IN = TransitionTable(
    noun="sign_in",
    initial="started",
    edges={
        ("started", "completed"): "sign_in_completed",
        ("started", "refused"): "sign_in_refused",
    },
)

IDENTITY_CHECK = TransitionTable(
    noun="identity_check",
    initial="started",
    edges={
        ("started", "passed"): "identity_proven",
        ("started", "failed"): "identity_not_proven",
        ("started", "pending"): "identity_check_pending",
        ("pending", "passed"): "identity_proven",
        ("pending", "failed"): "identity_not_proven",
    },
)

SIGNING_KEY = TransitionTable(
    noun="signing_key",
    initial="next",
    edges={
        ("next", "active"): "signing_key_activated",
        ("active", "retired"): "signing_key_retired",
    },
)

LOGOUT_NOTICE = TransitionTable(
    noun="logout_notice",
    initial="waiting",
    edges={
        ("waiting", "delivered"): "logout_notice_delivered",
        ("waiting", "failed"): "logout_notice_failed",
    },
    is_audited=False,
)

SECURITY_NOTICE = TransitionTable(
    noun="security_notice",
    initial="waiting",
    edges={
        ("waiting", "delivered"): "security_notice_delivered",
        ("waiting", "failed"): "security_notice_failed",
    },
    is_audited=False,
)

FACTOR_RESET = TransitionTable(
    noun="factor_reset",
    initial="waiting",
    edges={
        ("waiting", "finished"): "factor_reset_finished",
        ("waiting", "cancelled"): "factor_reset_cancelled",
    },
)

POWER = TransitionTable(
    noun="power",
    initial="offered",
    edges={
        ("offered", "accepted"): "power_accepted",
        ("offered", "declined"): "power_declined",
        ("offered", "ended"): "power_withdrawn",
        ("accepted", "ended"): "power_ended",
    },
)

HUMAN_CHECK = TransitionTable(
    noun="human_check",
    initial="waiting",
    edges={
        ("waiting", "proposed"): "human_check_proposed",
        ("proposed", "waiting"): "human_check_returned",
        ("proposed", "settled"): "human_check_settled",
        ("waiting", "settled"): "human_check_settled",
    },
)

PERMISSION_REQUEST = TransitionTable(
    noun="permission_request",
    initial="waiting",
    edges={
        ("waiting", "granted"): "permission_granted",
        ("waiting", "refused"): "permission_refused",
        ("waiting", "withdrawn"): "permission_withdrawn",
    },
)
