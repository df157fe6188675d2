"""Traces: one message under its own id, from its acceptance to its receipt, in every process that had it in hand."""

import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from notifications_python_client.notifications import NotificationsAPIClient

from gaap.checks import check_tracing
from gaap.observing import otlp, tracing
from gaap.observing.tracing import FinishedSpan, follow, note, span
from gaap_site.celery import queue_names
from tests.faults.suite import Suite, database_of_its_own, delete_queues
from tests.platform.collector import LoopbackCollector, collecting
from tests.processes import wait_until
from tests.project import ROOT, python_path

MESSAGE = uuid.UUID("01936c3f-8a00-7000-8000-0123456789ab")
OTHER = uuid.UUID("01936c3f-8a00-7000-8000-ba9876543210")
ROOT_SPAN = MESSAGE.int & (1 << 64) - 1

DOCUMENT = {
    "organisations": [{"name": "Transport"}],
    "services": [
        {
            "name": "Renew",
            "organisation": "Transport",
            "mode": "trial",
            "api_keys": [{"name": "traces", "type": "test"}],
            "notify": {
                "permissions": ["sms"],
                "templates": [{"type": "sms", "versions": [{"name": "Reminder", "body": "No ((number))"}]}],
            },
        }
    ],
}


@pytest.fixture
def told() -> Iterator[list[FinishedSpan]]:
    """What is told in this test."""
    spans: list[FinishedSpan] = []
    tracing.begin(spans.extend)
    yield spans
    tracing.end()


def named(spans: list[FinishedSpan], name: str) -> FinishedSpan:
    (found,) = (each for each in spans if each.name == name)
    return found


def test_what_accepts_a_message_becomes_the_first_span_of_its_trace(told):
    with span("request", kind="server"), span("accept"):
        follow(MESSAGE, is_beginning=True)
    request, accept = named(told, "request"), named(told, "accept")
    assert {request.trace_id, accept.trace_id} == {MESSAGE.int}
    assert (request.span_id, request.parent_id) == (ROOT_SPAN, 0)
    assert accept.parent_id == ROOT_SPAN
    assert accept.began_ns <= accept.ended_ns <= request.ended_ns


def test_another_process_joins_it_by_the_id_alone(told):
    with span("call", of=MESSAGE):
        pass
    with span("publish", of=f"notification/{MESSAGE}"):
        pass
    assert {(each.trace_id, each.parent_id) for each in told} == {(MESSAGE.int, ROOT_SPAN)}
    assert len({each.span_id for each in told} | {ROOT_SPAN}) == 3


def test_whoever_finds_the_message_later_joins_with_all_that_was_done(told):
    with span("request"), span("receipt"):
        follow(MESSAGE)
        with span("applied", of=MESSAGE):
            pass
    request, receipt = named(told, "request"), named(told, "receipt")
    assert {each.trace_id for each in told} == {MESSAGE.int}
    assert request.parent_id == ROOT_SPAN
    assert request.span_id != ROOT_SPAN
    assert named(told, "applied").parent_id == receipt.span_id
    assert not any(each.links for each in told)


def test_work_for_many_messages_is_a_trace_to_which_theirs_link(told):
    with span("batch"):
        for message in (MESSAGE, OTHER):
            with span("call", of=message), span("inner"):
                pass
    batch = named(told, "batch")
    assert (batch.links, batch.parent_id) == ((), 0)
    calls = [each for each in told if each.name == "call"]
    assert [call.trace_id for call in calls] == [MESSAGE.int, OTHER.int]
    assert {call.links for call in calls} == {((batch.trace_id, batch.span_id),)}
    assert [each.trace_id for each in told if each.name == "inner"] == [MESSAGE.int, OTHER.int]


def test_a_request_that_accepts_two_gives_each_its_beginning(told):
    with span("request"):
        for message in (MESSAGE, OTHER):
            with span("accept"):
                follow(message, is_beginning=True)
    second = next(each for each in told if each.trace_id == OTHER.int)
    assert (second.span_id, second.parent_id) == (OTHER.int & (1 << 64) - 1, 0)
    assert named(told, "request").trace_id == MESSAGE.int


def test_a_wait_ends_now_and_began_so_long_ago(told):
    note("wait", seconds=2.5, of=MESSAGE)
    assert (told[0].ended_ns - told[0].began_ns) / 1e9 == pytest.approx(2.5, abs=0.1)


def test_of_an_error_its_type_is_told_and_what_is_left_out_is_not(told):
    def fail() -> None:
        with span("outer"), span("empty") as empty:
            empty.is_left_out = True
            raise ValueError("canary")

    with pytest.raises(ValueError, match="canary"):
        fail()
    assert [(each.name, each.error) for each in told] == [("outer", "ValueError")]
    assert "canary" not in str(told)


def test_a_share_is_the_same_in_every_process():
    spans: list[FinishedSpan] = []
    tracing.begin(spans.extend, share=0.25)
    messages = [uuid.UUID(int=number * 0x9E3779B1 % 2**32 + (7 << 76)) for number in range(1, 4001)]
    for _ in range(2):
        for message in messages:
            note("wait", seconds=0, of=message)
    tracing.end()
    first, second = spans[: len(spans) // 2], spans[len(spans) // 2 :]
    assert [each.trace_id for each in first] == [each.trace_id for each in second]
    assert len(first) == pytest.approx(1000, rel=0.15)


def test_while_nobody_is_told_nothing_is_noted():
    with span("one") as one, span("two") as two:
        follow(MESSAGE)
    assert one is two
    assert not tracing.is_on()


def test_without_the_library_the_suite_serves_and_says_what_is_missing(settings, monkeypatch):
    assert check_tracing(None) == []
    settings.GAAP_OTLP_ENDPOINT, settings.GAAP_TRACE_SHARE = "http://127.0.0.1:9/v1/traces", 1.5
    monkeypatch.setattr(otlp, "is_installed", lambda: False)
    otlp.begin_telling()
    assert not tracing.is_on()
    assert [fault.id for fault in check_tracing(None)] == ["gaap.E016", "gaap.E017"]


@pytest.mark.parametrize(("endpoint", "is_loaded"), [("", False), ("http://127.0.0.1:9/v1/traces", True)])
def test_the_exporter_is_loaded_only_when_a_collector_is_named(tmp_path, endpoint, is_loaded):
    program = "import django, sys; django.setup(); print('opentelemetry.exporter' in sys.modules)"
    environ = {
        "PYTHONPATH": python_path(ROOT),
        "DJANGO_SETTINGS_MODULE": "gaap_site.settings",
        "GAAP_DATA": str(tmp_path),
        "GAAP_OTLP_ENDPOINT": endpoint,
    }
    assert subprocess.check_output([sys.executable, "-c", program], env=environ, text=True).strip() == str(is_loaded)


@pytest.fixture
def collector() -> Iterator[LoopbackCollector]:
    with collecting() as running:
        yield running


@pytest.fixture
def suite(tmp_path: Path, collector: LoopbackCollector, postgresql_url: str, broker_url: str) -> Iterator[Suite]:
    name = f"gaap_traces_{uuid.uuid4().hex[:12]}"
    environ = {
        "GAAP_OTLP_ENDPOINT": collector.url,
        "GAAP_OTLP_AUTHORIZATION": "Bearer collector",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    with database_of_its_own(postgresql_url, name) as database_url:
        suite = Suite(tmp_path, database_url=database_url, broker_url=broker_url, name=name, environ=environ)
        yield suite
        delete_queues(broker_url, [suite.queue_prefix + queue for queue in queue_names()])


@pytest.mark.postgresql
@pytest.mark.rabbitmq
def test_one_message_is_one_trace_through_every_process(suite: Suite, collector: LoopbackCollector) -> None:
    made = suite.set_up(DOCUMENT)["services"][0]
    client = NotificationsAPIClient(made["api_keys"][0]["key"], base_url=suite.base_url)
    template = made["notify"]["templates"][0]["id"]
    wanted = {
        "POST /v2/notifications/<str:name>",
        "notify.accept",
        "notify.wait",
        "notify.provider_call",
        "notify.receipt",
        "notify.receipt_applied",
        "outbox.wait",
    }
    with suite.running():
        sent = client.send_sms_notification("07700900123", template, {"number": "canary"})
        trace = sent["id"].replace("-", "")

        def is_whole() -> bool:
            return wanted <= {each.name for each in collector.traces.get(trace, [])}

        wait_until(is_whole, seconds=60, what="the whole trace", program=suite.worker)
    spans = collector.traces[trace]
    assert {each.name for each in spans} == wanted
    request, *others = spans
    assert (request.name, request.parent_span_id) == ("POST /v2/notifications/<str:name>", b"")
    known = {each.span_id for each in spans}
    assert all(each.parent_span_id in known for each in others)
    assert sum(each.name == "outbox.wait" for each in spans) == 3, "created, sent, delivered"
    (call,) = (each for each in spans if each.name == "notify.provider_call")
    batches = {each.span_id for found in collector.traces.values() for each in found if each.name == "notify.batch"}
    assert {link.span_id for each in spans if each.name == "notify.wait" for link in each.links} <= batches
    assert call.status.code == 0
    assert set(collector.authorizations) == {"Bearer collector"}
    told = b"".join(collector.bodies)
    assert b"07700900123" not in told
    assert b"canary" not in told
