"""The pages of one service, below ``/console/services/<uuid:service_id>/``."""

from django.urls import path

from gaap.console.views import keys, members, records, settings, webhook_acts, webhooks

urlpatterns = [
    path("events", records.events, name="gaap-console-events"),
    path("usage", records.usage, name="gaap-console-usage"),
    path("history", records.history, name="gaap-console-history"),
    path("keys", keys.show, name="gaap-console-keys"),
    path("keys/new", keys.create, name="gaap-console-new-key"),
    path("keys/<uuid:key_id>/rotate", keys.rotate, name="gaap-console-rotate-key"),
    path("keys/<uuid:key_id>/approve", keys.approve, name="gaap-console-approve-key"),
    path("keys/<uuid:key_id>/revoke", keys.revoke, name="gaap-console-revoke-key"),
    path("team", members.show, name="gaap-console-members"),
    path("team/invite", members.invite_colleague, name="gaap-console-invite"),
    path("team/invitations/<uuid:invitation_id>/resend", members.resend_invitation, name="gaap-console-resend"),
    path("team/invitations/<uuid:invitation_id>/withdraw", members.withdraw_invitation, name="gaap-console-withdraw"),
    path("team/<int:member_id>", members.change, name="gaap-console-member"),
    path("team/<int:member_id>/remove", members.remove, name="gaap-console-remove-member"),
    path("webhooks", webhooks.show, name="gaap-console-webhooks"),
    path("webhooks/new", webhooks.create, name="gaap-console-new-webhook"),
    path("webhooks/<uuid:webhook_id>", webhooks.show_one, name="gaap-console-webhook"),
    path("webhooks/<uuid:webhook_id>/change", webhooks.change, name="gaap-console-change-webhook"),
    path("webhooks/<uuid:webhook_id>/delete", webhooks.delete, name="gaap-console-delete-webhook"),
    path("webhooks/<uuid:webhook_id>/test", webhook_acts.test, name="gaap-console-test-webhook"),
    path("webhooks/<uuid:webhook_id>/switch", webhook_acts.switch, name="gaap-console-switch-webhook"),
    path("webhooks/<uuid:webhook_id>/secret", webhook_acts.rotate, name="gaap-console-webhook-secret"),
    path("webhooks/<uuid:webhook_id>/replay", webhook_acts.replay_missed, name="gaap-console-replay-webhook"),
    path(
        "webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/replay",
        webhook_acts.replay_one,
        name="gaap-console-replay-delivery",
    ),
    path("settings", settings.change, name="gaap-console-settings"),
    path("go-live", settings.go_live, name="gaap-console-go-live"),
    path("go-live/withdraw", settings.withdraw, name="gaap-console-withdraw-go-live"),
]
