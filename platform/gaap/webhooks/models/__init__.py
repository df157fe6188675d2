"""Who wants to be told, what they were told, and how each try went."""

from gaap.webhooks.models.deliveries import Delivery, DeliveryAttempt
from gaap.webhooks.models.subscriptions import Subscription, WebhookSecret

__all__ = ["Delivery", "DeliveryAttempt", "Subscription", "WebhookSecret"]
