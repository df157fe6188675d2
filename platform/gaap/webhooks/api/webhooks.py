"""Making, changing and closing webhooks."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from gaap.api.callers import calling_actor, calling_service
from gaap.api.errors import ConflictError
from gaap.api.idempotency import idempotent
from gaap.api.schema import problems
from gaap.webhooks.api.base import WebhookView
from gaap.webhooks.api.serializers import (
    NewWebhookSerializer,
    RotationSerializer,
    WebhookChangeSerializer,
    WebhookListSerializer,
    WebhookSerializer,
    WebhookWithSecretSerializer,
)
from gaap.webhooks.errors import WebhookError, WebhookStateError
from gaap.webhooks.models import Subscription
from gaap.webhooks.services.secrets import rotate_secret
from gaap.webhooks.services.subscriptions import (
    change_subscription,
    create_subscription,
    delete_subscription,
    disable_subscription,
    enable_subscription,
)
from gaap.webhooks.states import ACTIVE


class WebhooksView(WebhookView):
    """The webhooks of the service."""

    @extend_schema(
        operation_id="list_webhooks",
        summary="List the service's webhooks",
        responses={200: WebhookListSerializer, **problems()},
    )
    def get(self, request: Request) -> Response:
        """Return every webhook; there are at most 20."""
        found = Subscription.objects.for_service(calling_service(request).pk).standard().prefetch_related("secrets")
        return Response({"webhooks": WebhookSerializer(found, many=True).data})

    @extend_schema(
        operation_id="create_webhook",
        summary="Add a webhook",
        request=NewWebhookSerializer,
        responses={201: WebhookWithSecretSerializer, **problems(400, 409, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Add a webhook and return it with its secret, which is shown this once."""
        wish = NewWebhookSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        try:
            subscription = create_subscription(
                calling_service(request), by=calling_actor(request), **wish.validated_data
            )
        except WebhookError as error:
            raise ConflictError(str(error)) from error
        return Response(WebhookWithSecretSerializer(subscription).data, status=201)


class OneWebhookView(WebhookView):
    """One webhook."""

    @extend_schema(
        operation_id="get_webhook", summary="Read a webhook", responses={200: WebhookSerializer, **problems(404)}
    )
    def get(self, request: Request, webhook_id: str) -> Response:
        """Return the webhook, without its secrets."""
        return Response(WebhookSerializer(self.webhook(request, webhook_id)).data)

    @extend_schema(
        operation_id="change_webhook",
        summary="Change, disable or enable a webhook",
        request=WebhookChangeSerializer(partial=True),
        responses={200: WebhookSerializer, **problems(400, 404)},
    )
    def patch(self, request: Request, webhook_id: str) -> Response:
        """Set what is given and leave the rest."""
        subscription = self.webhook(request, webhook_id)
        wish = WebhookChangeSerializer(data=request.data, partial=True)
        wish.is_valid(raise_exception=True)
        _apply(subscription, dict(wish.validated_data), request=request)
        return Response(WebhookSerializer(self.webhook(request, webhook_id)).data)

    @extend_schema(operation_id="delete_webhook", summary="Delete a webhook", responses={204: None, **problems(404)})
    def delete(self, request: Request, webhook_id: str) -> Response:
        """Send nothing more to the webhook and forget its secrets."""
        delete_subscription(self.webhook(request, webhook_id), by=calling_actor(request))
        return Response(status=204)


class SecretView(WebhookView):
    """The secrets of one webhook."""

    @extend_schema(
        operation_id="rotate_webhook_secret",
        summary="Make a new secret",
        request=RotationSerializer,
        responses={200: WebhookWithSecretSerializer, **problems(400, 404, 409, 422)},
    )
    @idempotent
    def post(self, request: Request, webhook_id: str) -> Response:
        """Add a secret and return it this once; the old ones sign beside it until the overlap ends."""
        subscription = self.webhook(request, webhook_id)
        wish = RotationSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        try:
            rotate_secret(subscription, overlap=_overlap(wish.validated_data), by=calling_actor(request))
        except WebhookStateError as error:
            raise ConflictError(str(error)) from error
        return Response(WebhookWithSecretSerializer(self.webhook(request, webhook_id)).data)


def _overlap(asked: dict[str, Any]) -> timedelta:
    return timedelta(hours=asked["overlap_hours"])


@transaction.atomic
def _apply(subscription: Subscription, changes: dict[str, Any], *, request: Request) -> None:
    actor = calling_actor(request)
    status = changes.pop("status", None)
    if changes:
        try:
            change_subscription(subscription, by=actor, **changes)
        except WebhookError as error:
            raise ValidationError({"non_field_errors": [str(error)]}) from error
    if status == ACTIVE:
        enable_subscription(subscription, by=actor)
    elif status is not None:
        disable_subscription(subscription, reason=Subscription.Reason.REQUESTED, by=actor)
