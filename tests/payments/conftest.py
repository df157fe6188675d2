"""What tests of payments need: gateway accounts, and a clock that can be moved."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gaap import clock
from gaap.keys.services import IssuedKey
from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_payments.models import GatewayAccount
from gaap_payments.services.accounts import save_account
from tests.payments import published


@pytest.fixture(autouse=True)
def _published_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold every answer that a test gets under ``/v1`` against the published file, where it is at hand."""
    if published.find_file() is None:
        return
    real = Client.request

    def request(client: Client, **environ: Any) -> Any:
        answer = real(client, **environ)
        path, method = str(environ.get("PATH_INFO", "")), str(environ.get("REQUEST_METHOD", ""))
        if path.startswith("/v1/") and answer.headers.get("Content-Type") == "application/json":
            body = json.loads(answer.content)
            assert not published.faults(method, path, answer.status_code, body), body
        return answer

    monkeypatch.setattr(Client, "request", request)


@pytest.fixture
def account(service: Service) -> GatewayAccount:
    """The service's test account, in pounds."""
    return save_account(service, provider="sandbox", is_live=False, by=TESTER)


@pytest.fixture
def live_account(service: Service) -> GatewayAccount:
    """The service's live account. Outside production the sandbox may play one."""
    return save_account(service, provider="sandbox", is_live=True, by=TESTER)


@pytest.fixture
def live_api(bearer: Callable[[IssuedKey | str], Client], live_key: IssuedKey) -> Client:
    """A client with the service's live key."""
    return bearer(live_key)


@pytest.fixture
def move_clock(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Callable[[timedelta], None]:
    """Return a function that moves the suite's idea of now for one test; staff who are signed in stay so."""
    settings.GAAP_STAFF_IDLE_MINUTES = settings.GAAP_STAFF_SESSION_HOURS = 10**6

    def move(change: timedelta) -> None:
        monkeypatch.setattr(clock, "offset", lambda: change)

    return move
