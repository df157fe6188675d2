"""The events that tell of a service's way from trial to live."""

from gaap.components import EventType
from gaap.events.schemas import data_schema, one_of

EVENTS = (
    EventType("go_live_requested", "The team asked to go live.", data_schema(status=one_of("waiting"))),
    EventType("go_live_approved", "The service is live.", data_schema(status=one_of("approved"))),
    EventType(
        "go_live_refused",
        "The service stays in trial mode for now; the console says why.",
        data_schema(status=one_of("refused")),
    ),
    EventType("go_live_withdrawn", "The team took its wish back.", data_schema(status=one_of("withdrawn"))),
)
