"""What the API of the webhooks takes and gives."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from gaap.http import AddressRefusedError, check_url
from gaap.webhooks.errors import WebhookError
from gaap.webhooks.models import Delivery, DeliveryAttempt, Subscription, WebhookSecret
from gaap.webhooks.models.deliveries import WAITING
from gaap.webhooks.services.subscriptions import checked_events
from gaap.webhooks.signing import SecretError, secret_key
from gaap.webhooks.states import ACTIVE, DISABLED

MAX_PAGE = 100
DEFAULT_OVERLAP_HOURS = 24
MAX_OVERLAP_HOURS = 168
WEBHOOK_STATUSES = [ACTIVE, DISABLED]
Fields = dict[str, Any]


class WebhookFieldsSerializer(serializers.Serializer[Any]):
    """What a team says of a webhook."""

    url = serializers.CharField(max_length=2000, help_text="Where events are sent: a public https address.")
    events = serializers.ListField(
        child=serializers.CharField(max_length=100),
        min_length=1,
        max_length=200,
        help_text='Event types, or `["*"]` for all of them.',
    )
    description = serializers.CharField(required=False, max_length=255, allow_blank=True)

    def validate_url(self, value: str) -> str:
        """Return the address if it may be called."""
        try:
            check_url(value)
        except AddressRefusedError as error:
            raise serializers.ValidationError(str(error)) from error
        return value

    def validate_events(self, value: list[str]) -> list[str]:
        """Return the event types in order."""
        try:
            return checked_events(value)
        except WebhookError as error:
            raise serializers.ValidationError(str(error)) from error


class NewWebhookSerializer(WebhookFieldsSerializer):
    """A webhook to be made."""

    secret = serializers.CharField(
        required=False, max_length=100, help_text="`whsec_` and the base64 of 24 to 64 bytes; made when not given."
    )

    def validate_secret(self, value: str) -> str:
        """Return the secret if it is one."""
        try:
            secret_key(value)
        except SecretError as error:
            raise serializers.ValidationError(str(error)) from error
        return value


class WebhookChangeSerializer(WebhookFieldsSerializer):
    """A change of a webhook."""

    status = serializers.ChoiceField(
        choices=WEBHOOK_STATUSES, required=False, help_text="Disable it, or send to it again."
    )


class WebhookSecretSerializer(serializers.ModelSerializer[WebhookSecret]):
    """When a secret was made and until when it signs."""

    class Meta:
        model = WebhookSecret
        fields = ["created_at", "expires_at"]


class WebhookSerializer(serializers.ModelSerializer[Subscription]):
    """A webhook."""

    events = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(choices=WEBHOOK_STATUSES)
    secrets = serializers.SerializerMethodField()

    class Meta:
        model = Subscription
        fields = [
            "id",
            "url",
            "events",
            "description",
            "status",
            "reason",
            "disabled_at",
            "failing_since",
            "paused_until",
            "secrets",
            "created_at",
        ]
        extra_kwargs = {
            "reason": {"help_text": "Why it is disabled; empty when it is not."},
            "failing_since": {"help_text": "Since when nothing has got through."},
            "paused_until": {"help_text": "The pause that the receiver asked for."},
        }

    @extend_schema_field(WebhookSecretSerializer(many=True))
    def get_secrets(self, subscription: Subscription) -> Any:
        """Return what may be said of the secrets, never the secrets."""
        return WebhookSecretSerializer(subscription.secrets.all(), many=True).data


class WebhookWithSecretSerializer(WebhookSerializer):
    """A webhook with its newest secret, which is shown this once."""

    secret = serializers.SerializerMethodField()

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]

    def get_secret(self, subscription: Subscription) -> str:
        """Return the secret that was just made."""
        newest: WebhookSecret = subscription.secrets.all()[0]
        return newest.secret


class WebhookListSerializer(serializers.Serializer[Any]):
    """The webhooks of a service, newest first."""

    webhooks = WebhookSerializer(many=True)


class RotationSerializer(serializers.Serializer[Any]):
    """How a secret is rotated."""

    overlap_hours = serializers.IntegerField(
        required=False,
        default=DEFAULT_OVERLAP_HOURS,
        min_value=0,
        max_value=MAX_OVERLAP_HOURS,
        help_text="How long the old secrets go on signing beside the new one.",
    )


class AttemptSerializer(serializers.ModelSerializer[DeliveryAttempt]):
    """One try of a delivery."""

    class Meta:
        model = DeliveryAttempt
        fields = ["started_at", "status_code", "error", "latency_ms", "body"]
        extra_kwargs = {"body": {"help_text": "The beginning of the answer, at most 2 kB."}}


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """One message to a webhook, with every try."""

    event_id = serializers.CharField(source="message_id", help_text="The event's id, sent as `webhook-id`.")
    is_replay = serializers.SerializerMethodField()
    next_attempt_at = serializers.SerializerMethodField()
    attempts = AttemptSerializer(source="tries", many=True)

    class Meta:
        model = Delivery
        fields = [
            "id",
            "event_id",
            "type",
            "subject",
            "status",
            "failure",
            "is_replay",
            "created_at",
            "finished_at",
            "next_attempt_at",
            "attempts",
        ]

    def get_is_replay(self, delivery: Delivery) -> bool:
        """Tell whether the message was sent before."""
        return delivery.replay_of_id is not None

    def get_next_attempt_at(self, delivery: Delivery) -> datetime | None:
        """Return when it is tried next."""
        return delivery.due_at if delivery.status == WAITING else None


class DeliveryQuerySerializer(serializers.Serializer[Any]):
    """The query of the deliveries."""

    after = serializers.CharField(required=False, max_length=100, help_text="The cursor `next` of the page before.")
    limit = serializers.IntegerField(required=False, default=50, min_value=1, max_value=MAX_PAGE)
    status = serializers.ChoiceField(
        choices=Delivery.Status.choices, required=False, help_text="`failed` lists what was given up."
    )


class DeliveryPageSerializer(serializers.Serializer[Any]):
    """A page of deliveries, newest first."""

    deliveries = DeliverySerializer(many=True)
    next = serializers.CharField(allow_null=True, help_text="Give this as `after`; null on the last page.")


class ReplaySerializer(serializers.Serializer[Any]):
    """What is sent again: one delivery, or what happened in a time."""

    delivery_id = serializers.UUIDField(required=False)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False, help_text="Not included; now when not given.")
    is_missed_only = serializers.BooleanField(
        required=False, default=False, help_text="Leave out what was delivered or still waits."
    )

    def validate(self, attrs: Fields) -> Fields:
        """Return the wish if it names one delivery or a time, not both and not neither."""
        if ("delivery_id" in attrs) == ("since" in attrs):
            raise serializers.ValidationError("Name either delivery_id or since.")
        if "until" in attrs and ("since" not in attrs or attrs["until"] <= attrs["since"]):
            raise serializers.ValidationError({"until": ["This lies after since."]})
        return attrs


class ReplayedSerializer(serializers.Serializer[Any]):
    """How many deliveries were queued."""

    queued = serializers.IntegerField()
