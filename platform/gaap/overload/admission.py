"""Admission of requests in a web process, around Django's own application."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import Counter, Histogram

from gaap.conf import conf
from gaap.observing.registry import REGISTRY
from gaap.overload.gate import Gate, TurnedAwayError
from gaap.overload.lanes import Lane, Limits, lane_of
from gaap.overload.refusing import refusal

REFUSED = Counter(
    "gaap_requests_refused", "Requests turned away, by lane and reason.", ["lane", "reason"], registry=REGISTRY
)
LANES = ("sign_in", "pages", "api", "staff", "probe", "feed")
for _lane in LANES:
    for _reason in ("full", "late", "database"):
        # Told as 0 from the beginning, so that an alert sees the first one.
        REFUSED.labels(_lane, _reason)
WAITED = Histogram(
    "gaap_admission_wait_seconds",
    "How long requests waited for their turn in a web process, by lane.",
    ["lane"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
    registry=REGISTRY,
)

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
#: Probes must be answered whatever else goes on; they are few.
PROBE = Lane("probe", 1, 32, 5.0)


def guarded(application: Application) -> Application:
    """Return ``application`` behind a gate as the settings want it, or itself where they want none."""
    if not conf.requests_at_once:
        return application
    limits = Limits(conf.requests_at_once, conf.requests_waiting, conf.request_patience)
    return Admission(application, limits, feed_waiters=conf.event_waiters)


class Admission:
    """A WSGI application that lets another one do so much at once, and turns the rest away with Retry-After."""

    def __init__(self, application: Application, limits: Limits, *, feed_waiters: int) -> None:
        """Guard ``application``; ``feed_waiters`` readers of the event feed are let wait apart from the others."""
        feed = Lane("feed", feed_waiters + 1, 4 * (feed_waiters + 1), limits.patience)
        self._application = application
        self._retry_after = max(1, round(limits.patience * 2))
        self._lanes = {lane.name: lane for lane in (*limits.lanes, PROBE, feed)}
        common = Gate(limits.lanes, at_once=limits.at_once, ordinary=limits.ordinary)
        self._gates: Mapping[str, Gate] = {
            **{lane.name: common for lane in limits.lanes},
            "probe": Gate([PROBE], at_once=PROBE.running, ordinary=PROBE.running),
            "feed": Gate([feed], at_once=feed.running, ordinary=feed.running),
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer the request, or say that there is no room for it now."""
        name = lane_of(str(environ.get("PATH_INFO", "")), str(environ.get("QUERY_STRING", "")))
        try:
            answer, waited = self._gates[name].do(self._lanes[name], lambda: self._application(environ, start_response))
        except TurnedAwayError as error:
            REFUSED.labels(name, error.reason).inc()
            status, headers, body = refusal(environ, lane=name, retry_after=self._retry_after)
            start_response(status, headers)
            return [body]
        WAITED.labels(name).observe(waited)
        found: Iterable[bytes] = answer
        return found
