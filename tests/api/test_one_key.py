"""One key, from one provisioning call, opens everything; scoped down, each contract refuses in its own words."""

import gc
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import httpx
import pytest
from django.core.management import call_command
from notifications_python_client.errors import HTTPError
from notifications_python_client.notifications import NotificationsAPIClient
from pytest_django.live_server_helper import LiveServer

from gaap.events.placing import place_waiting
from gaap.keys.models import ApiKey
from gaap.keys.services import revoke_api_key
from gaap.testing.plugin import TESTER
from tests.payments.support import ORDER

TEMPLATE = "7a0ad1b4-6a0a-4b0e-9d4e-6f3d0e9a2b11"
NARROW = {"notify": ["notify:read"], "payments": ["payments:read"], "events": ["webhooks:read"]}
FILE: dict[str, Any] = {
    "organisations": [{"name": "Ministry of Transport"}],
    "services": [
        {
            "name": "Renew a vehicle registration",
            "organisation": "Ministry of Transport",
            "api_keys": [
                {"name": "everything", "type": "test"},
                *({"name": name, "type": "test", "scopes": scopes} for name, scopes in NARROW.items()),
            ],
            "notify": {
                "permissions": ["sms"],
                "templates": [{"id": TEMPLATE, "type": "sms", "versions": [{"name": "Done", "body": "Dear ((name))"}]}],
            },
            "payments": {"gateway_accounts": [{"provider": "sandbox", "mode": "test", "currency": "GBP"}]},
        }
    ],
}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def keys(tmp_path: Any) -> dict[str, str]:
    """The texts of the keys by name, as the command printed them."""
    file, printed = tmp_path / "service.json", StringIO()
    file.write_text(json.dumps(FILE), encoding="utf-8")
    call_command("provision", str(file), stdout=printed)
    (service,) = json.loads(printed.getvalue())["services"]
    return {key["name"]: key["key"] for key in service["api_keys"]}


@pytest.fixture
def suite(live_server: LiveServer) -> Iterator["Suite"]:
    """The running suite as a service's programs see it."""
    running = Suite(live_server.url)
    yield running
    running.close()


class Suite:
    """The official Notify client and a plain HTTP client, both with one key."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._clients: list[NotificationsAPIClient] = []

    def send(self, key: str) -> Any:
        """Send a text as the official client does."""
        self._clients.append(NotificationsAPIClient(key, base_url=self._url))
        return self._clients[-1].send_sms_notification("07700900123", TEMPLATE, {"name": "Ngọc"})

    def call(self, method: str, path: str, key: str, **more: Any) -> httpx.Response:
        """Call Pay or the suite's own API."""
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.request(method, f"{self._url}{path}", headers=headers, timeout=30, trust_env=False, **more)

    def close(self) -> None:
        """Close what the clients kept open."""
        for client in self._clients:
            client.request_session.close()
        # Caught exceptions hold on to their responses, and each would keep a thread of the server.
        gc.collect()


def test_one_key_opens_all_three(suite: Suite, keys: dict[str, str]) -> None:
    key = keys["everything"]
    sent = suite.send(key)
    paid = suite.call("POST", "/v1/payments", key, json=ORDER)
    assert paid.status_code == 201
    place_waiting()
    told = suite.call("GET", "/v1/events", key).json()["events"]
    subjects = [f"notification/{sent['id']}", f"payment/{paid.json()['payment_id']}"]
    assert [event["subject"] for event in told if event["subject"] in subjects] == subjects


def test_scoped_down_each_contract_refuses_in_its_own_words(suite: Suite, keys: dict[str, str]) -> None:
    with pytest.raises(HTTPError) as refused:
        suite.send(keys["notify"])
    assert refused.value.status_code == 403
    assert refused.value.message == [
        {"error": "AuthError", "message": "Invalid token: the API key does not have the scope for this"}
    ]
    payment = suite.call("POST", "/v1/payments", keys["payments"], json=ORDER)
    assert (payment.status_code, payment.json()["code"]) == (403, "P0930")
    stream = suite.call("GET", "/v1/events", keys["events"])
    assert (stream.status_code, stream.headers["Content-Type"]) == (403, "application/problem+json")
    assert stream.json()["title"] == "Forbidden"
    assert suite.call("GET", "/v1/payments", keys["payments"]).status_code == 200
    assert suite.call("GET", "/v1/webhooks", keys["events"]).status_code == 200


@pytest.mark.postgresql
@pytest.mark.redis
def test_a_revoked_key_is_refused_by_every_process_within_two_seconds(web: str, keys: dict[str, str]) -> None:
    suite, key = Suite(web), keys["everything"]
    answers = [suite.call("GET", "/v1/events", key).status_code for _ in range(20)]
    assert set(answers) == {200}, "each of the four processes has seen it"
    revoke_api_key(ApiKey.objects.get(name="everything"), by=TESTER)
    answers = [suite.call("GET", "/v1/events", key).status_code for _ in range(20)]
    assert set(answers) == {401}, "from the first call on"
