"""Dangerous acts in the admin: asked about once more, by somebody who has just proved who they are."""

import time

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.console.models import GoLiveRequest
from gaap.limits.stores import LocalStore
from gaap.operators.sign_in import PROVED_AT
from gaap.organisations.models import Service
from gaap.testing.plugin import PASSWORD


@pytest.fixture(autouse=True)
def _tries_of_this_test_only(monkeypatch):
    """Operators of other tests bear the same number, so each test counts tries on its own."""
    own = LocalStore()
    monkeypatch.setattr("gaap.operators.views.store", lambda: own)


def act(client, name, *rows, follow=True, **fields):
    """Choose rows in a list, follow the act's page, and send its form; return the last answer."""
    model, _, act_name = name.rpartition("_")
    chosen = {"action": act_name, "_selected_action": [str(row.pk) for row in rows]}
    asks = client.post(reverse(f"admin:{model}_changelist"), chosen)["Location"]
    assert asks.startswith(reverse(f"admin:{name}"))
    return client.post(asks, {"yes": "yes", **fields}, follow=follow)


def grow_stale(client):
    """Let the operator's last proof be ten minutes old."""
    session = client.session
    records = session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{**record, "at": time.time() - 600} for record in records]
    session[PROVED_AT] = time.time() - 600
    session.save()


@pytest.fixture
def asked(service, owner):
    Service.objects.filter(pk=service.pk).update(is_live=False)
    return GoLiveRequest.objects.create(service=service, note="Boats.", requested_by=owner)


def test_a_key_is_revoked_after_asking(operator_client, operator, live_key):
    chosen = {"action": "revoke", "_selected_action": [str(live_key.api_key.pk)]}
    page = operator_client.post(reverse("admin:gaap_apikey_changelist"), chosen, follow=True)
    assert "cannot be undone" in page.content.decode()
    live_key.api_key.refresh_from_db()
    assert not live_key.api_key.is_revoked
    act(operator_client, "gaap_apikey_revoke", live_key.api_key)
    live_key.api_key.refresh_from_db()
    assert live_key.api_key.is_revoked
    assert AuditEvent.objects.get(action="api_key_revoked").actor_label == operator.username


def test_a_service_is_archived_after_asking(operator_client, service):
    act(operator_client, "gaap_service_archive", service)
    service.refresh_from_db()
    assert service.is_archived


def test_rate_limits_of_a_service_are_changed_after_asking(operator_client, operator, service):
    act(operator_client, "gaap_service_limits", service, **{"payments-create": "40", "payments-read": "100"})
    act(operator_client, "gaap_service_limits", service, **{"payments-read": "0", "notify-send": ""})
    service.refresh_from_db()
    assert service.rate_limits == {"payments-create": 40}
    told = AuditEvent.objects.filter(action="rate_limits_changed").latest("occurred_at")
    assert (told.actor_label, told.after) == (operator.username, {"payments-create": 40})


def test_an_old_proof_is_not_enough(operator_client, service):
    grow_stale(operator_client)
    answer = act(operator_client, "gaap_service_archive", service, follow=False)
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    service.refresh_from_db()
    assert not service.is_archived


def test_a_fresh_proof_leads_back_to_the_question(operator_client, operator, service):
    grow_stale(operator_client)
    question = f"{reverse('admin:gaap_service_archive')}?ids={service.pk}"
    way = operator_client.get(question)["Location"]
    assert operator_client.post(way, {"password": "wrong", "next": question}).status_code == 200
    assert operator_client.post(way, {"password": PASSWORD, "next": question})["Location"] == question
    assert operator_client.get(question).status_code == 200


def test_a_site_without_the_console_asks_for_the_password(operator_client, service, settings):
    settings.GAAP_OPERATOR_SIGN_IN = "gaap.operators.sign_in.PasswordSignIn"
    question = f"{reverse('admin:gaap_service_archive')}?ids={service.pk}"
    way = operator_client.get(question)["Location"]
    assert way.startswith(reverse("admin:prove"))
    assert "not right" in operator_client.post(way, {"password": "wrong"}).content.decode()
    assert operator_client.post(way, {"password": PASSWORD})["Location"] == question
    assert operator_client.get(question).status_code == 200


def test_the_password_cannot_be_guessed(operator_client, settings):
    settings.GAAP_OPERATOR_SIGN_IN = "gaap.operators.sign_in.PasswordSignIn"
    pages = [operator_client.post(reverse("admin:prove"), {"password": f"guess {n}"}) for n in range(6)]
    assert "Too many tries" in pages[-1].content.decode()


def test_the_proof_never_leads_to_another_host(operator_client):
    way = reverse("admin:prove") + "?next=https://evil.example/"
    assert operator_client.post(way, {"password": PASSWORD})["Location"] == reverse("admin:index")


def test_a_service_goes_live_by_the_hand_of_an_operator(operator_client, asked):
    act(operator_client, "gaap_console_goliverequest_approve", asked)
    assert Service.objects.get(pk=asked.service_id).is_live


def test_a_refusal_needs_an_answer(operator_client, asked):
    page = act(operator_client, "gaap_console_goliverequest_refuse", asked)
    assert page.status_code == 200
    asked.refresh_from_db()
    assert asked.status == "waiting"
    act(operator_client, "gaap_console_goliverequest_refuse", asked, answer="Not yet.")
    asked.refresh_from_db()
    assert (asked.status, asked.answer) == ("refused", "Not yet.")


def test_whoever_asked_does_not_decide(operator_client, operator, asked):
    GoLiveRequest.objects.update(requested_by=operator)
    page = act(operator_client, "gaap_console_goliverequest_approve", asked)
    assert "outside the service" in page.content.decode()
    assert not Service.objects.get(pk=asked.service_id).is_live


def test_an_operator_cannot_make_a_service_live_by_its_form(operator_client, asked):
    fields = {"name": "x", "organisation": asked.service.organisation_id, "languages": '["en"]', "is_live": "on"}
    operator_client.post(reverse("admin:gaap_service_change", args=[asked.service_id]), fields)
    assert not Service.objects.get(pk=asked.service_id).is_live


@pytest.mark.parametrize("ids", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_rows_that_are_not_there_are_not_asked_about(operator_client, ids):
    assert operator_client.get(f"{reverse('admin:gaap_service_archive')}?ids={ids}").status_code == 404


def test_an_operator_without_the_right_does_nothing(client, operator, service):
    operator.is_superuser = False
    operator.save()
    client.force_login(operator)
    assert client.get(f"{reverse('admin:gaap_service_archive')}?ids={service.pk}").status_code == 403
