"""Sending deliveries.

1. Take those that have been due for longest, each with none of its subject waiting before it, if the webhook has a lane
   free and is not paused (``batches``).
2. Make the calls one after another, outside any transaction and over one connection, until one fails, its receiver is
   slow, or the time is up.
3. Keep the attempts and decide what comes next (``outcomes``); give back what was not tried.

A worker holds its deliveries by a lease; if it is killed, they are due again when the lease ends, so a receiver may get
some of them twice but none never.
"""

import time
import uuid
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from gaap.clock import now
from gaap.events.cloudevents import cloud_event, to_bytes
from gaap.http import Door, OutgoingError
from gaap.observing import tracing
from gaap.webhooks.horizon import first_that_may_wait
from gaap.webhooks.models.deliveries import Delivery
from gaap.webhooks.models.subscriptions import Subscription
from gaap.webhooks.outcomes import Outcome, retry_after
from gaap.webhooks.services.batches import Batch, give_back, take_batch
from gaap.webhooks.services.outcomes import Try, keep_outcomes
from gaap.webhooks.services.secrets import usable_secrets
from gaap.webhooks.styles.base import Message, Style

TURN_SECONDS = 5.0
MAX_ANSWER_BYTES = 2048
USER_AGENT = "gaap-webhooks/1"


def take_turn(subscription_id: uuid.UUID) -> Subscription | None:
    """Send what is due to one webhook, batch after batch.

    Returns the webhook when its time was up, or its receiver slow, and more may be due: somebody else gets a turn in
    between.
    """
    ends = time.monotonic() + TURN_SECONDS
    with Door() as door:
        while batch := take_batch(subscription_id):
            last = send_batch(batch, door=door)
            if last.is_slow or time.monotonic() > ends:
                return Subscription.objects.get(pk=subscription_id)
    return None


def send_batch(batch: Batch, *, door: Door) -> Outcome:
    """Try the deliveries of a batch in order, keep what came of them, and return how the last try went.

    A failure, a slow receiver or the end of the batch's time leaves the rest to others.
    """
    secrets = usable_secrets(batch.subscription)
    tries: list[Try] = []
    for delivery in batch.deliveries:
        message = Message(id=delivery.message_id, type=delivery.type, body=_body(delivery), secrets=secrets)
        with tracing.span(
            "webhook.call", {"gaap.try": delivery.attempts}, kind="client", of=delivery.subject
        ) as traced:
            outcome = _call(door, batch.subscription.url, message, style=batch.style)
            traced.attributes["http.response.status_code"] = outcome.status or 0
        tries.append(Try(delivery, outcome))
        if outcome.is_slow or batch.is_over or not batch.style.is_delivered(outcome.status):
            break
    give_back(batch, batch.deliveries[len(tries) :])
    keep_outcomes(batch, tries)
    return tries[-1].outcome


def subscriptions_with_due() -> list[Subscription]:
    """Return the webhooks to which something is due and that want it now."""
    moment = now()
    due = Delivery.objects.due(moment).filter(subscription=OuterRef("pk"), sequence__gte=first_that_may_wait())
    unpaused = Q(paused_until__isnull=True) | Q(paused_until__lte=moment)
    return list(Subscription.objects.active().filter(unpaused).filter(Exists(due)))


def _body(delivery: Delivery) -> bytes:
    if delivery.event is not None and not delivery.body:
        return to_bytes(cloud_event(delivery.event))
    return delivery.body.encode()


def _call(door: Door, url: str, message: Message, *, style: Style) -> Outcome:
    started_at, started = now(), time.monotonic()
    headers = {"Content-Type": style.content_type, "User-Agent": USER_AGENT, **style.headers(message)}
    try:
        answer = door.call(
            "POST",
            url,
            headers=headers,
            body=message.body,
            timeout=style.timeout_seconds,
            max_bytes=MAX_ANSWER_BYTES,
            is_cut=True,
        )
    except OutgoingError as error:
        return Outcome(started_at, _milliseconds(started), error=str(error))
    return Outcome(
        started_at,
        _milliseconds(started),
        status=answer.status,
        body=answer.body.decode(errors="replace"),
        pause=_pause(answer.headers.get("retry-after"), started_at),
    )


def _pause(header: str | None, moment: datetime) -> timedelta | None:
    return retry_after(header, moment=moment) if header else None


def _milliseconds(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
