"""A collector of traces on loopback: keeps every span that it is told, and the bytes in which it came."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.loopback import QuietHandler, serve


class LoopbackCollector:
    """What was told: ``bodies`` as it came, ``authorizations`` of the calls."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: list[bytes] = []
        self.authorizations: list[str] = []

    @property
    def traces(self) -> dict[str, list[Span]]:
        """The spans by their trace's id in hexadecimal digits, in the order in which they began."""
        found = defaultdict[str, list[Span]](list)
        for body in list(self.bodies):
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        found[span.trace_id.hex()].append(span)
        return {trace: sorted(spans, key=lambda span: span.start_time_unix_nano) for trace, spans in found.items()}


class _Handler(QuietHandler):
    collector: LoopbackCollector

    def do_POST(self) -> None:
        self.collector.bodies.append(self.read_body())
        self.collector.authorizations.append(self.headers.get("Authorization", ""))
        self.send(200)


@contextmanager
def collecting() -> Iterator[LoopbackCollector]:
    """Run a collector for the block."""
    collector = LoopbackCollector()
    with serve(_Handler, collector=collector) as url:
        collector.url = f"{url}/v1/traces"
        yield collector
