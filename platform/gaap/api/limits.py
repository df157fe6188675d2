"""Rate limits on API views: per service and type of key, with the quota on every answer to a known caller."""

from http import HTTPStatus
from typing import Any, ClassVar

from rest_framework.exceptions import Throttled
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from gaap.api.idempotency import HEADER
from gaap.keys.authentication import ApiCaller
from gaap.limits.bucket import Policy, Quota
from gaap.limits.services import policy_for
from gaap.limits.stores import store


class RateLimitedError(Throttled):
    """The service made more calls than it may. Each contract's error handler gives it its own shape.

    ``policy`` is the limit, ``key_type`` the type of the caller's key (``live``, ``team`` or ``test``).
    """

    status_code = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, quota: Quota, *, key_type: str) -> None:
        super().__init__(wait=quota.retry_after)
        self.policy: Policy = quota.policy
        self.key_type = key_type


class LimitedMixin:
    """Holds a view's callers to the limits that it names, before it asks what their keys allow.

    ``read_limit`` counts GET, HEAD and OPTIONS, ``write_limit`` everything else. A request that repeats another one
    under its Idempotency-Key is answered from the store, so it counts as a read.
    """

    read_limit: ClassVar[str]
    write_limit: ClassVar[str]

    def perform_authentication(self, request: Request) -> None:
        """Find the caller and count the call; raises RateLimitedError when it is one too many."""
        super().perform_authentication(request)  # type: ignore[misc]
        caller: object = request.user
        if isinstance(caller, ApiCaller):
            self._count(request, caller)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Return the answer, whatever it is, with the quota of the call."""
        answer: Response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        quota: Quota | None = getattr(request, "quota", None)
        for name, value in quota.headers().items() if quota else ():
            answer[name] = value
        return answer

    def _count(self, request: Request, caller: ApiCaller) -> None:
        repeats = _repeat_name(request, caller)
        is_read = request.method in SAFE_METHODS or (repeats is not None and not store().remember(repeats))
        policy = policy_for(caller.service, self.read_limit if is_read else self.write_limit)
        quota = store().take(f"{policy.name}:{caller.service.pk}:{caller.api_key.type}", policy)
        request.quota = quota  # type: ignore[attr-defined]
        if quota.is_allowed:
            return
        if repeats is not None and not is_read:
            store().forget(repeats)
        raise RateLimitedError(quota, key_type=caller.api_key.type)


def _repeat_name(request: Request, caller: ApiCaller) -> str | None:
    """Return what all repeats of the request share, or None when it does not say what it repeats."""
    key = request.headers.get(HEADER)
    return None if key is None else f"{caller.service.pk}:{caller.api_key.type}:{request.path}:{key}"
