"""What a running platform shows of itself: request ids, lines of log, and numbers for Prometheus."""

import json
import logging
import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from prometheus_client.parser import text_string_to_metric_families

from gaap.clock import now
from gaap.contributions import Contributions, Gauge
from gaap.observing import metrics
from gaap.observing.logs import JsonFormatter, RequestIdFilter
from gaap.observing.request_ids import named_request, request_id, usable_request_id
from gaap.observing.requests import METHODS
from gaap.outbox.models import OutboxEvent
from gaap.work import work_models
from tests.project import ROOT

pytestmark = pytest.mark.django_db


def numbers(client, **headers):
    response = client.get("/metrics", headers=headers)
    assert response.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def requests_counted(client, route, status):
    labels = (("method", "GET"), ("route", route), ("status", status))
    return numbers(client).get(("gaap_request_seconds_count", labels), 0)


@pytest.mark.parametrize("offered", ["0123456789abcdef", "a.b_c-d.e", "x" * 64])
def test_a_proxys_id_is_kept(client, offered):
    assert client.get("/health/live", headers={"X-Request-Id": offered}).headers["X-Request-Id"] == offered


@pytest.mark.parametrize("offered", ["", "short", "x" * 65, "line\nbreak", "né à Đà Nẵng", "a b c d e f"])
def test_anything_else_is_replaced(offered):
    assert uuid.UUID(usable_request_id(offered)).version == 7


def test_an_id_ends_with_its_request():
    with named_request("outer-id"), named_request("inner-id"):
        assert request_id() == "inner-id"
    assert request_id() == ""


def test_a_line_of_json_is_one_object_and_one_line():
    record = logging.LogRecord("gaap", logging.WARNING, "", 0, "two\nlines of %s", ("Đà Nẵng",), None)
    with named_request("a-request"):
        assert RequestIdFilter().filter(record)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    assert {**json.loads(text), "at": ""} == {
        "at": "",
        "level": "WARNING",
        "logger": "gaap",
        "message": "two\nlines of Đà Nẵng",
        "request_id": "a-request",
    }


def test_requests_are_counted_by_route_and_status(client):
    before = requests_counted(client, "/health/live", "200")
    client.get("/health/live")
    assert requests_counted(client, "/health/live", "200") == before + 1


def test_paths_that_do_not_exist_are_one_route_and_ids_none(client, api):
    for _ in range(3):
        client.get(f"/nothing/{uuid.uuid4()}")
        api.get(f"/v1/payments/{uuid.uuid4()}")
    routes = {dict(labels).get("route") for _, labels in numbers(client)}
    assert "(none)" in routes
    assert not [route for route in routes if route and re.search(r"[0-9a-f]{8}-", route)]


def test_an_unknown_method_is_not_a_label_of_its_own(client):
    client.generic("GET'; DROP", "/health/live")
    assert {dict(labels).get("method") for _, labels in numbers(client)} <= {None, "other", *METHODS}


def test_what_is_due_is_read_from_the_database(client):
    before = numbers(client)["gaap_outbox_waiting", ()]
    OutboxEvent.objects.create(name="parcel_sent", subject="parcel/1", occurred_at=now() - timedelta(minutes=2))
    found = numbers(client)
    assert found["gaap_outbox_waiting", ()] == before + 1
    assert found["gaap_outbox_oldest_seconds", ()] >= 120
    kinds = {dict(labels)["kind"] for name, labels in found if name == "gaap_work_due"}
    assert kinds == {model._meta.label_lower for model in work_models()}
    assert all(value >= 0 for value in found.values())


def test_without_the_database_the_processes_numbers_are_still_told(client, monkeypatch):
    def fail():
        raise OperationalError("gone")

    monkeypatch.setattr(metrics, "contributions", fail)
    found = {name for name, _ in numbers(client)}
    assert "gaap_request_seconds_count" in found
    assert "gaap_work_due" not in found


def test_components_add_their_own(client, monkeypatch):
    class Added(Contributions):
        def gauges(self):
            yield Gauge("gaap_parcels_waiting", "Parcels.", 3, {"lane": "fast"})
            yield Gauge("gaap_parcels_waiting", "Parcels.", 4, {"lane": "slow"})

    monkeypatch.setattr(metrics, "contributions", lambda: [Added()])
    found = numbers(client)
    assert [found["gaap_parcels_waiting", (("lane", lane),)] for lane in ("fast", "slow")] == [3, 4]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Bearer ở"}, 401),
        ({"Authorization": "Bearer right"}, 200),
    ],
)
def test_a_token_guards_the_numbers(client, settings, headers, status):
    settings.GAAP_METRICS_TOKEN = "right"
    assert client.get("/metrics", headers=headers).status_code == status


def test_without_a_token_only_an_embedded_instance_shows_them(client, settings):
    settings.GAAP_EMBEDDED = False
    assert client.get("/metrics").status_code == 401


def test_nothing_personal_stands_in_them(client, service):
    User.objects.create_user("canary-person", email="canary@example.org")
    client.get("/console/sign-in?next=/canary@example.org")
    assert b"canary" not in client.get("/metrics").content


def alert_rules():
    import yaml

    groups = yaml.safe_load((ROOT / "deploy/monitoring/alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.mark.parametrize("rule", alert_rules(), ids=lambda rule: rule["alert"])
def test_every_alert_has_its_page_of_the_runbook_and_asks_for_numbers_that_there_are(client, rule):
    client.get("/health/live")
    # Of what this database does not have, such as months on SQLite, the name alone is told.
    named = re.findall(r"^# TYPE (\w+)", client.get("/metrics").content.decode(), re.MULTILINE)
    exposed = {*named, *(name for name, _ in numbers(client))}
    for name in re.findall(r"\bgaap_\w+", rule["expr"]):
        assert name in exposed
    assert f"## {rule['alert']}\n" in (ROOT / "docs/how-to/answer-an-alert.md").read_text()
    assert rule["annotations"]["runbook"].endswith(f"answer-an-alert.md#{rule['alert'].lower()}")


def test_the_dashboard_asks_for_numbers_that_there_are(client):
    client.get("/health/live")
    exposed = {name for name, _ in numbers(client)}
    dashboard = json.loads((ROOT / "deploy/monitoring/dashboard.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert asked
    assert {name for expr in asked for name in re.findall(r"\bgaap_\w+", expr)} <= exposed
