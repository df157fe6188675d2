"""Errors of the suite's own API: problem details (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

PROBLEM_TYPE = "application/problem+json"


def problem(status: int, *, detail: str, **extra: Any) -> dict[str, Any]:
    """Return a problem document; ``extra`` adds members of this problem's own."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **extra}


def problem_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer an exception of a view with a problem document; None leaves it to Django (a 500)."""
    known = as_api_exception(error)
    if known is None:
        return None
    set_rollback()
    detail = known.detail
    document = (
        problem(known.status_code, detail="The request is not valid.", errors=detail)
        if isinstance(known, exceptions.ValidationError)
        else problem(known.status_code, detail=str(detail))
    )
    return Response(document, status=known.status_code, content_type=PROBLEM_TYPE, headers=error_headers(known))


def as_api_exception(error: Exception) -> exceptions.APIException | None:
    """Return ``error`` as one of REST framework's exceptions, or None when it is none of ours to answer."""
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    return error if isinstance(error, exceptions.APIException) else None


def error_headers(error: exceptions.APIException) -> dict[str, str]:
    """Return the headers that belong to ``error``: the challenge of a 401, the wait of a 429."""
    headers: dict[str, str] = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


class ConflictError(exceptions.APIException):
    """The object's present state does not allow what was asked."""

    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"
