"""The API of the webhooks: made, looked at, tried, replayed and closed by their own service alone."""

import json
import uuid
from datetime import timedelta

import pytest
from django.urls import get_resolver

from gaap.audit.models import AuditEvent
from gaap.clock import now
from gaap.keys.services import create_api_key
from gaap.testing.plugin import TESTER
from gaap.webhooks.models import Delivery, Subscription
from gaap.webhooks.services.subscriptions import LIMIT_PER_SERVICE, create_subscription
from gaap.webhooks.signing import new_secret, secret_key
from tests.platform.webhook_fixtures import *  # noqa: F403

pytestmark = pytest.mark.django_db

NEW = {"url": "https://transport.example/events", "events": ["parcel_sent"], "description": "Parcels"}


def post(client, path, body=None, **headers):
    return client.post(path, json.dumps(body or {}), content_type="application/json", headers=headers)


def patch(client, path, body):
    return client.patch(path, json.dumps(body), content_type="application/json")


def is_problem(response, status):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status
    return True


def test_is_made_and_shows_its_secret_once(api, service):
    response = post(api, "/v1/webhooks", NEW)
    made = response.json()
    assert response.status_code == 201
    assert len(secret_key(made.pop("secret"))) == 32
    assert {name: made[name] for name in NEW} == NEW
    assert (made["status"], made["reason"], made["failing_since"], len(made["secrets"])) == ("active", "", None, 1)
    assert api.get(f"/v1/webhooks/{made['id']}").json() == made
    assert api.get("/v1/webhooks").json() == {"webhooks": [made]}
    audited = AuditEvent.objects.get(action="webhook_created")
    assert (audited.actor_kind, audited.service_id, audited.after) == ("api_key", service.pk, NEW)


def test_a_given_secret_is_taken(api):
    secret = new_secret()
    assert post(api, "/v1/webhooks", {**NEW, "secret": secret}).json()["secret"] == secret


def test_repeat_with_an_idempotency_key_makes_one(api):
    first, second = (post(api, "/v1/webhooks", NEW, **{"Idempotency-Key": "a"}) for _ in range(2))
    assert first.json() == second.json()
    assert Subscription.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {"events": ["parcel_sent"]},
        {"url": NEW["url"]},
        {**NEW, "url": ""},
        {**NEW, "url": 7},
        {**NEW, "url": "nonsense"},
        {**NEW, "url": "https://10.0.0.1/"},
        {**NEW, "url": "https://user:pass@transport.example/"},
        {**NEW, "url": "https://a.example/" + "x" * 2000},
        {**NEW, "url": "https://a.example/\u0000"},
        {**NEW, "events": []},
        {**NEW, "events": "parcel_sent"},
        {**NEW, "events": ["parcel_eaten"]},
        {**NEW, "events": ["*", "parcel_sent"]},
        {**NEW, "events": [None]},
        {**NEW, "events": [{"a": 1}]},
        {**NEW, "description": "x" * 256},
        {**NEW, "description": "\ud800"},
        {**NEW, "secret": "whsec_short"},
        {**NEW, "secret": 1},
        [],
        "text",
        7,
    ],
)
def test_bad_wish_is_a_problem(api, body):
    assert is_problem(post(api, "/v1/webhooks", body if body != [] else [NEW]), 400)
    assert not Subscription.objects.exists()


def test_loopback_is_refused_outside_embedded_mode(api, settings):
    assert post(api, "/v1/webhooks", {**NEW, "url": "http://127.0.0.1:9/"}).status_code == 201
    settings.GAAP_EMBEDDED = False
    assert is_problem(post(api, "/v1/webhooks", {**NEW, "url": "https://127.0.0.1:9/"}), 400)


@pytest.mark.parametrize("body", ["{", "", "\x00", "[" * 100_000, '{"url": NaN}', '{"url": "\xff'], ids=range(6))
def test_body_that_is_no_json_is_a_problem(api, body):
    response = api.post("/v1/webhooks", body.encode("latin-1"), content_type="application/json")
    assert is_problem(response, 400)


def test_a_service_has_only_so_many(api):
    for _ in range(LIMIT_PER_SERVICE):
        assert post(api, "/v1/webhooks", NEW).status_code == 201
    assert is_problem(post(api, "/v1/webhooks", NEW), 409)


def test_is_changed_in_part(api, webhook):
    path = f"/v1/webhooks/{webhook.pk}"
    response = patch(api, path, {"events": ["parcel_lost", "parcel_sent", "parcel_lost"], "description": "Changed"})
    assert response.status_code == 200
    assert response.json()["events"] == ["parcel_lost", "parcel_sent"]
    assert (response.json()["url"], response.json()["description"]) == (webhook.url, "Changed")
    audited = AuditEvent.objects.get(action="webhook_changed")
    assert audited.before == {"url": webhook.url, "events": webhook.events, "description": ""}
    assert audited.after == {**audited.before, "events": ["parcel_lost", "parcel_sent"], "description": "Changed"}
    assert is_problem(patch(api, path, {"url": "https://169.254.169.254/"}), 400)
    assert is_problem(patch(api, path, {"status": "deleted"}), 400)
    assert is_problem(patch(api, path, {"events": ["parcel_eaten"]}), 400)


def test_is_disabled_and_enabled(api, webhook):
    path = f"/v1/webhooks/{webhook.pk}"
    disabled = patch(api, path, {"status": "disabled"}).json()
    assert (disabled["status"], disabled["reason"], disabled["disabled_at"] is not None) == (
        "disabled",
        "requested",
        True,
    )
    assert patch(api, path, {"status": "disabled"}).status_code == 200
    enabled = patch(api, path, {"status": "active"}).json()
    assert (enabled["status"], enabled["reason"], enabled["disabled_at"]) == ("active", "", None)


def test_is_deleted_and_then_unknown(api, webhook):
    path = f"/v1/webhooks/{webhook.pk}"
    assert api.delete(path).status_code == 204
    assert is_problem(api.get(path), 404)
    assert is_problem(api.delete(path), 404)
    assert api.get("/v1/webhooks").json() == {"webhooks": []}


def test_secret_is_rotated(api, webhook, secret):
    response = post(api, f"/v1/webhooks/{webhook.pk}/rotate-secret", {"overlap_hours": 2})
    newest, older = response.json()["secrets"]
    assert (response.status_code, response.json()["secret"] != secret) == (200, True)
    assert (newest["expires_at"], older["expires_at"] is not None) == (None, True)
    for wrong in ({"overlap_hours": -1}, {"overlap_hours": 169}, {"overlap_hours": "x"}):
        assert is_problem(post(api, f"/v1/webhooks/{webhook.pk}/rotate-secret", wrong), 400)
    for _ in range(3):
        assert post(api, f"/v1/webhooks/{webhook.pk}/rotate-secret").status_code == 200
    assert is_problem(post(api, f"/v1/webhooks/{webhook.pk}/rotate-secret"), 409)


def test_test_event_goes_to_this_webhook_alone(api, service, webhook, receiver, secret, work):
    create_subscription(service, url=receiver.url, events=["*"], by=TESTER)
    response = post(api, f"/v1/webhooks/{webhook.pk}/test")
    assert (response.status_code, response.json()["type"], response.json()["attempts"]) == (202, "webhook_tested", [])
    work()
    (received,) = receiver.received
    event = received.verify(secret)
    assert (event["type"], event["data"]) == ("webhook_tested", {"webhook_id": str(webhook.pk)})
    assert event["id"] == received.id == response.json()["event_id"]
    assert all(found["type"] != "webhook_tested" for found in api.get("/v1/events").json()["events"])


def test_deliveries_with_their_attempts(api, webhook, receiver, happen, work):
    receiver.reply(500)
    first = happen("parcel/1")
    work()
    second = happen("parcel/2")
    work()
    newest, oldest = api.get(f"/v1/webhooks/{webhook.pk}/deliveries").json()["deliveries"]
    assert (newest["event_id"], newest["status"], newest["next_attempt_at"]) == (str(second.id), "delivered", None)
    assert (oldest["event_id"], oldest["status"], oldest["is_replay"]) == (str(first.id), "waiting", False)
    assert oldest["next_attempt_at"] is not None
    (attempt,) = oldest["attempts"]
    assert (attempt["status_code"], attempt["error"], attempt["body"]) == (500, "", "")
    waiting = api.get(f"/v1/webhooks/{webhook.pk}/deliveries", {"status": "waiting"}).json()["deliveries"]
    assert [delivery["id"] for delivery in waiting] == [oldest["id"]]
    assert api.get(f"/v1/webhooks/{webhook.pk}/deliveries", {"status": "failed"}).json()["deliveries"] == []


def test_deliveries_are_paged_at_a_constant_cost(api, webhook, happen, django_assert_num_queries):
    path = f"/v1/webhooks/{webhook.pk}/deliveries"
    ids = [str(happen(f"parcel/{number}").id) for number in range(7)]
    api.get(path)
    with django_assert_num_queries(5):  # the key, the webhook and its secrets, a page and its attempts
        page = api.get(path, {"limit": 5}).json()
    rest = api.get(path, {"limit": 5, "after": page["next"]}).json()
    seen = [delivery["event_id"] for delivery in page["deliveries"] + rest["deliveries"]]
    assert (seen, rest["next"]) == (ids[::-1], None)
    for wrong in ({"after": "x"}, {"limit": 0}, {"limit": 101}, {"status": "eaten"}):
        assert is_problem(api.get(path, wrong), 400)


def test_one_delivery_is_replayed(api, webhook, receiver, happen, work):
    event = happen()
    work()
    (delivery,) = api.get(f"/v1/webhooks/{webhook.pk}/deliveries").json()["deliveries"]
    response = post(api, f"/v1/webhooks/{webhook.pk}/replay", {"delivery_id": delivery["id"]})
    assert (response.status_code, response.json()) == (202, {"queued": 1})
    assert work().replay_of is not None
    assert receiver.ids == [str(event.id)] * 2
    assert receiver.received[0].body == receiver.received[1].body


def test_what_a_disabled_webhook_missed_is_replayed(api, webhook, receiver, happen, work):
    started = now()
    before = happen("parcel/1")
    work()
    patch(api, f"/v1/webhooks/{webhook.pk}", {"status": "disabled"})
    missed = [happen("parcel/1"), happen("parcel/1"), happen("parcel/2")]
    happen("webhook/9", name="webhook_created", status="active")
    wish = {"since": started.isoformat(), "is_missed_only": True}
    assert is_problem(post(api, f"/v1/webhooks/{webhook.pk}/replay", wish), 409)
    patch(api, f"/v1/webhooks/{webhook.pk}", {"status": "active"})
    assert post(api, f"/v1/webhooks/{webhook.pk}/replay", wish).json() == {"queued": 3}
    assert post(api, f"/v1/webhooks/{webhook.pk}/replay", wish).json() == {"queued": 0}, "they wait already"
    work()
    assert receiver.ids == [str(event.id) for event in (before, *missed)]
    everything = {"since": started.isoformat(), "until": (now() + timedelta(seconds=1)).isoformat()}
    assert post(api, f"/v1/webhooks/{webhook.pk}/replay", everything).json() == {"queued": 4}
    work()
    assert receiver.ids == [str(event.id) for event in (before, *missed)] * 2


@pytest.mark.parametrize(
    "wish",
    [
        {}, {"delivery_id": "x"}, {"since": "yesterday"}, {"until": "2026-01-01T00:00:00Z"}, {"delivery_id": []},
        {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
        {"delivery_id": str(uuid.uuid4()), "since": "2026-01-01T00:00:00Z"},
        {"since": "0001-01-01T00:00:00+23:59"}, {"since": "2026-01-01T00:00:00Z", "is_missed_only": "perhaps"},
    ],
)  # fmt: skip
def test_bad_replay_is_a_problem(api, webhook, wish):
    assert is_problem(post(api, f"/v1/webhooks/{webhook.pk}/replay", wish), 400)


def test_too_many_events_at_once_are_not_replayed(api, webhook, happen, monkeypatch):
    monkeypatch.setattr("gaap.webhooks.services.replays.MOST_EVENTS", 2)
    for _ in range(3):
        happen()
    assert is_problem(post(api, f"/v1/webhooks/{webhook.pk}/replay", {"since": "2020-01-01T00:00:00Z"}), 400)
    assert Delivery.objects.count() == 3


def test_delivery_of_another_webhook_is_unknown(api, service, webhook, receiver, happen):
    other = create_subscription(service, url=receiver.url, events=["parcel_lost"], by=TESTER)
    happen()
    delivery = Delivery.objects.get()
    assert is_problem(post(api, f"/v1/webhooks/{other.pk}/replay", {"delivery_id": str(delivery.id)}), 404)


OPERATIONS = [
    ("get", ""), ("patch", ""), ("delete", ""), ("get", "/deliveries"), ("post", "/test"), ("post", "/replay"),
    ("post", "/rotate-secret"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "suffix"), OPERATIONS)
def test_others_find_nothing(api, outsider, client, bearer, service, webhook, method, suffix):
    blind = bearer(create_api_key(service, name="blind", type="test", scopes=["events:read"], by=TESTER))
    path = f"/v1/webhooks/{webhook.pk}{suffix}"
    assert is_problem(getattr(outsider, method)(path, content_type="application/json"), 404)
    assert is_problem(getattr(client, method)(path, content_type="application/json"), 401)
    assert is_problem(getattr(blind, method)(path, content_type="application/json"), 403)
    for unknown in (uuid.uuid4(), "x", "%00", webhook.pk.hex, f"{{{webhook.pk}}}"):
        assert is_problem(getattr(api, method)(f"/v1/webhooks/{unknown}{suffix}", content_type="application/json"), 404)
    webhook.refresh_from_db()
    assert webhook.status == "active"


def test_webhooks_of_a_contract_are_not_shown(api, service, receiver):
    contract = create_subscription(service, url=receiver.url, events=["any"], style="parcels", secret="s", by=TESTER)
    assert api.get("/v1/webhooks").json() == {"webhooks": []}
    assert is_problem(api.get(f"/v1/webhooks/{contract.pk}"), 404)


def test_every_operation_is_in_the_table():
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str) and name.startswith("webhook")}
    assert names == {"webhooks", "webhook", *(f"webhook-{suffix[1:]}" for _, suffix in OPERATIONS if suffix)}
