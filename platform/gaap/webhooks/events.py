"""The events that tell of webhooks themselves."""

from gaap.components import EventType
from gaap.events.schemas import UUID, data_schema, one_of

_REASONS = one_of("requested", "failing", "gone")

EVENTS = (
    EventType("webhook_created", "A webhook was added.", data_schema(status=one_of("active"))),
    EventType(
        "webhook_disabled",
        "Nothing is sent to a webhook any more: the team asked for it, nothing got through for three days, or its "
        "receiver answered that it is gone.",
        data_schema(status=one_of("disabled"), reason=_REASONS),
    ),
    EventType("webhook_enabled", "Events are sent to a disabled webhook again.", data_schema(status=one_of("active"))),
    EventType("webhook_deleted", "A webhook was deleted.", data_schema(status=one_of("deleted"))),
    EventType(
        "webhook_tested",
        "Somebody tries a webhook. It is sent to that webhook alone and stands in no stream.",
        data_schema(webhook_id=UUID),
    ),
)
