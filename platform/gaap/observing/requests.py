"""Every request under an id, counted and timed by route."""

from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse

from gaap.observing.metrics import REQUEST_SECONDS
from gaap.observing.request_ids import HEADER, named_request, usable_request_id
from gaap.observing.tracing import Span, is_on, span

GetResponse = Callable[[HttpRequest], HttpResponse]
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "(none)"
#: Asked every few seconds by machines; nobody looks for them in traces.
NOT_TRACED = ("/health/", "/metrics")


class RequestMiddleware:
    """Stands outermost, so that what the others take is counted too and their lines carry the id."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, its id in the ``X-Request-Id`` header."""
        name = usable_request_id(request.headers.get(HEADER, ""))
        began = perf_counter()
        with named_request(name), span("request", kind="server") as traced:
            response = self._get_response(request)
            if is_on():
                _describe(traced, request, response)
        REQUEST_SECONDS.labels(method_of(request), route_of(request), str(response.status_code)).observe(
            perf_counter() - began
        )
        response[HEADER] = name
        return response


def method_of(request: HttpRequest) -> str:
    """Return the method, or ``other`` for one that nobody defined: anybody may write anything there."""
    return request.method if request.method and request.method in METHODS else "other"


def route_of(request: HttpRequest) -> str:
    """Return the route's pattern: there are as many as the URL map has, however many paths are tried."""
    match = request.resolver_match
    return f"/{match.route}" if match else NO_ROUTE


def _describe(traced: Span, request: HttpRequest, response: HttpResponse) -> None:
    """Say in the span what was asked and how it ended, by the route and the status alone."""
    method, route = method_of(request), route_of(request)
    traced.name = f"{method} {route}"
    traced.is_left_out = route.startswith(NOT_TRACED)
    traced.attributes |= {
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": response.status_code,
    }
    if response.status_code >= 500:
        traced.error = str(response.status_code)
