"""``Idempotency-Key`` on POST: the same request under the same key gets the same answer for 24 hours."""

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from gaap.idempotency.services import KEY_LENGTH, Ask, KeptAnswer, KeyReusedError, answer_once, fingerprint
from gaap.keys.models import ApiKey

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_ALLOWED = re.compile(r"[A-Za-z0-9-]+")

Handler = TypeVar("Handler", bound=Callable[..., Response])


class IdempotencyKeyInvalidError(APIException):
    """The header's value is none that the contract allows. Each contract's error handler gives it its own shape."""

    status_code = 422
    default_code = "idempotency_key_invalid"


class IdempotencyKeyReusedError(APIException):
    """The key was used for another request. Each contract's error handler gives it its own shape."""

    status_code = 409
    default_code = "idempotency_key_reused"
    default_detail = "The Idempotency-Key was already used for another request."


def idempotent(handler: Handler) -> Handler:
    """Decorate a view's ``post`` whose work is done in the database alone.

    With the header, the handler runs in one transaction with the storing of its answer; a repeat is answered from the
    store and says so in ``Idempotency-Replayed``. Errors are not stored: the next try is a first one. Without the
    header nothing changes. Raises IdempotencyKeyInvalidError and IdempotencyKeyReusedError.
    """

    @wraps(handler)
    def post(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return handler(view, request, *args, **kwargs)
        ask = Ask(
            cast(ApiKey, request.auth), checked_key(key), fingerprint(str(request.method), request.path, request.data)
        )
        try:
            answer = answer_once(ask, lambda: _kept(handler(view, request, *args, **kwargs)))
        except KeyReusedError:
            raise IdempotencyKeyReusedError from None
        headers = {**answer.headers, **({REPLAYED: "true"} if answer.is_replay else {})}
        return Response(answer.body, status=answer.status, headers=headers)

    post.is_idempotent = True  # type: ignore[attr-defined]
    return cast(Handler, post)


def checked_key(key: str) -> str:
    """Return ``key`` if it has 1 to 255 letters, digits and hyphens (Pay contract, A.5).

    Raises IdempotencyKeyInvalidError.
    """
    if not 1 <= len(key) <= KEY_LENGTH:
        raise IdempotencyKeyInvalidError(f"Header [{HEADER}] can have a size between 1 and {KEY_LENGTH}")
    if not _ALLOWED.fullmatch(key):
        raise IdempotencyKeyInvalidError(f"Header [{HEADER}] can only contain alphanumeric characters and hyphens")
    return key


def _kept(response: Response) -> KeptAnswer:
    body = None if response.data is None else json.loads(JSONRenderer().render(response.data))
    return KeptAnswer(response.status_code, body, dict(response.headers))
