"""The life of a request to go live."""

from gaap.states import TransitionTable

WAITING = "waiting"
APPROVED = "approved"
REFUSED = "refused"
WITHDRAWN = "withdrawn"

GO_LIVE = TransitionTable(
    noun="go_live_request",
    initial=WAITING,
    edges={
        (WAITING, APPROVED): "go_live_approved",
        (WAITING, REFUSED): "go_live_refused",
        (WAITING, WITHDRAWN): "go_live_withdrawn",
    },
)
