"""What the contract's webhooks say (part B): one message per event and webhook, with the payment as it is then."""

import json
from base64 import b32hexencode
from hashlib import sha256
from typing import Any

from gaap.identifiers import BASE32_LENGTH
from gaap.outbox.models import OutboxEvent
from gaap.outbox.subscribers import subscribe
from gaap.webhooks.services.queueing import queue_delivery
from gaap_payments.api.v1.representation import payment_facts, timestamp
from gaap_payments.models import Payment, PaymentWebhook
from gaap_payments.services import webhooks

API_VERSION = 1

#: Our events, and the contract's word for each.
TYPES = {
    "payment_succeeded": webhooks.SUCCEEDED,
    "payment_captured": webhooks.CAPTURED,
    "payment_failed": webhooks.FAILED,
    "payment_errored": webhooks.FAILED,
    "payment_cancelled": webhooks.FAILED,
    "payment_expired": webhooks.EXPIRED,
    "refund_succeeded": webhooks.REFUNDED,
}


def tell_webhooks(event: OutboxEvent) -> None:
    """Queue a message for each webhook of the service that wants to hear of the event's payment."""
    type = TYPES[event.name]
    payments = Payment.objects.select_related("gateway_account")
    payment = payments.defer("gateway_account__credentials").get(pk=event.data["payment_id"])
    for webhook in webhooks.webhooks_of(payment.service_id, is_live=payment.is_live):
        if webhook.subscription.wants(type) and _may_be_told(webhook):
            message_id = message_id_of(event, webhook)
            queue_delivery(
                webhook.subscription,
                message_id=message_id,
                type=type,
                subject=f"payment/{payment.pk}",
                body=json.dumps(message(event, payment, id=message_id), ensure_ascii=False, separators=(",", ":")),
            )


for _name in TYPES:
    subscribe(_name)(tell_webhooks)


def message(event: OutboxEvent, payment: Payment, *, id: str) -> dict[str, Any]:
    """Return the body: the payment stands in it without its links."""
    return {
        "webhook_message_id": id,
        "api_version": API_VERSION,
        "created_date": timestamp(event.occurred_at),
        "resource_id": payment.pk,
        "resource_type": "payment",
        "event_type": TYPES[event.name],
        "resource": payment_facts(payment),
    }


def message_id_of(event: OutboxEvent, webhook: PaymentWebhook) -> str:
    """Return the message's id: the same however often the event is handed over."""
    digest = sha256(f"{event.id}/{webhook.pk}".encode()).digest()
    return b32hexencode(digest).decode("ascii").lower()[:BASE32_LENGTH]


def _may_be_told(webhook: PaymentWebhook) -> bool:
    """Ask again whether the domain is allowed: the operator may have changed the list since."""
    return webhooks.is_domain_allowed(webhook.subscription.url, is_live=webhook.is_live)
