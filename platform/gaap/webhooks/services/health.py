"""What a try says of the webhook's receiver: whether it answers, how quickly, and whether to go on at all."""

from typing import Any

from gaap.clock import now
from gaap.webhooks.models.subscriptions import Subscription
from gaap.webhooks.outcomes import Outcome
from gaap.webhooks.services.subscriptions import disable_subscription
from gaap.webhooks.styles.base import Style


def note_success(subscription: Subscription, outcome: Outcome) -> None:
    """Note that a message got through."""
    changes: dict[str, Any] = {"failing_since": None, "paused_until": None} if subscription.failing_since else {}
    _change(subscription, {**changes, **_pace(subscription, outcome)})


def note_failure(subscription: Subscription, outcome: Outcome, *, style: Style) -> None:
    """Note that a try failed, and disable the webhook when its receiver is gone or fails for too long."""
    if style.is_gone(outcome.status):
        disable_subscription(subscription, reason=Subscription.Reason.GONE)
    elif _fails_too_long(subscription, style=style):
        disable_subscription(subscription, reason=Subscription.Reason.FAILING)
    else:
        current = Subscription.objects.select_for_update().get(pk=subscription.pk)
        changes: dict[str, Any] = {} if current.failing_since else {"failing_since": now()}
        if outcome.asked_pause and style.honours_pauses:
            changes["paused_until"] = now() + outcome.asked_pause
        _change(current, {**changes, **_pace(current, outcome)})


def _pace(subscription: Subscription, outcome: Outcome) -> dict[str, bool]:
    return {"is_slow": outcome.is_slow} if subscription.is_slow != outcome.is_slow else {}


def _change(subscription: Subscription, changes: dict[str, Any]) -> None:
    if changes:
        Subscription.objects.filter(pk=subscription.pk).update(**changes)


def _fails_too_long(subscription: Subscription, *, style: Style) -> bool:
    since, limit = subscription.failing_since, style.disables_after
    return since is not None and limit is not None and now() - since >= limit
