"""Background tasks of the webhooks: short, and without rules of their own.

Healthy receivers have a queue of their own (``gaap.webhooks``), failing ones another (``gaap.webhooks.slow``): who
answers slowly or not at all waits for others of that kind only.
"""

import uuid

from celery import shared_task

from gaap.webhooks.models.subscriptions import Subscription
from gaap.webhooks.services.sending import subscriptions_with_due, take_turn
from gaap.work import wake


@shared_task(ignore_result=True)
def send_waiting(subscription_id: str) -> None:
    """Send what is due to one webhook, for a few seconds, and go on in a new task when more is due."""
    _take_turn(subscription_id)


@shared_task(ignore_result=True)
def send_waiting_slowly(subscription_id: str) -> None:
    """Do the same for a webhook whose receiver fails or is slow, on the queue for such."""
    _take_turn(subscription_id)


@shared_task(ignore_result=True)
def sweep_deliveries() -> None:
    """Wake a sender for every webhook to which something is due, for what no wake-up reached."""
    for subscription in subscriptions_with_due():
        wake_sender(subscription, deliveries=subscription.lanes)


def wake_sender(subscription: Subscription, *, deliveries: int = 1) -> None:
    """After the commit, ask as many workers as may be useful to send what is due to ``subscription``."""
    task = send_waiting if subscription.is_healthy else send_waiting_slowly
    for _ in range(min(subscription.lanes, deliveries)):
        wake(task, str(subscription.pk))


def _take_turn(subscription_id: str) -> None:
    unfinished = take_turn(uuid.UUID(subscription_id))
    if unfinished:
        wake_sender(unfinished)
