"""What operators see of webhooks, and what they may do: stop, start and send again, each act in the audit."""

import pytest
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.webhooks.models import Delivery
from tests.platform.webhook_fixtures import *  # noqa: F403

pytestmark = pytest.mark.django_db


def act(client, model, action, row):
    page = reverse(f"admin:gaap_{model}_changelist")
    return client.post(page, {"action": action, "_selected_action": [row.pk]}, follow=True)


def test_pages_show_attempts_and_no_secrets(operator_client, webhook, receiver, secret, happen, work):
    receiver.reply(500)
    happen()
    delivery = work()
    for model, row in (("subscription", webhook), ("delivery", delivery)):
        listed = operator_client.get(reverse(f"admin:gaap_{model}_changelist"))
        shown = operator_client.get(reverse(f"admin:gaap_{model}_change", args=[row.pk]))
        assert (listed.status_code, shown.status_code) == (200, 200)
        assert secret not in listed.content.decode() + shown.content.decode()
    assert ">500<" in shown.content.decode()


def test_delivery_is_sent_again(operator_client, operator, webhook, receiver, happen, work):
    event = happen()
    delivery = work()
    assert "1 delivery queued." in act(operator_client, "delivery", "replay", delivery).content.decode()
    work()
    assert receiver.ids == [str(event.id)] * 2
    assert AuditEvent.objects.get(action="webhook_delivery_replayed").actor_id == str(operator.pk)


def test_webhook_is_stopped_and_started(operator_client, webhook, happen):
    happen()
    act(operator_client, "subscription", "disable", webhook)
    webhook.refresh_from_db()
    assert (webhook.status, webhook.reason) == ("disabled", "requested")
    refused = act(operator_client, "delivery", "replay", Delivery.objects.get())
    assert "The webhook is not active." in refused.content.decode()
    act(operator_client, "subscription", "enable", webhook)
    webhook.refresh_from_db()
    assert webhook.status == "active"


@pytest.mark.parametrize("model", ["subscription", "delivery"])
def test_nothing_is_added_changed_or_removed_by_hand(operator_client, webhook, happen, work, model):
    happen()
    row = {"subscription": webhook, "delivery": work()}[model]
    assert operator_client.get(reverse(f"admin:gaap_{model}_add")).status_code == 403
    assert operator_client.post(reverse(f"admin:gaap_{model}_change", args=[row.pk]), {}).status_code == 403
    assert operator_client.post(reverse(f"admin:gaap_{model}_delete", args=[row.pk]), {}).status_code == 403
