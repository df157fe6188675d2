"""Error pages of the site: name these functions as ``handler400`` and so on in the root urlconf.

None of them touches session or database, so that they work when those do not. A program that does not ask for HTML gets
a problem document (RFC 9457) instead.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from gaap.theme.context import theme

PROBLEM = "application/problem+json"


def error_page(request: HttpRequest, status: HTTPStatus, *, template: str = "") -> HttpResponse:
    """Return the error page of a status, in the citizen's language, or a problem document for programs."""
    if request.get_preferred_type([PROBLEM, "text/html"]) != "text/html":
        problem = {"type": "about:blank", "title": status.phrase, "status": status.value}
        return JsonResponse(problem, status=status, content_type=PROBLEM)
    context: Mapping[str, Any] = {**theme(request), "status": status.value}
    return HttpResponse(render_to_string(template or f"gaap/errors/{status.value}.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """``handler400``: the request could not be understood."""
    return error_page(request, HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """``handler403``: the person may not do this."""
    return error_page(request, HTTPStatus.FORBIDDEN)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """``handler404``: there is no such page."""
    return error_page(request, HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """``handler500``: something broke on our side."""
    return error_page(request, HTTPStatus.INTERNAL_SERVER_ERROR)


class ErrorPageMiddleware:
    """Give the bare "method not allowed" of a page a face; Django has no handler for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Replace an empty answer 405, keeping what it allows; answers with content are left alone."""
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or response.streaming or response.content:
            return response
        page = error_page(request, HTTPStatus.METHOD_NOT_ALLOWED)
        page["Allow"] = response["Allow"]
        return page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """``CSRF_FAILURE_VIEW``: the form came without its cookie, most often because the page stood open for long."""
    response = error_page(request, HTTPStatus.FORBIDDEN, template="gaap/errors/form_expired.html")
    response.security_event = "form_refused"  # type: ignore[attr-defined]
    return response
