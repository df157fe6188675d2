"""The only writer of webhooks."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gaap.actors import SYSTEM, Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.components import known_events
from gaap.events.placing import lock_stream
from gaap.http import AddressRefusedError, check_url
from gaap.organisations.models import Service
from gaap.outbox.services import emit
from gaap.states import move
from gaap.webhooks.errors import WebhookError
from gaap.webhooks.models.deliveries import FAILED, Delivery
from gaap.webhooks.models.subscriptions import EVERY_EVENT, STANDARD, Subscription, WebhookSecret
from gaap.webhooks.signing import new_secret
from gaap.webhooks.states import ACTIVE, DELETED, DISABLED, WEBHOOK

LIMIT_PER_SERVICE = 20


@transaction.atomic
def create_subscription(
    service: Service,
    *,
    url: str,
    events: Sequence[str],
    by: Actor,
    description: str = "",
    secret: str | None = None,
    style: str = STANDARD,
) -> Subscription:
    """Add a webhook to ``service``.

    ``url`` is at most 2,000 characters; ``events`` is ``["*"]`` or names of events; ``secret`` is made when not given.
    Styles other than the standard one name their events and secrets as their contract does. Raises WebhookError.
    """
    check_address(url)
    lock_stream(service.pk)
    if style == STANDARD:
        _check_room(service)
        events = checked_events(events)
    subscription = Subscription.objects.create(
        service=service, style=style, url=url, events=list(events), description=description
    )
    WebhookSecret.objects.create(subscription=subscription, secret=secret or new_secret())
    record("webhook_created", target=subscription, by=by, after=_facts(subscription))
    emit("webhook_created", service_id=service.pk, subject=_subject(subscription), data={"status": ACTIVE})
    return subscription


@transaction.atomic
def change_subscription(subscription: Subscription, *, by: Actor, **changes: Any) -> bool:
    """Set ``url``, ``events`` or ``description``; returns False when nothing differs. Raises WebhookError.

    Whoever brought another style than the standard one has looked at the names of its events.
    """
    if "url" in changes:
        check_address(changes["url"])
    if "events" in changes and subscription.style == STANDARD:
        changes["events"] = checked_events(changes["events"])
    current = Subscription.objects.select_for_update().get(pk=subscription.pk)
    before = _facts(current)
    after = {**before, **changes}
    if before == after or current.status == DELETED:
        return False
    Subscription.objects.filter(pk=current.pk).update(**changes)
    subscription.refresh_from_db()
    record("webhook_changed", target=subscription, by=by, before=before, after=after)
    return True


@transaction.atomic
def disable_subscription(subscription: Subscription, *, reason: str, by: Actor = SYSTEM) -> bool:
    """Send nothing more and give up what waits; ``reason`` is one of ``Subscription.Reason``.

    Returns False when the webhook is not active any more. Whatever it misses can be replayed.
    """
    lock_stream(subscription.service_id)
    changes = {"reason": reason, "disabled_at": now(), "paused_until": None}
    if not _move(subscription, DISABLED, by=by, changes=changes, data={"reason": reason}):
        return False
    _give_up(subscription, failure=_("The webhook was disabled."))
    return True


@transaction.atomic
def enable_subscription(subscription: Subscription, *, by: Actor) -> bool:
    """Send again from now on; returns False when the webhook is not disabled."""
    lock_stream(subscription.service_id)
    return _move(subscription, ACTIVE, by=by, changes={"reason": "", "disabled_at": None, "failing_since": None})


@transaction.atomic
def delete_subscription(subscription: Subscription, *, by: Actor) -> bool:
    """Close the webhook for good and forget its secrets; its deliveries stay to be looked at."""
    lock_stream(subscription.service_id)
    if not _move(subscription, DELETED, by=by):
        return False
    subscription.secrets.all().delete()
    _give_up(subscription, failure=_("The webhook was deleted."))
    return True


def check_address(url: str) -> None:
    """Raise WebhookError unless the outgoing door may call ``url``."""
    try:
        check_url(url)
    except AddressRefusedError as error:
        raise WebhookError(str(error)) from error


def checked_events(events: Sequence[str]) -> list[str]:
    """Return the wanted events in order and once each; raises WebhookError for one that nobody emits."""
    wanted = sorted(set(events))
    unknown = [name for name in wanted if name != EVERY_EVENT and name not in known_events()]
    if unknown:
        raise WebhookError(_("Unknown event type: %s.") % ", ".join(unknown))
    if not wanted or (EVERY_EVENT in wanted and len(wanted) > 1):
        raise WebhookError(_("Name the event types, or * alone for all of them."))
    return wanted


def _check_room(service: Service) -> None:
    if Subscription.objects.for_service(service.pk).standard().count() >= LIMIT_PER_SERVICE:
        raise WebhookError(_("A service can have at most %d webhooks.") % LIMIT_PER_SERVICE)


def _move(
    subscription: Subscription,
    target: str,
    *,
    by: Actor,
    changes: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
) -> bool:
    if not WEBHOOK.can_move(subscription.status, target):
        return False
    return move(subscription, target, table=WEBHOOK, by=by, changes=changes, data=data)


def _give_up(subscription: Subscription, *, failure: str) -> None:
    waiting = Delivery.objects.waiting().filter(subscription=subscription)
    waiting.update(status=FAILED, failure=failure, due_at=None, held_until=None, finished_at=now())


def _subject(subscription: Subscription) -> str:
    return f"{WEBHOOK.noun}/{subscription.pk}"


def _facts(subscription: Subscription) -> dict[str, Any]:
    return {"url": subscription.url, "events": subscription.events, "description": subscription.description}
