"""The operators' admin: every page opens, keys are made and revoked there, records cannot be changed."""

import pytest
from django.contrib import admin
from django.urls import reverse

from gaap.audit.models import AuditEvent, AuditRowError
from gaap.keys.models import ApiKey
from gaap.keys.services import authenticate_text
from gaap.operators.admin import ReadOnlyAdmin

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_every_list_opens_and_can_be_searched(operator_client, model):
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    assert operator_client.get(address).status_code == 200
    assert operator_client.get(address, {"q": "x' OR 1=1 -- é"}).status_code == 200


def test_index_opens(operator_client):
    assert operator_client.get(reverse("admin:index")).status_code == 200


def test_signed_out_people_are_sent_to_sign_in(client, db):
    assert client.get(reverse("admin:index")).status_code == 302


def test_team_members_are_not_operators(client, owner):
    client.force_login(owner)
    page = client.get(reverse("admin:gaap_service_changelist"), follow=True)
    assert page.status_code == 403


def test_a_key_is_made_shown_once_and_recorded(operator_client, operator, service):
    fields = {"service": str(service.pk), "name": "From the admin", "type": "live"}
    page = operator_client.post(reverse("admin:gaap_apikey_add"), fields, follow=True)
    text = str(next(iter(page.context["messages"]))).partition(": ")[2]
    assert authenticate_text(text).service == service
    event = AuditEvent.objects.get(action="api_key_created")
    assert (event.actor_kind, event.actor_label) == ("person", operator.username)
    assert text not in operator_client.get(reverse("admin:gaap_apikey_changelist")).content.decode()


def test_a_live_key_of_a_trial_service_is_refused(operator_client, trial_service):
    fields = {"service": str(trial_service.pk), "name": "k", "type": "live"}
    page = operator_client.post(reverse("admin:gaap_apikey_add"), fields)
    assert page.status_code == 200
    assert "trial mode" in page.content.decode()
    assert not ApiKey.objects.exists()


def test_records_cannot_be_changed(operator_client, service):
    event = AuditEvent.objects.first()
    assert event is not None
    address = reverse("admin:gaap_auditevent_change", args=[event.pk])
    assert operator_client.get(address).status_code == 200
    assert operator_client.post(address, {"action": "nothing happened"}).status_code == 403
    assert operator_client.post(reverse("admin:gaap_auditevent_delete", args=[event.pk])).status_code == 403


def test_an_audit_event_is_never_changed_or_removed(service):
    event = AuditEvent.objects.first()
    assert event is not None
    with pytest.raises(AuditRowError):
        event.save()
    with pytest.raises(AuditRowError):
        event.delete()


def test_money_messages_and_the_record_are_read_only():
    noun = {"payment", "notification", "auditevent", "outboxevent", "account"}
    for model in REGISTERED:
        if model._meta.model_name in noun:
            assert isinstance(admin.site._registry[model], ReadOnlyAdmin), model
