"""The pull feed: one stream per service."""

import uuid
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from gaap.api.callers import calling_service, path_uuid
from gaap.api.schema import problems
from gaap.api.views import SuiteView
from gaap.events.cloudevents import cloud_event
from gaap.events.cursors import CursorError, from_cursor, to_cursor
from gaap.events.feed import FeedQuery, await_page, find_event, head_position
from gaap.events.serializers import CloudEventSerializer, EventPageSerializer, EventQuerySerializer

LATEST = "latest"


class EventsView(SuiteView):
    """The stream."""

    required_scope: ClassVar[str] = "events:read"

    @extend_schema(
        operation_id="list_events",
        summary="Read the service's events in order",
        parameters=[EventQuerySerializer],
        responses={200: EventPageSerializer, **problems(400)},
    )
    def get(self, request: Request) -> Response:
        """Return the next page after the cursor; without one, the beginning of the stream."""
        service_id = calling_service(request).pk
        query = EventQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        feed = FeedQuery(
            service_id=service_id,
            after=_position(asked.get("after"), service_id),
            limit=asked["limit"],
            types=asked.get("type", ()),
            subject=asked.get("subject", ""),
        )
        page = await_page(feed, seconds=asked["wait"])
        return Response(
            {
                "events": [cloud_event(event) for event in page.events],
                "next": to_cursor(page.position, service_id=service_id),
                "has_more": page.has_more,
            }
        )


class EventView(SuiteView):
    """One event."""

    required_scope: ClassVar[str] = "events:read"

    @extend_schema(
        operation_id="get_event",
        summary="Read one event",
        responses={200: CloudEventSerializer, **problems(404)},
    )
    def get(self, request: Request, event_id: str) -> Response:
        """Return the event with this id."""
        event = find_event(calling_service(request).pk, path_uuid(event_id))
        if event is None:
            raise NotFound
        return Response(cloud_event(event))


def _position(cursor: str | None, service_id: uuid.UUID) -> int:
    if cursor is None:
        return 0
    if cursor == LATEST:
        return head_position(service_id)
    try:
        return from_cursor(cursor, service_id=service_id)
    except CursorError as error:
        raise ValidationError({"after": [str(error)]}) from error
