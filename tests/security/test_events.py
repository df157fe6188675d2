"""Security events: refusals and attempts to get round a control are logged, counted, and in the audit once a minute."""

import json
import logging
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from gaap.addresses import AddressRefusedError, check_host
from gaap.audit.models import AuditEvent
from gaap.keys.services import create_api_key, revoke_api_key
from gaap.observing.logs import JsonFormatter
from gaap.security import refusals
from gaap.security.events import EVENTS, SECURITY_EVENTS, note_security_event
from gaap.testing.plugin import TESTER
from tests.project import ROOT

pytestmark = pytest.mark.django_db
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(autouse=True)
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The lines of the security log; nothing was noted before the test."""
    cache.clear()
    caplog.set_level(logging.INFO, logger="gaap.security")
    return caplog


def events(told: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [record.security for record in told.records if record.name == "gaap.security"]  # type: ignore[attr-defined]


def counted(event: str) -> float:
    return SECURITY_EVENTS.labels(event)._value.get()  # type: ignore[no-any-return]


def test_a_call_without_a_key_is_noted_by_its_route(client: Client, told: Any) -> None:
    before = counted("access_refused")
    assert client.get("/v1/webhooks/someone@example.org").status_code == 401
    assert events(told) == [
        {
            "event": "access_refused",
            "by": "unknown",
            "method": "GET",
            "route": "/v1/webhooks/<str:webhook_id>",
            "status": 401,
        }
    ]
    assert counted("access_refused") == before + 1
    assert not AuditEvent.objects.filter(action="access_refused").exists()


def test_a_key_that_may_not_is_named_in_log_and_audit(service: Any, bearer: Any, told: Any) -> None:
    issued = create_api_key(service, name="reads", type="test", by=TESTER, scopes=["events:read"])
    assert bearer(issued).get("/v1/webhooks").status_code == 403
    assert events(told)[0]["by"] == f"api_key:{issued.api_key.pk}"
    row = AuditEvent.objects.get(action="access_refused")
    assert (row.actor_id, row.target_id, row.service_id) == (str(issued.api_key.pk),) * 2 + (service.pk,)
    assert row.after == {"method": "GET", "route": "/v1/webhooks", "status": 403}


def test_a_loop_of_refusals_is_one_row_of_the_audit(service: Any, bearer: Any, told: Any) -> None:
    issued = create_api_key(service, name="reads", type="test", by=TESTER, scopes=["events:read"])
    for _ in range(5):
        bearer(issued).get("/v1/webhooks")
    bearer(issued).post("/v1/webhooks", {}, content_type="application/json")
    assert len(events(told)) == 6
    assert AuditEvent.objects.filter(action="access_refused").count() == 2


def test_a_revoked_key_is_noted_without_its_text(service: Any, bearer: Any, told: Any) -> None:
    issued = create_api_key(service, name="old", type="test", by=TESTER)
    revoke_api_key(issued.api_key, by=TESTER)
    assert bearer(issued).get("/v1/events").status_code == 401
    assert [event["event"] for event in events(told)] == ["access_refused"]
    assert issued.text.rpartition("-")[2] not in told.text


def test_asking_for_what_another_service_has_is_noted(outsider: Client, told: Any) -> None:
    assert outsider.get(f"/v1/webhooks/{UNKNOWN}").status_code == 404
    assert [(event["event"], event["status"]) for event in events(told)] == [("object_unknown", 404)]


def test_a_mistyped_page_is_no_security_event(client: Client, told: Any) -> None:
    assert client.get("/no-such-page").status_code == 404
    assert events(told) == []


def test_asking_too_often_is_noted(service: Any, api: Client, told: Any) -> None:
    service.rate_limits = {"platform-read": 1}
    service.save()
    answers = [api.get("/v1/events").status_code for _ in range(3)]
    assert answers[-1] == 429
    assert {"limit_reached"} == {event["event"] for event in events(told)}


def test_a_forged_form_is_noted(told: Any) -> None:
    assert Client(enforce_csrf_checks=True).post("/sign-in/password", {"email": "x@example.org"}).status_code == 403
    assert [event["event"] for event in events(told)] == ["form_refused"]
    assert "x@example.org" not in told.text


def test_a_page_that_a_person_may_not_see_names_them(owner: Any, told: Any) -> None:
    browser = Client()
    browser.force_login(owner)
    told.clear()
    answer = browser.get("/admin/gaap/auditevent/")
    assert answer.status_code in (302, 403)
    refused = browser.get(f"/console/services/{UNKNOWN}")
    assert refused.status_code == 404
    assert owner.email not in told.text


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "::1%1"])
def test_an_inner_address_is_noted(host: str, told: Any) -> None:
    with pytest.raises(AddressRefusedError):
        check_host(host)
    assert events(told) == [{"event": "address_refused", "by": "unknown", "when": "asked"}]
    assert host not in told.text


def test_an_event_that_nobody_knows_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        note_security_event("made_up")


def test_json_lines_carry_the_parts(told: Any) -> None:
    note_security_event("sign_in_failed", way="password")
    line = json.loads(JsonFormatter().format(told.records[-1]))
    assert line["security"] == {"event": "sign_in_failed", "by": "unknown", "way": "password"}


def test_an_audit_that_cannot_be_written_changes_no_answer(
    service: Any, bearer: Any, monkeypatch: pytest.MonkeyPatch, told: Any
) -> None:
    from django.db import OperationalError

    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("gone")

    issued = create_api_key(service, name="reads", type="test", by=TESTER, scopes=["events:read"])
    monkeypatch.setattr(refusals, "record", fail)
    assert bearer(issued).get("/v1/webhooks").status_code == 403
    assert len(events(told)) == 1


def test_a_lost_cache_hides_nothing(service: Any, bearer: Any, monkeypatch: pytest.MonkeyPatch, told: Any) -> None:
    import redis

    def gone(*_: Any, **__: Any) -> None:
        raise redis.ConnectionError

    issued = create_api_key(service, name="reads", type="test", by=TESTER, scopes=["events:read"])
    client: Callable[..., Any] = bearer(issued).get
    monkeypatch.setattr(refusals, "cache", SimpleNamespace(add=gone))
    assert [client("/v1/webhooks").status_code for _ in range(2)] == [403, 403]
    assert AuditEvent.objects.filter(action="access_refused").count() == 2


def test_every_event_is_in_the_security_decisions() -> None:
    text = (ROOT / "docs/security/decisions.md").read_text(encoding="utf-8")
    section = text.partition("\n## What is logged\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(EVENTS)
