"""Addresses of the webhooks' API."""

from django.urls import path

from gaap.webhooks.api.deliveries import DeliveriesView, ReplayView, TestView
from gaap.webhooks.api.webhooks import OneWebhookView, SecretView, WebhooksView

urlpatterns = [
    path("v1/webhooks", WebhooksView.as_view(), name="webhooks"),
    path("v1/webhooks/<str:webhook_id>", OneWebhookView.as_view(), name="webhook"),
    path("v1/webhooks/<str:webhook_id>/deliveries", DeliveriesView.as_view(), name="webhook-deliveries"),
    path("v1/webhooks/<str:webhook_id>/test", TestView.as_view(), name="webhook-test"),
    path("v1/webhooks/<str:webhook_id>/replay", ReplayView.as_view(), name="webhook-replay"),
    path("v1/webhooks/<str:webhook_id>/rotate-secret", SecretView.as_view(), name="webhook-rotate-secret"),
]
