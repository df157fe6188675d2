"""What the event feed takes and gives."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from gaap.components import known_events

MAX_PAGE = 500
MAX_WAIT_SECONDS = 20


class EventQuerySerializer(serializers.Serializer[Any]):
    """The query of the feed."""

    after = serializers.CharField(
        required=False, max_length=100, help_text="The cursor `next` of the page before, or `latest` to begin with now."
    )
    limit = serializers.IntegerField(required=False, default=100, min_value=1, max_value=MAX_PAGE)
    type = serializers.CharField(
        required=False, max_length=2000, help_text="Event types to return, separated by commas."
    )
    subject = serializers.CharField(required=False, max_length=150, help_text="Return events of one subject only.")
    wait = serializers.FloatField(
        required=False,
        default=0,
        min_value=0,
        max_value=MAX_WAIT_SECONDS,
        help_text="Seconds to wait for an event when there is none; the answer may come earlier.",
    )

    def validate_type(self, value: str) -> list[str]:
        """Return the types, each of them known."""
        return check_types(value.split(","))


def check_types(types: list[str]) -> list[str]:
    """Return ``types``; raises ValidationError on one that no component declares."""
    known = known_events()
    unknown = sorted(name for name in types if name not in known)
    if unknown:
        raise serializers.ValidationError(f"Unknown event type: {', '.join(unknown)}.")
    return types


class CloudEventSerializer(serializers.Serializer[Any]):
    """One event (CloudEvents 1.0, JSON format)."""

    specversion = serializers.ChoiceField(choices=["1.0"])
    id = serializers.UUIDField(help_text="The same in the feed and in every delivery of a webhook.")
    source = serializers.CharField(help_text="The service whose stream this is.")  # type: ignore[assignment]
    type = serializers.CharField()
    subject = serializers.CharField(help_text="What the event is about, as `noun/id`.")
    time = serializers.DateTimeField()
    datacontenttype = serializers.ChoiceField(choices=["application/json"])
    sequence = serializers.CharField(help_text="The place in the service's stream; sorts as text.")
    data = serializers.SerializerMethodField()  # type: ignore[assignment]

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_data(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return what the event type's schema describes."""
        data: dict[str, Any] = document["data"]
        return data


class EventPageSerializer(serializers.Serializer[Any]):
    """A page of the feed."""

    events = CloudEventSerializer(many=True)
    next = serializers.CharField(help_text="Give this as `after` to go on from here.")
    has_more = serializers.BooleanField(help_text="True when more events wait already.")
