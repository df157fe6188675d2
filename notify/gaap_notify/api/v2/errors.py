"""Every error of this API in the contract's shapes (spec A.3), in one place."""

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from gaap.api.idempotency import IdempotencyKeyInvalidError, IdempotencyKeyReusedError
from gaap.api.limits import RateLimitedError
from gaap.databases import is_unavailable
from gaap_notify.errors import AuthError, BadRequestError, ContractError, RateLimitError, ValidationError

logger = logging.getLogger(__name__)

URL_NOT_FOUND = (
    "The requested URL was not found on the server. If you entered the URL manually please check your spelling and"
    " try again."
)
METHOD_NOT_ALLOWED = "The method is not allowed for the requested URL."


class RequestTooLargeError(BadRequestError):
    """The body is larger than the platform takes."""

    status_code = 413


class KeyReusedError(BadRequestError):
    """The Idempotency-Key was used for another request."""

    status_code = 409


_TRANSLATIONS: Mapping[type[Exception], type[ContractError]] = {
    RequestDataTooBig: RequestTooLargeError,
    IdempotencyKeyInvalidError: ValidationError,
    IdempotencyKeyReusedError: KeyReusedError,
}


def contract_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer any exception of a view; a database that cannot serve now is left to the site's handler."""
    set_rollback()
    if is_unavailable(error):
        return None
    if isinstance(error, ContractError):
        return _envelope(error)
    if isinstance(error, Http404 | exceptions.NotFound):
        return _plain(404, URL_NOT_FOUND)
    if isinstance(error, exceptions.MethodNotAllowed):
        return _plain(405, METHOD_NOT_ALLOWED)
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return _envelope(AuthError("Invalid token: the API key does not have the scope for this"))
    if isinstance(error, RateLimitedError):
        return _envelope(_rate_limited(error))
    if type(error) in _TRANSLATIONS:
        return _envelope(_TRANSLATIONS[type(error)](str(error)))
    logger.error("Unexpected error", exc_info=error)
    return _entries(500, [{"error": type(error).__name__, "message": "Internal server error"}])


def busy(text: str) -> dict[str, Any]:
    """Return the body of a 503 that is given before anything of this API is asked."""
    return {"status_code": 503, "errors": [{"error": "ServiceUnavailableError", "message": text}]}


def _rate_limited(error: RateLimitedError) -> RateLimitError:
    calls = round(error.policy.refill_per_second * 60)
    return RateLimitError(
        f"Exceeded rate limit for key type {error.key_type.upper()} of {calls} requests per 60 seconds"
    )


def _envelope(error: ContractError) -> Response:
    messages = dict.fromkeys(error.messages)
    entries = [{"error": error.wire_class, "message": message, **error.details} for message in messages]
    return _entries(error.status_code, entries)


def _entries(status: int, entries: list[dict[str, Any]]) -> Response:
    return Response({"status_code": status, "errors": entries}, status=status)


def _plain(status: int, message: str) -> Response:
    return Response({"result": "error", "message": message}, status=status)
