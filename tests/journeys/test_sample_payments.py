"""The sample service takes a fee once, confirms it once, and says what to do when something fails."""

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import requests

from tests.journeys.conftest import SUITE


@pytest.fixture
def citizen(sample: ModuleType) -> Any:
    """A browser whose citizen proved who they are."""
    client = sample.app.test_client()
    with client.session_transaction() as session:
        session.update(name="Harriet Clarke", email="h@example.org", phone="+447700900333", renewal="r1")
    return client


@pytest.fixture
def pay(sample: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Pay as the sample sees it: ``state`` can be set, ``calls`` holds what was asked."""
    fake = SimpleNamespace(state={"status": "created", "finished": False}, calls=[])

    def call(method: str, url: str, **options: Any) -> Any:
        fake.calls.append((method, url.removeprefix(SUITE), options))
        links = {} if fake.state["finished"] else {"next_url": {"href": f"{SUITE}secure/token"}}
        payment = {"payment_id": f"p{len(fake.calls)}", "amount": 5400, "state": fake.state, "_links": links}
        return SimpleNamespace(raise_for_status=lambda: None, json=lambda: payment)

    monkeypatch.setattr(sample.requests, "request", call)
    return fake


@pytest.fixture
def sent(sample: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Record what is given to Notify."""
    messages: list[tuple[Any, ...]] = []
    client = SimpleNamespace(
        send_email_notification=lambda *values, **_: messages.append(values),
        send_sms_notification=lambda *values, **_: messages.append(values),
    )
    monkeypatch.setattr(sample, "NotificationsAPIClient", lambda *_, **__: client)
    return messages


@pytest.mark.parametrize(
    ("typed", "key"), [("", "vehicle_missing"), ("!!", "vehicle_wrong"), ("A" * 11, "vehicle_wrong")]
)
def test_a_wrong_registration_number_is_said_so(citizen: Any, sample: ModuleType, typed: str, key: str) -> None:
    page = citizen.post("/vehicle", data={"vehicle": typed})
    assert page.status_code == 400
    assert page.text.count(sample.WORDS["en"][key]) == 2
    assert "<title>Error: " in page.text


def test_the_citizen_is_sent_to_pay(citizen: Any, pay: Any) -> None:
    answer = citizen.post("/vehicle", data={"vehicle": "ab12 cde"})
    assert (answer.status_code, answer.location) == (303, f"{SUITE}secure/token")
    method, path, options = pay.calls[0]
    assert (method, path) == ("POST", "v1/payments")
    assert options["headers"] == {"Authorization": "Bearer key", "Idempotency-Key": "r1"}
    assert options["json"]["amount"] == 5400
    assert options["json"]["metadata"] == {"vehicle": "AB12CDE"}


def test_a_second_payment_follows_only_a_failed_one(citizen: Any, pay: Any) -> None:
    citizen.post("/vehicle", data={"vehicle": "AB12CDE"})
    citizen.post("/pay")
    assert [call[0] for call in pay.calls] == ["POST", "GET"]
    pay.state.update(status="failed", finished=True)
    citizen.post("/pay")
    assert pay.calls[-1][2]["headers"]["Idempotency-Key"] == "p1"
    pay.state.update(status="success", finished=True)
    citizen.post("/pay")
    assert [call[0] for call in pay.calls[4:]] == ["GET"]


@pytest.mark.parametrize(
    ("state", "text", "button"),
    [
        ({"status": "failed", "finished": True, "code": "P0010"}, "unpaid_failed", "unpaid_again"),
        ({"status": "failed", "finished": True, "code": "P0030"}, "unpaid_cancelled", "unpaid_again"),
        ({"status": "cancelled", "finished": True, "code": "P0040"}, "unpaid_cancelled", "unpaid_again"),
        ({"status": "error", "finished": True, "code": "P0050"}, "unpaid_error", "unpaid_again"),
        ({"status": "started", "finished": False}, "unpaid_waiting", "unpaid_continue"),
    ],
    ids=lambda value: value.get("status") if isinstance(value, dict) else None,
)
def test_an_unpaid_fee_shows_the_next_step(
    citizen: Any, sample: ModuleType, pay: Any, sent: list[Any], state: dict[str, Any], text: str, button: str
) -> None:
    citizen.post("/vehicle", data={"vehicle": "AB12CDE"})
    pay.state = state
    page = citizen.get("/result")
    assert sample.WORDS["en"][text] in page.text
    assert sample.WORDS["en"][button] in page.text
    assert sent == []


def test_the_confirmation_is_sent_once(citizen: Any, pay: Any, sent: list[Any]) -> None:
    citizen.post("/vehicle", data={"vehicle": "AB12CDE"})
    pay.state.update(status="success", finished=True)
    for _ in range(3):
        assert "r1" in citizen.get("/result").text
    values = {"name": "Harriet Clarke", "vehicle": "AB12CDE", "amount": "£54.00", "reference": "r1"}
    assert sent == [("h@example.org", "EMAIL-EN", values), ("+447700900333", "TEXT-EN", values)]


def test_a_confirmation_that_failed_is_sent_the_next_time(
    citizen: Any, sample: ModuleType, pay: Any, sent: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    citizen.post("/vehicle", data={"vehicle": "AB12CDE"})
    pay.state.update(status="success", finished=True)

    def refuse(*_: object, **__: object) -> None:
        raise sample.APIError

    works = sample.NotificationsAPIClient()
    broken = SimpleNamespace(send_email_notification=refuse, send_sms_notification=works.send_sms_notification)
    monkeypatch.setattr(sample, "NotificationsAPIClient", lambda *_, **__: broken)
    assert sample.WORDS["en"]["confirmation_not_told"] in citizen.get("/result").text
    monkeypatch.setattr(sample, "NotificationsAPIClient", lambda *_, **__: works)
    assert sample.WORDS["en"]["confirmation_not_told"] not in citizen.get("/result").text
    assert [message[0] for message in sent] == ["+447700900333", "h@example.org"]


def test_an_outage_is_said_plainly(citizen: Any, sample: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise requests.ConnectionError

    monkeypatch.setattr(sample.requests, "request", fail)
    page = citizen.post("/vehicle", data={"vehicle": "AB12CDE"})
    assert page.status_code == 502
    assert sample.WORDS["en"]["unavailable_title"] in page.text


@pytest.mark.parametrize(("method", "path"), [("GET", "/vehicle"), ("GET", "/result"), ("POST", "/pay")])
def test_nobody_gets_anywhere_without_signing_in(sample: ModuleType, method: str, path: str) -> None:
    answer = sample.app.test_client().open(path, method=method, follow_redirects=True)
    assert sample.WORDS["en"]["start_button"] in answer.text
