"""Telling traces to a collector by OpenTelemetry's protocol (OTLP over HTTP): the one place that knows its library.

The library is an extra (``gaap-suite[tracing]``). It sends in a thread of its own, keeps at most 2048 spans while a
collector does not answer, and drops what is more.
"""

import atexit
import importlib.util
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gaap.conf import conf
from gaap.observing import tracing
from gaap.observing.tracing import FinishedSpan

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext

logger = logging.getLogger(__name__)


def is_installed() -> bool:
    """Say whether the extra is there."""
    return all(importlib.util.find_spec(name) for name in ("opentelemetry", "requests", "google"))


def begin_telling() -> None:
    """Tell what is done from now on to GAAP_OTLP_ENDPOINT; nothing where it is not set."""
    if not conf.otlp_endpoint:
        return
    if not is_installed():
        logger.error("GAAP_OTLP_ENDPOINT is set, but the packages of requirements/tracing.txt are not installed")
        return
    global _collector
    _collector = Collector(conf.otlp_endpoint, authorization=conf.otlp_authorization)
    tracing.begin(_collector.tell, share=conf.trace_share)


def end_telling() -> None:
    """Send what waits, and tell nothing after that."""
    global _collector
    tracing.end()
    if _collector is not None:
        _collector.close()
    _collector = None


class Collector:
    """Sends spans to one collector; every process has its own."""

    def __init__(self, endpoint: str, *, authorization: str = "") -> None:
        """``endpoint`` is the whole address, with its path; ``authorization`` is the value of that header."""
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        headers: Mapping[str, str] = {"authorization": authorization} if authorization else {}
        self._processor = BatchSpanProcessor(OTLPSpanExporter(endpoint, headers=headers))
        self._resource = Resource.create({"service.name": "gaap"})

    def tell(self, spans: Sequence[FinishedSpan]) -> None:
        """Put spans among those that go with the next call."""
        for each in spans:
            self._processor.on_end(self._readable(each))

    def close(self) -> None:
        """Send what waits, and return when it is sent or cannot be."""
        self._processor.shutdown()  # type: ignore[no-untyped-call]

    def _readable(self, each: FinishedSpan) -> "ReadableSpan":
        from opentelemetry.sdk.trace import ReadableSpan
        from opentelemetry.trace import Link, SpanKind
        from opentelemetry.trace.status import Status, StatusCode

        return ReadableSpan(
            each.name,
            context=_context(each.trace_id, each.span_id),
            parent=_context(each.trace_id, each.parent_id) if each.parent_id else None,
            resource=self._resource,
            attributes={**each.attributes, **({"error.type": each.error} if each.error else {})},
            links=[Link(_context(*link)) for link in each.links],
            kind=SpanKind[each.kind.upper()],
            status=Status(StatusCode.ERROR if each.error else StatusCode.UNSET),
            start_time=each.began_ns,
            end_time=each.ended_ns,
        )


def _context(trace_id: int, span_id: int) -> "SpanContext":
    from opentelemetry.trace import SpanContext, TraceFlags

    return SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))


_collector: Collector | None = None
atexit.register(end_telling)
