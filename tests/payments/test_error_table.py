"""Every row of the contract's A.4 and A.5: status, code, description, what it names, and that nothing changed.

The fixture that holds each answer against the published OpenAPI file, with the errata of A.11, is at work here too.
"""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.signals import got_request_exception
from django.db import models
from django.test import Client

from gaap.audit.models import AuditEvent
from gaap.organisations.models import Service
from gaap.outbox.models import OutboxEvent
from gaap.security.events import EVENTS
from tests.payments import published
from tests.payments.error_rows import ROWS
from tests.payments.error_scenes import Scene
from tests.payments.error_table import PUBLISHED, Row
from tests.payments.support import get

pytestmark = pytest.mark.django_db

UNKNOWN = dict.fromkeys(("payment", "refund", "agreement"), "a" * 26)


@pytest.fixture
def scene(service: Service, api: Client, bearer: Callable[[Any], Client], monkeypatch: pytest.MonkeyPatch) -> Scene:
    """The service that a row is about."""
    return Scene(service, api, bearer, monkeypatch)


def filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def send(client: Client, row: Row, names: dict[str, str]) -> Any:
    """Send what the row says."""
    method, path = filled(row.call, {**UNKNOWN, **names}).split()
    address = f"{path}?{row.query}" if row.query else path
    if row.body is None:
        body = b""
    else:
        body = row.body if isinstance(row.body, bytes) else filled(json.dumps(row.body), names).encode()
    return client.generic(method, address, body, content_type="application/json", headers=row.headers)


def everything() -> dict[str, list[Any]]:
    """Return every row of payments, of the stream of events and of the audit record."""
    kept: list[type[models.Model]] = [*apps.get_app_config("gaap_payments").get_models(), OutboxEvent]
    rows = {model._meta.label: list(model._default_manager.order_by("pk").values_list()) for model in kept}
    # That a call was refused stands in the audit, and is no act.
    return {**rows, "acts": list(AuditEvent.objects.exclude(action__in=EVENTS).order_by("pk").values_list())}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_row(scene: Scene, row: Row, caplog: pytest.LogCaptureFixture) -> None:
    names = getattr(scene, row.scene)()
    before = everything()
    with caplog.at_level(logging.CRITICAL):
        answer = send(scene.api, row, names)
    assert (answer.status_code, answer.json()) == (row.status, row.answer)
    assert answer["Content-Type"] == "application/json"
    if row.leaves:
        assert get(scene.api, names["payment"])["state"]["status"] == row.leaves
    else:
        assert everything() == before


def test_table_holds_every_published_row() -> None:
    """Each pair of A.4, and no code at an endpoint for which A.4 has none but the ones that every endpoint can give."""
    listed = {(call, code) for call, codes in PUBLISHED.items() for code in codes.split()}
    shown = {(row.call, row.code) for row in ROWS}
    assert listed - shown == set()
    further = {("P0102", "POST /v1/agreements"), ("P0050", "POST /v1/auth")}
    assert {(code, call) for call, code in shown - listed} <= further


def test_table_holds_no_row_twice() -> None:
    names = [str(row) + repr((row.body, row.headers, row.scene)) for row in ROWS]
    assert len(set(names)) == len(names)


@pytest.mark.skipif(published.find_file() is None, reason=f"{published.NAME} is not at hand")
def test_published_file_describes_the_errors_of_the_table() -> None:
    """The judge has a schema for most of these answers, so that holding them against the file says something."""
    calls = {(row.call, row.status) for row in ROWS}
    known = [status for call, status in calls if published.describes(*call.split(maxsplit=1), status=status)]
    assert len(known) > len(calls) / 2


def test_fault_of_ours_is_reported_as_every_fault_is(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    reported: list[Any] = []

    def note(**kwargs: Any) -> None:
        reported.append(kwargs["request"].path)

    rows = [row for row in ROWS if row.scene == "broken"]
    names = scene.broken()
    got_request_exception.connect(note)
    try:
        with caplog.at_level(logging.CRITICAL):
            answers = [send(scene.api, row, names).status_code for row in rows]
    finally:
        got_request_exception.disconnect(note)
    assert answers == [500] * len(rows)
    assert len(reported) == len(rows)
