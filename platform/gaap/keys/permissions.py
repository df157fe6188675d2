"""What a caller's key allows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from gaap.keys.authentication import ApiCaller

if TYPE_CHECKING:
    # REST framework imports its default permissions while its views module is only half there.
    from rest_framework.views import APIView


class HasScope(BasePermission):
    """Lets a key through that holds the view's ``required_scope``: one scope, or a mapping from method to scope."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Tell whether the caller's key holds the scope that this method needs."""
        caller: object = request.user
        if not isinstance(caller, ApiCaller):
            return False
        method = str(request.method)
        # A method that the view does not have is answered with 405 after this.
        return not hasattr(view, method.lower()) or caller.api_key.allows(required_scope(view, method))


def required_scope(view: Any, method: str) -> str:
    """Return the scope that ``method`` of ``view`` needs; HEAD and OPTIONS need what GET does.

    Raises KeyError when the view names none, so that a forgotten scope is a failure and never an open door.
    """
    needed: str | Mapping[str, str] = view.required_scope
    if isinstance(needed, str):
        return needed
    return needed["GET" if method in ("HEAD", "OPTIONS") else method]
