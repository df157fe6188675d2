"""Rotating the secrets of a webhook without losing a delivery."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.webhooks.errors import WebhookStateError
from gaap.webhooks.models.subscriptions import Subscription, WebhookSecret
from gaap.webhooks.signing import new_secret

LONGEST_OVERLAP = timedelta(days=7)
MOST_SECRETS = 5


@transaction.atomic
def rotate_secret(
    subscription: Subscription, *, overlap: timedelta, by: Actor, secret: str | None = None
) -> WebhookSecret:
    """Add a new secret; the others sign beside it for ``overlap`` (zero to seven days) and then no more.

    Raises WebhookStateError while five secrets are in use.
    """
    Subscription.objects.select_for_update().get(pk=subscription.pk)
    if subscription.secrets.usable().count() >= MOST_SECRETS:
        raise WebhookStateError(_("Too many secrets are in use. Wait until one expires."))
    _expire_others(subscription, at=now() + overlap)
    fresh = WebhookSecret.objects.create(subscription=subscription, secret=secret or new_secret())
    record(
        "webhook_secret_rotated", target=subscription, by=by, after={"overlap_seconds": int(overlap.total_seconds())}
    )
    return fresh


def usable_secrets(subscription: Subscription) -> list[str]:
    """Return the secrets that sign now, newest first."""
    return list(WebhookSecret.objects.usable().filter(subscription=subscription).values_list("secret", flat=True))


def _expire_others(subscription: Subscription, *, at: datetime) -> None:
    lasting = Q(expires_at__isnull=True) | Q(expires_at__gt=at)
    WebhookSecret.objects.filter(lasting, subscription=subscription).update(expires_at=at)
