"""A body may hold what it likes: only the fields of an operation are taken from it."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.forms.models import model_to_dict
from django.test import Client
from django.urls import reverse

from gaap.keys.models import ApiKey
from gaap.organisations.models import Membership, Service
from gaap.webhooks.models import Subscription
from gaap_identity.models import Client as OpenIdClient
from gaap_notify.models import Notification, Template
from gaap_payments.models import Payment
from tests.api.routes import CALLS, Call
from tests.api.world import World, authorization

pytestmark = pytest.mark.django_db

MODELS: tuple[Any, ...] = (Service, ApiKey, Membership, Subscription, Template, OpenIdClient)
#: What somebody would add who knows our columns; each at its most tempting value.
INNER: dict[str, Any] = {
    "id": "00000000-0000-4000-8000-00000000beef",
    "pk": "00000000-0000-4000-8000-00000000beef",
    "service": "OTHER",
    "service_id": "OTHER",
    "organisation": "OTHER",
    "is_live": True,
    "is_superuser": True,
    "is_staff": True,
    "status": "success",
    "state": {"status": "success", "finished": True},
    "type": "live",
    "scopes": [],
    "role": "admin",
    "captured_amount": 1,
    "refunded_amount": -1,
    "provider_id": "made-up",
    "gateway_account": 1,
    "revoked_at": None,
    "created_at": "2000-01-01T00:00:00Z",
}
BODIES = [call for call in CALLS if call.method in ("POST", "PUT", "PATCH") and call.body]


def rows() -> dict[str, list[dict[str, Any]]]:
    """Return every row of what decides who may do what."""
    return {model.__name__: [facts_of(row) for row in model._default_manager.order_by("pk")] for model in MODELS}


def facts_of(row: Any) -> dict[str, Any]:
    """Return the columns of a row, but for when it was last used."""
    return {name: value for name, value in model_to_dict(row).items() if not name.startswith("last_used")}


def made_up(body: Any, other: World) -> Any:
    """Return the body of a call with every inner field added that it does not have."""
    if not isinstance(body, dict):
        return body
    told = {name: str(other.service.pk) if value == "OTHER" else value for name, value in INNER.items()}
    return {**told, **body}


@pytest.mark.parametrize("call", BODIES, ids=str)
def test_inner_fields_in_a_body_change_nothing(world: World, other_world: World, call: Call) -> None:
    assert call.body is not None
    key, body, path = world.keys["test"], call.body(world), call.path(world)
    before = rows()
    answer = Client().generic(
        call.method,
        path,
        json.dumps(made_up(body, other_world)),
        content_type="application/json",
        headers=authorization(key, view=call.address.view),
    )
    assert answer.status_code < 500
    after = rows()
    for name in ("Service", "ApiKey", "Membership", "OpenIdClient"):
        assert after.get(name) == before.get(name), name
    theirs = str(other_world.service.pk)
    for name in ("Subscription", "Template"):
        assert [row for row in after[name] if str(row["service"]) == theirs] == [
            row for row in before[name] if str(row["service"]) == theirs
        ]
    assert not Payment.objects.filter(provider_id="made-up").exists()
    assert not Payment.objects.filter(gateway_account__service=other_world.service, created_at__year=2000).exists()
    assert not Notification.objects.filter(pk=INNER["id"]).exists()


def test_a_form_of_the_console_takes_only_its_fields(service: Service, owner: User) -> None:
    browser = Client()
    browser.force_login(owner)
    before = model_to_dict(service)
    fields = {
        "name": "A better name",
        "languages": ["en"],
        "is_live": "on",
        "organisation": "999",
        "archived_at": "now",
    }
    page = browser.post(reverse("gaap-console-settings", args=[service.pk]), fields)
    assert page.status_code in (200, 302)
    service.refresh_from_db()
    changed = {name for name, value in model_to_dict(service).items() if value != before[name]}
    assert changed <= {"name", "languages"}


def test_an_account_takes_no_rights_from_a_form(client: Client) -> None:
    fields = {
        "email": "new@transport.example",
        "password1": "three words apart",
        "is_staff": "on",
        "is_superuser": "on",
        "is_active": "on",
        "user_permissions": "1",
    }
    assert client.post("/console/sign-up", fields).status_code == 302
    user = User.objects.get(email="new@transport.example")
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert not user.user_permissions.exists()
