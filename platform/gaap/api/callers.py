"""Who calls a view of the suite's own API, and which object the path names."""

import uuid
from typing import Any, cast

from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from gaap.actors import Actor
from gaap.keys.authentication import ApiCaller
from gaap.organisations.models import Service


def calling_service(request: Request) -> Service:
    """Return the service whose key opened the view."""
    return _caller(request).service


def calling_actor(request: Request) -> Actor:
    """Return the key as the one who acts."""
    return _caller(request).actor


def path_uuid(text: str) -> uuid.UUID:
    """Return the id in a path; raises NotFound when it is not written as we write ids."""
    try:
        value = uuid.UUID(text)
    except ValueError as error:
        raise NotFound from error
    if str(value) != text.lower():
        raise NotFound
    return value


def _caller(request: Request) -> ApiCaller:
    caller: Any = request.user
    return cast(ApiCaller, caller)
