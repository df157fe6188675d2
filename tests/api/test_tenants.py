"""Who sees what: every operation of every API under every kind of key, the wrong service's and spoilt ones too."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse

from gaap.audit.models import AuditEvent
from gaap.clock import now
from gaap.components import known_scopes
from gaap.keys.models import ApiKey
from gaap.keys.permissions import required_scope
from gaap.keys.services import create_api_key, revoke_api_key
from gaap.organisations.services import archive_service
from gaap.outbox.models import OutboxEvent
from gaap.security.events import EVENTS
from gaap.testing.plugin import TESTER
from tests.api.routes import CALLS, Call
from tests.api.world import TYPES, World, authorization

pytestmark = pytest.mark.django_db

OBJECTS = [call for call in CALLS if call.names_an_object]
REFUSED = {401, 403}


def _is_problem(body: dict[str, Any]) -> bool:
    return (body["status"], body["title"]) == (403, "Forbidden")


#: How each contract says that a key may not do this, by the beginning of the route.
FORBIDDEN = {
    "v1/events": _is_problem,
    "v1/webhooks": _is_problem,
    "v1/": lambda body: body["code"] == "P0930",
    "v2/": lambda body: body["errors"][0]["error"] == "AuthError",
}


def sent(call: Call, world: World, api_key: ApiKey | None, path: str = "") -> HttpResponse:
    """Return the answer to the call under a key, or under none."""
    headers = authorization(api_key, view=call.address.view) if api_key else {}
    return call.make(world, headers=headers, path=path)


def prepared(call: Call, world: World) -> str:
    """Make everything that the call names, its body too, and return its path."""
    if call.body:
        call.body(world)
    return call.path(world)


def traces() -> tuple[int, int, int]:
    """Count what any act leaves behind; that one was refused stands in the audit, and is no act."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM gaap_delivery")
        (deliveries,) = cursor.fetchone()
    return AuditEvent.objects.exclude(action__in=EVENTS).count(), OutboxEvent.objects.count(), deliveries


def without_ids(answer: HttpResponse, *ids: str) -> tuple[int, str]:
    """Return status and body with the ids taken out, for comparing two answers."""
    text = answer.content.decode()
    for known in ids:
        text = text.replace(known, "ID")
    return answer.status_code, text


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("call", OBJECTS, ids=str)
def test_another_services_key_finds_nothing(world: World, other_world: World, call: Call, kind: str) -> None:
    key = other_world.keys[kind]
    path, unknown = prepared(call, world), call.unknown_path
    before = traces()
    answer, nothing = sent(call, world, key, path), sent(call, world, key, unknown)
    assert answer.status_code == 404
    assert without_ids(answer, *path.split("/")) == without_ids(nothing, *unknown.split("/")), "no hint that it exists"
    assert traces() == before


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("call", [call for call in CALLS if call.method == "GET" and not call.names_an_object], ids=str)
def test_another_services_lists_hold_nothing_of_ours(world: World, other_world: World, call: Call, kind: str) -> None:
    ours = [str(world.webhook.pk), str(world.event.id), str(world.template.pk), str(world.notification_id)]
    ours.append(world.payment["payment_id"])
    answer = sent(call, world, other_world.keys[kind])
    assert answer.status_code == 200
    assert [known for known in ours if known in answer.content.decode()] == []


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("call", OBJECTS, ids=str)
def test_own_keys_see_what_their_type_may(world: World, call: Call, kind: str) -> None:
    answer = sent(call, world, world.keys[kind])
    assert answer.status_code // 100 == 2 if kind in call.sees else answer.status_code == 404, answer.content


@pytest.fixture
def spoilt(world: World) -> Any:
    """Return a function that makes a key which opens nothing any more."""

    def spoil(how: str) -> ApiKey | None:
        key = world.keys["test"]
        if how == "revoked":
            revoke_api_key(key, by=TESTER)
        elif how == "expired":
            ApiKey.objects.filter(pk=key.pk).update(expires_at=now() - timedelta(seconds=1))
        elif how == "archived":
            archive_service(world.service, by=TESTER)
        elif how == "unknown":
            return ApiKey(service=world.service, name="test", type="test", secret=str(uuid.uuid4()))
        return None if how == "none" else key

    return spoil


@pytest.mark.parametrize("how", ["none", "unknown", "revoked", "expired", "archived"])
@pytest.mark.parametrize("call", CALLS, ids=str)
def test_spoilt_keys_open_nothing(world: World, spoilt: Any, call: Call, how: str) -> None:
    path = prepared(call, world)
    key = spoilt(how)
    before = traces()
    assert sent(call, world, key, path).status_code in REFUSED
    assert traces() == before


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_key_without_the_scope_is_refused_in_the_contracts_words(world: World, call: Call, kind: str) -> None:
    path = prepared(call, world)
    scopes = sorted(known_scopes() - {required_scope(call.address.view, call.method)})
    narrow = create_api_key(world.service, name="narrow", type=kind, scopes=scopes, by=TESTER).api_key
    before = traces()
    answer = sent(call, world, narrow, path)
    assert answer.status_code == 403
    is_said = next(said for start, said in FORBIDDEN.items() if call.route.startswith(start))
    assert is_said(answer.json())  # type: ignore[attr-defined]
    assert traces() == before
