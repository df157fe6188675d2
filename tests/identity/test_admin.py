"""What operators see of Identity, and what they do not."""

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap_identity.models import Client
from tests.identity.people import Citizen, RelyingParty, text_of

pytestmark = pytest.mark.django_db

MODELS = ("client", "account", "signingkey", "signin", "identitycheck", "coreidentity")


@pytest.fixture
def proven(signed_in: Citizen, rp: RelyingParty) -> Citizen:
    """A citizen who signed in and proved who they are."""
    signed_in.browser.get(rp.authorize_path(vtr='["Cl.Cm.P2"]'))
    signed_in.prove("harriet")
    signed_in.browser.get("/.well-known/jwks.json")
    return signed_in


@pytest.mark.parametrize("model", MODELS)
def test_lists_and_pages(operator_client: Browser, proven: Citizen, model: str) -> None:
    from django.apps import apps

    assert operator_client.get(reverse(f"admin:gaap_identity_{model}_changelist")).status_code == 200
    row = apps.get_model("gaap_identity", model)._default_manager.first()
    assert row is not None
    page = operator_client.get(reverse(f"admin:gaap_identity_{model}_change", args=[row.pk]))
    assert page.status_code == 200
    for secret in ("harriet@example.org", "+447700900123", "Clarke", "PRIVATE KEY", "argon2"):
        assert secret not in page.content.decode()


@pytest.mark.parametrize("model", [model for model in MODELS if model != "client"])
def test_citizens_data_is_only_read(operator_client: Browser, proven: Citizen, model: str) -> None:
    assert operator_client.get(reverse(f"admin:gaap_identity_{model}_add")).status_code == 403


@pytest.mark.parametrize("model", ["authorizationcode", "accesstoken", "refreshtoken", "idtoken", "browsersession"])
def test_codes_tokens_and_sessions_are_not_shown(operator_client: Browser, model: str) -> None:
    assert operator_client.get(f"/admin/gaap_identity/{model}/").status_code == 404


def test_addresses_are_masked(operator_client: Browser, account: Any) -> None:
    page = text_of(operator_client.get(reverse("admin:gaap_identity_account_change", args=[account.pk])))
    assert "h…@example.org" in page
    assert "…123" in page


def change(browser: Browser, row: Any, **changes: Any) -> Any:
    address = reverse("admin:gaap_identity_client_change", args=[row.pk])
    form = browser.get(address).context["adminform"].form
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    prepared = {name: form.fields[name].prepare_value(value) for name, value in values.items()}
    filled = {name: value for name, value in {**prepared, **changes}.items() if value not in (None, False)}
    return browser.post(address, filled)


def test_a_change_of_a_client_is_recorded(operator_client: Browser, client_row: Any, operator: Any) -> None:
    assert change(operator_client, client_row, is_pkce_required="on").status_code == 302
    assert Client.objects.get().is_pkce_required
    event = AuditEvent.objects.get(action="client_changed")
    assert (event.actor_kind, event.actor_id) == ("person", str(operator.pk))
    assert event.before is not None
    assert event.after is not None
    assert (event.before["is_pkce_required"], event.after["is_pkce_required"]) == (False, True)


def test_a_client_that_makes_no_sense_is_refused(operator_client: Browser, client_row: Any) -> None:
    response = change(operator_client, client_row, public_key="no key", levels='["P9"]')
    assert response.status_code == 200
    assert {"public_key", "levels"} <= set(response.context["adminform"].form.errors)
    assert Client.objects.get().public_key == client_row.public_key


def test_clients_are_never_removed(operator_client: Browser, client_row: Any) -> None:
    assert operator_client.get(reverse("admin:gaap_identity_client_delete", args=[client_row.pk])).status_code == 403
