"""Who may do what: every endpoint with no key, a revoked one, another service's or mode's, and too few scopes."""

from collections.abc import Callable

import pytest
from django.test import Client

from gaap.keys.services import IssuedKey, create_api_key, revoke_api_key
from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_payments.models import GatewayAccount, Payment
from tests.payments.support import ORDER, create

pytestmark = pytest.mark.django_db

Bearer = Callable[[IssuedKey | str], Client]

#: Method, what stands after /v1/payments, code of the 404, scope.
ENDPOINTS = [
    ("GET", "/{id}", "P0200", "payments:read"),
    ("GET", "/{id}/events", "P0300", "payments:read"),
    ("POST", "/{id}/cancel", "P0500", "payments:cancel"),
    ("POST", "/{id}/capture", "P1000", "payments:capture"),
]
COLLECTION = [("GET", "", "", "payments:read"), ("POST", "", "", "payments:create")]


def call(client: Client, method: str, path: str, payment_id: str = "a" * 26) -> tuple[int, object]:
    body = ORDER if (method, path) == ("POST", "") else None
    address = "/v1/payments" + path.format(id=payment_id)
    answer = client.generic(method, address, b"" if body is None else b"{}", content_type="application/json")
    return answer.status_code, answer.json()


@pytest.mark.parametrize(("method", "path", "code", "scope"), ENDPOINTS + COLLECTION)
@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer nonsense", "bearer nonsense", "Basic YTpi"])
def test_no_key(method: str, path: str, code: str, scope: str, header: str) -> None:
    client = Client(headers={"Authorization": header} if header else {})
    assert call(client, method, path) == (401, {"code": 401, "message": "HTTP 401 Unauthorized"})


@pytest.mark.parametrize(("method", "path", "code", "scope"), ENDPOINTS + COLLECTION)
def test_revoked_key(bearer: Bearer, test_key: IssuedKey, method: str, path: str, code: str, scope: str) -> None:
    revoke_api_key(test_key.api_key, by=TESTER)
    assert call(bearer(test_key), method, path)[0] == 401


@pytest.mark.parametrize(("method", "path", "code", "scope"), ENDPOINTS)
@pytest.mark.parametrize("payment_id", ["a" * 26, "A" * 26, "a" * 25, "a" * 27, "..", "%00", "%F0%9F%92%B7"])
def test_unknown_payment(
    api: Client, account: GatewayAccount, method: str, path: str, code: str, scope: str, payment_id: str
) -> None:
    assert call(api, method, path, payment_id) == (404, {"code": code, "description": "Not found"})


@pytest.mark.parametrize(("method", "path", "code", "scope"), ENDPOINTS)
def test_another_services_payment(
    api: Client, account: GatewayAccount, outsider: Client, method: str, path: str, code: str, scope: str
) -> None:
    created = create(api)
    assert call(outsider, method, path, created["payment_id"]) == (404, {"code": code, "description": "Not found"})
    assert Payment.objects.get().status == "created"


@pytest.mark.parametrize(("method", "path", "code", "scope"), ENDPOINTS)
def test_live_key_sees_no_test_payment(
    api: Client, live_api: Client, account: GatewayAccount, method: str, path: str, code: str, scope: str
) -> None:
    created = create(api)
    assert call(live_api, method, path, created["payment_id"])[0] == 404


def test_test_and_team_keys_share_the_test_account(
    api: Client, bearer: Bearer, team_key: IssuedKey, account: GatewayAccount, live_account: GatewayAccount
) -> None:
    created = create(api)
    assert call(bearer(team_key), "GET", "/{id}", created["payment_id"])[0] == 200
    assert Payment.objects.get().gateway_account == account


@pytest.mark.parametrize(("method", "path", "code", "scope"), ENDPOINTS + COLLECTION)
def test_key_without_the_scope(bearer: Bearer, service: Service, method: str, path: str, code: str, scope: str) -> None:
    others = sorted({"payments:read", "payments:create", "payments:cancel", "payments:capture"} - {scope})
    key = create_api_key(service, name="narrow", type="test", scopes=others, by=TESTER)
    status, body = call(bearer(key), method, path)
    description = "Access to this resource is not enabled for this account. Contact support with your error code."
    assert (status, body) == (403, {"code": "P0930", "description": description})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", ""),
        ("DELETE", ""),
        ("PATCH", "/{id}"),
        ("POST", "/{id}"),
        ("GET", "/{id}/cancel"),
        ("PUT", "/{id}/capture"),
    ],
)
def test_methods_that_do_not_exist(api: Client, method: str, path: str) -> None:
    assert call(api, method, path) == (405, {"code": 405, "message": "HTTP 405 Method Not Allowed"})


@pytest.mark.parametrize("path", ["/", "/{id}/", "/{id}/nothing", "/{id}/events/more", "//cancel", "/a/b/c/d"])
def test_unknown_addresses(api: Client, path: str) -> None:
    assert call(api, "GET", path) == (404, {"code": "P0200", "description": "Not found"})
    assert call(Client(), "GET", path)[0] == 401


def test_other_media_types(api: Client, account: GatewayAccount) -> None:
    answer = api.post("/v1/payments", b"amount=1", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["code"]) == (415, 415)
    answer = api.get("/v1/payments", headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert (answer["Cache-Control"], answer["Pragma"]) == ("no-store", "no-cache")
