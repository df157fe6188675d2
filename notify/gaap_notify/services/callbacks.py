"""The contract's callbacks (spec A.15): one address of the service for each kind of news, with a bearer token.

They are webhooks of a style of their own on the kernel's engine, which keeps every try and can send again.
"""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaap.actors import Actor
from gaap.events.placing import lock_stream
from gaap.organisations.models import Service
from gaap.webhooks.errors import WebhookError
from gaap.webhooks.models import Subscription
from gaap.webhooks.services.secrets import rotate_secret, usable_secrets
from gaap.webhooks.services.subscriptions import change_subscription, create_subscription, delete_subscription
from gaap_notify.services.callback_style import CALLBACK_STYLE

SHORTEST_TOKEN = 10
LONGEST_TOKEN = 1000


class CallbackKind(models.TextChoices):
    """What a service can be told by a callback."""

    DELIVERY_STATUS = "delivery_status", gettext_lazy("What became of a message")
    INBOUND_SMS = "inbound_sms", gettext_lazy("A text message was received")
    RETURNED_LETTER = "returned_letter", gettext_lazy("A letter came back")
    COMPLAINT = "complaint", gettext_lazy("Somebody complained about an email")


@transaction.atomic
def set_callback(service: Service, kind: str, *, url: str, bearer_token: str | None, by: Actor) -> Subscription:
    """Have the service told of ``kind`` at ``url``; what was set for that kind before is replaced.

    ``bearer_token`` has 10 to 1,000 printable ASCII characters without spaces; None keeps the one that is set, where
    there is one. Raises WebhookError.
    """
    if bearer_token is not None:
        check_token(bearer_token)
    # The lock makes two people who set the same callback take turns.
    lock_stream(service.pk)
    found = callbacks_of(service.pk).get(kind)
    if found is None:
        check_token(bearer_token or "")
        return create_subscription(
            service, url=url, events=[kind], secret=bearer_token or "", style=CALLBACK_STYLE, description="", by=by
        )
    change_subscription(found, url=url, by=by)
    if bearer_token is not None:
        _set_token(found, bearer_token, by=by)
    return found


def remove_callback(service: Service, kind: str, *, by: Actor) -> bool:
    """Tell the service nothing more of ``kind``; returns False when it was told nothing."""
    found = callbacks_of(service.pk).get(kind)
    return found is not None and delete_subscription(found, by=by)


def callbacks_of(service_id: UUID) -> Mapping[str, Subscription]:
    """Return the service's callbacks by kind, disabled ones too."""
    rows = Subscription.objects.for_service(service_id).filter(style=CALLBACK_STYLE)
    return {row.events[0]: row for row in rows}


def check_token(bearer_token: str) -> None:
    """Raise WebhookError unless the token has a length that a header takes and characters that one may hold."""
    is_long_enough = SHORTEST_TOKEN <= len(bearer_token) <= LONGEST_TOKEN
    if not is_long_enough or not all("!" <= character <= "~" for character in bearer_token):
        raise WebhookError(
            _("The bearer token must have %(least)d to %(most)d letters, digits or symbols, without spaces.")
            % {"least": SHORTEST_TOKEN, "most": LONGEST_TOKEN}
        )


def _set_token(subscription: Subscription, bearer_token: str, *, by: Actor) -> None:
    if usable_secrets(subscription)[:1] == [bearer_token]:
        return
    rotate_secret(subscription, overlap=timedelta(), secret=bearer_token, by=by)
