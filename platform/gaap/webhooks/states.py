"""The life of a webhook."""

from gaap.states import TransitionTable

ACTIVE = "active"
DISABLED = "disabled"
DELETED = "deleted"

WEBHOOK = TransitionTable(
    noun="webhook",
    initial=ACTIVE,
    edges={
        (ACTIVE, DISABLED): "webhook_disabled",
        (DISABLED, ACTIVE): "webhook_enabled",
        (ACTIVE, DELETED): "webhook_deleted",
        (DISABLED, DELETED): "webhook_deleted",
    },
)
