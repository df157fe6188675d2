"""Looking at deliveries, trying a webhook, and sending again."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from gaap.actors import Actor
from gaap.api.callers import calling_actor
from gaap.api.errors import ConflictError
from gaap.api.idempotency import idempotent
from gaap.api.schema import problems
from gaap.clock import now
from gaap.events.cursors import CursorError, from_cursor, to_cursor
from gaap.webhooks.api.base import WebhookView
from gaap.webhooks.api.serializers import (
    DeliveryPageSerializer,
    DeliveryQuerySerializer,
    DeliverySerializer,
    ReplayedSerializer,
    ReplaySerializer,
)
from gaap.webhooks.errors import WebhookError, WebhookStateError
from gaap.webhooks.models import Delivery, Subscription
from gaap.webhooks.services.queueing import queue_test
from gaap.webhooks.services.replays import replay_delivery, replay_range


class DeliveriesView(WebhookView):
    """What was sent to one webhook."""

    @extend_schema(
        operation_id="list_deliveries",
        summary="List a webhook's deliveries with every attempt",
        parameters=[DeliveryQuerySerializer],
        responses={200: DeliveryPageSerializer, **problems(400, 404)},
    )
    def get(self, request: Request, webhook_id: str) -> Response:
        """Return the deliveries, newest first."""
        subscription = self.webhook(request, webhook_id)
        query = DeliveryQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        found = list(_deliveries(subscription, asked)[: asked["limit"] + 1])
        page, has_more = found[: asked["limit"]], len(found) > asked["limit"]
        cursor = to_cursor(page[-1].pk, service_id=subscription.service_id) if has_more else None
        return Response({"deliveries": DeliverySerializer(page, many=True).data, "next": cursor})


class TestView(WebhookView):
    """A try of one webhook."""

    @extend_schema(
        operation_id="test_webhook",
        summary="Send a test event",
        request=None,
        responses={202: DeliverySerializer, **problems(404, 409, 422)},
    )
    @idempotent
    def post(self, request: Request, webhook_id: str) -> Response:
        """Queue an event of the type `webhook_tested` for this webhook alone."""
        delivery = queue_test(self.webhook(request, webhook_id))
        if delivery is None:
            raise ConflictError("The webhook is not active.")
        return Response(DeliverySerializer(delivery).data, status=202)


class ReplayView(WebhookView):
    """Sending again."""

    @extend_schema(
        operation_id="replay_webhook",
        summary="Send deliveries again",
        request=ReplaySerializer,
        responses={202: ReplayedSerializer, **problems(400, 404, 409, 422)},
    )
    @idempotent
    def post(self, request: Request, webhook_id: str) -> Response:
        """Queue one delivery, or everything that happened in a time, under the ids that they had."""
        subscription = self.webhook(request, webhook_id)
        wish = ReplaySerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        try:
            queued = _replay(subscription, wish.validated_data, by=calling_actor(request))
        except WebhookStateError as error:
            raise ConflictError(str(error)) from error
        except WebhookError as error:
            raise ValidationError({"since": [str(error)]}) from error
        return Response({"queued": queued}, status=202)


def _deliveries(subscription: Subscription, asked: dict[str, Any]) -> "QuerySet[Delivery]":
    found = Delivery.objects.filter(subscription=subscription).prefetch_related("tries").order_by("-sequence")
    if "status" in asked:
        found = found.filter(status=asked["status"])
    if "after" in asked:
        found = found.filter(sequence__lt=_position(asked["after"], subscription))
    return found


def _position(cursor: str, subscription: Subscription) -> int:
    try:
        return from_cursor(cursor, service_id=subscription.service_id)
    except CursorError as error:
        raise ValidationError({"after": [str(error)]}) from error


def _replay(subscription: Subscription, wish: dict[str, Any], *, by: Actor) -> int:
    if "delivery_id" not in wish:
        until = wish.get("until") or now()
        missed = wish["is_missed_only"]
        return replay_range(subscription, since=wish["since"], until=until, is_missed_only=missed, by=by)
    delivery = Delivery.objects.filter(subscription=subscription, id=wish["delivery_id"]).first()
    if delivery is None:
        raise NotFound
    replay_delivery(delivery, by=by)
    return 1
