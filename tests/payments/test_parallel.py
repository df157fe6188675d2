"""Many at once, over HTTP, on PostgreSQL: one authorisation, one capture, one winner."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

import httpx
import pytest
from django.db import connection
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from gaap.limits.services import change_rate_limits
from gaap.outbox.models import OutboxEvent
from gaap.testing.plugin import TESTER
from gaap_payments import states
from gaap_payments.models import GatewayAccount, Payment, PaymentEvent, ProviderOperation, SandboxCharge, SandboxEvent
from gaap_payments.providers.base import ChargeStatus
from gaap_payments.providers.sandbox import SandboxProvider
from gaap_payments.tasks import sweep_payments
from tests.payments.support import ANSWERS, Citizen, create, work

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

Result = TypeVar("Result")


def at_once(count: int, act: Callable[[int], Result]) -> list[Result]:
    """Call ``act`` in so many threads, all let go at the same moment."""
    gate = Barrier(count)

    def wait_and_act(number: int) -> Result:
        gate.wait(timeout=30)
        try:
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(wait_and_act, range(count)))


def count_calls(monkeypatch: pytest.MonkeyPatch, method: str) -> list[str]:
    """Note each call of a method of the sandbox, and make it slow enough for others to come between."""
    calls: list[str] = []
    real = getattr(SandboxProvider, method)

    def slow(provider: SandboxProvider, *args: Any, idempotency_key: str) -> ChargeStatus:
        calls.append(idempotency_key)
        time.sleep(0.3)
        answer: ChargeStatus = real(provider, *args, idempotency_key=idempotency_key)
        return answer

    monkeypatch.setattr(SandboxProvider, method, slow)
    return calls


class OneBrowser:
    """One citizen's cookies and form token, used from many connections at once."""

    def __init__(self, live_server: LiveServer, document: dict[str, Any]) -> None:
        self.citizen = Citizen(document)
        self.root = live_server.url
        with httpx.Client(base_url=self.root, trust_env=False, follow_redirects=True) as client:
            page = client.get(self.citizen.entry).text
            self.cookies = dict(client.cookies)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found
        self.token = found[1]

    def post(self, stage: str, **answers: str) -> httpx.Response:
        data = {"csrfmiddlewaretoken": self.token, **answers}
        with httpx.Client(base_url=self.root, cookies=self.cookies, trust_env=False, timeout=60) as client:
            return client.post(self.citizen.path(stage), data=data)


def test_twenty_submissions_make_one_authorised_payment(
    api: Client, account: GatewayAccount, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = OneBrowser(live_server, create(api))
    calls = count_calls(monkeypatch, "authorise")
    answers = at_once(20, lambda _: browser.post("", **ANSWERS))

    assert len(calls) == 1
    assert Payment.objects.get().status == states.SUBMITTED
    assert SandboxCharge.objects.get().status == SandboxCharge.Status.AUTHORISED
    assert ProviderOperation.objects.get(kind="authorise").tries == 1
    assert PaymentEvent.objects.filter(status=states.AUTHORISATION_READY).count() == 1
    assert OutboxEvent.objects.filter(name="payment_submitted").count() == 1
    assert {answer.status_code for answer in answers} == {303}
    stages = {answer.headers["Location"].rpartition("/")[2] for answer in answers}
    assert stages <= {"auth_waiting", "confirm"}


def test_two_confirms_capture_once(
    api: Client, account: GatewayAccount, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = OneBrowser(live_server, create(api))
    browser.post("", **ANSWERS)
    calls = count_calls(monkeypatch, "capture")
    answers = at_once(2, lambda _: browser.post("confirm"))
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
        (303, f"/return/{browser.citizen.payment_id}")
    }
    assert PaymentEvent.objects.filter(status=states.CAPTURE_APPROVED).count() == 1

    at_once(8, lambda _: sweep_payments())
    work()
    assert len(calls) == 1
    assert Payment.objects.get().status == states.CAPTURED
    assert SandboxEvent.objects.filter(type="charge.captured").count() == 1
    for event in ("payment_succeeded", "payment_captured"):
        assert OutboxEvent.objects.filter(name=event).count() == 1


def test_confirm_against_cancel_has_one_winner(api: Client, account: GatewayAccount, live_server: LiveServer) -> None:
    for _ in range(5):
        created = create(api)
        browser = OneBrowser(live_server, created)
        browser.post("", **ANSWERS)

        def act(number: int, *, browser: OneBrowser = browser) -> int:
            if number == 0:
                return browser.post("confirm").status_code
            cancelled: int = api.post(f"/v1/payments/{browser.citizen.payment_id}/cancel").status_code
            return cancelled

        confirmed, cancelled = at_once(2, act)
        work()
        payment = Payment.objects.get(pk=created["payment_id"])
        charge = SandboxCharge.objects.get(payment_id=payment.pk)
        assert confirmed == 303
        if cancelled == 204:
            assert (payment.status, charge.status) == (states.CANCELLED_BY_SERVICE, "cancelled")
        else:
            assert cancelled == 400
            assert (payment.status, charge.status) == (states.CAPTURED, "captured")


def test_token_lets_one_browser_in(api: Client, account: GatewayAccount, live_server: LiveServer) -> None:
    citizen = Citizen(create(api))

    def enter(_: int) -> int:
        return httpx.get(live_server.url + citizen.entry, trust_env=False, timeout=60).status_code

    assert sorted(at_once(10, enter)) == [303, *[403] * 9]


def test_twenty_cancels_and_twenty_captures(api: Client, account: GatewayAccount) -> None:
    calls = {"payments-write": 100, "payments-capture": 100}
    change_rate_limits(account.service, calls=calls, by=TESTER)
    first, second = create(api), create(api, delayed_capture=True)
    Citizen(second).pay()
    cancels = at_once(20, lambda _: api.post(f"/v1/payments/{first['payment_id']}/cancel").status_code)
    assert sorted(cancels) == [204, *[400] * 19]
    captures = at_once(20, lambda _: api.post(f"/v1/payments/{second['payment_id']}/capture").status_code)
    assert captures == [204] * 20
    at_once(4, lambda _: sweep_payments())
    assert SandboxEvent.objects.filter(type="charge.captured").count() == 1


def test_same_sandbox_event_at_once(api: Client, account: GatewayAccount) -> None:
    Citizen(create(api)).pay()
    sweep_payments()
    at_once(4, lambda _: work())
    assert Payment.objects.get().status == states.CAPTURED
    assert OutboxEvent.objects.filter(name="payment_captured").count() == 1
