"""Every error of the payments API, in the contract's one shape (A.5), and the few that have another one (A.2)."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.signals import got_request_exception
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from gaap.api.errors import as_api_exception, error_headers
from gaap.api.idempotency import HEADER, IdempotencyKeyInvalidError, IdempotencyKeyReusedError
from gaap.databases import is_unavailable
from gaap_payments.conf import conf

logger = logging.getLogger(__name__)


class ApiError(Exception):
    """An answer of the contract's error shape; ``field`` or ``header`` names what is wrong, when something is."""

    def __init__(self, status: int, code: str, description: str, *, field: str = "", header: str = "") -> None:
        super().__init__(f"{code} {field or header}".strip())
        self.status, self.code = status, code
        named = {"field": field, "header": header, "code": code, "description": description}
        self.body = {key: value for key, value in named.items() if value}


def missing(name: str) -> ApiError:
    """A mandatory attribute is not there."""
    return ApiError(400, "P0101", f"Missing mandatory attribute: {name}", field=name)


def wrong_type(name: str, reason: str) -> ApiError:
    """The attribute's JSON type, or a character in it, is not allowed."""
    return ApiError(400, "P0102", f"Invalid attribute value: {name}. {reason}", field=name)


def invalid(name: str, reason: str, *, code: str = "P0102") -> ApiError:
    """The attribute's value is out of its range."""
    return ApiError(422, code, f"Invalid attribute value: {name}. {reason}", field=name)


def agreement_unknown() -> ApiError:
    """The agreement that a payment should set up does not exist."""
    description = "Invalid attribute value: set_up_agreement. Agreement ID does not exist"
    return ApiError(400, "P0103", description, field="set_up_agreement")


def account_error() -> ApiError:
    """The account's provider cannot be used at all."""
    return ApiError(500, "P0199", f"There is an error with this account. {conf.support_text}")


def unexpected(name: str) -> ApiError:
    """The attribute may not stand in this kind of request."""
    return ApiError(400, "P0104", f"Unexpected attribute: {name}", field=name)


def holds_card_number(name: str) -> ApiError:
    """A card number was typed into free text."""
    return ApiError(400, "P0105", f"Card number entered in {name}", field=name)


def unreadable() -> ApiError:
    """The body is not a JSON object."""
    return ApiError(400, "P0197", "Unable to parse JSON")


def not_found(code: str) -> ApiError:
    """The service has no such payment; each endpoint has its own ``code``."""
    return ApiError(404, code, "Not found")


def idempotency_key_used() -> ApiError:
    """The key came with another request before."""
    description = f"The `{HEADER}` you sent in the request header has already been used to create a payment."
    return ApiError(409, "P0191", description)


def insecure_return_url() -> ApiError:
    """A live payment must return to https."""
    reason = "Must begin with https:// for a live gateway account"
    return ApiError(422, "P0920", f"Invalid attribute value: return_url. {reason}", field="return_url")


def moto_api_not_allowed() -> ApiError:
    """The account takes no card details by API."""
    description = "Using authorisation_mode of moto_api is not allowed for this account"
    return ApiError(422, "P0195", description, field="authorisation_mode")


def moto_not_enabled() -> ApiError:
    """The account takes no mail or telephone orders."""
    return ApiError(422, "P0196", f"MOTO payments are not enabled for this account. {conf.support_text}", field="moto")


def recurring_not_enabled() -> ApiError:
    """The service takes no recurring payments."""
    description = f"Recurring card payments are currently disabled for this service. {conf.support_text}"
    return ApiError(422, "P0942", description)


def request_denied() -> ApiError:
    """A firewall before the platform holds the request for an attack (contract A.1)."""
    description = "Request blocked by security rules. Please consult API documentation for more information."
    return ApiError(400, "P0920", description)


def too_many_requests() -> ApiError:
    """The service makes more calls than it may."""
    return ApiError(429, "P0900", "Too many requests")


def busy(text: str) -> dict[str, str]:
    """Return the body of a 503 that is given before anything of this API is asked (contract A.5, P0999)."""
    return {"code": "P0999", "description": text}


def account_not_configured() -> ApiError:
    """The service has no gateway account for this kind of key."""
    return ApiError(403, "P0940", f"Account is not fully configured. {conf.support_text}")


def account_disabled() -> ApiError:
    """The gateway account takes no new payments."""
    description = f"{conf.platform_name} has disabled payment and refund creation on this account. {conf.support_text}"
    return ApiError(403, "P0941", description)


def access_not_enabled() -> ApiError:
    """The key does not hold the scope that this needs."""
    description = f"Access to this resource is not enabled for this account. {conf.support_text}"
    return ApiError(403, "P0930", description)


def contract_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer an exception of a view as the contract does; None leaves it to Django."""
    answer = error if isinstance(error, ApiError) else _translate(error)
    if answer is None:
        return _bare(error) or _fault(error, context)
    set_rollback()
    codes = getattr(context.get("view"), "codes", {})
    return Response({**answer.body, "code": codes.get(answer.code, answer.code)}, status=answer.status)


def _translate(error: Exception) -> ApiError | None:
    if isinstance(error, exceptions.ParseError):
        return unreadable()
    if isinstance(error, exceptions.PermissionDenied):
        return access_not_enabled()
    if isinstance(error, exceptions.Throttled):
        return too_many_requests()
    if isinstance(error, IdempotencyKeyInvalidError):
        return ApiError(422, "P0102", str(error.detail), header=HEADER)
    if isinstance(error, IdempotencyKeyReusedError):
        return idempotency_key_used()
    return None


def _fault(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer what nobody foresaw in the contract's shape too, and report it as every such fault is reported."""
    code = getattr(context.get("view"), "fault_code", "")
    if not code or is_unavailable(error):
        return None
    request = context["request"]
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    got_request_exception.send(sender=None, request=request._request)
    set_rollback()
    answer = ApiError(500, code, "Downstream system error")
    return Response(answer.body, status=answer.status)


def _bare(error: Exception) -> Response | None:
    """Answer what never reaches the contract's own code: no key, no such method, no such media type."""
    known = as_api_exception(error)
    if known is None:
        return None
    set_rollback()
    status = known.status_code
    body = {"code": status, "message": f"HTTP {status} {HTTPStatus(status).phrase}"}
    return Response(body, status=status, headers=error_headers(known))
