"""Every refusal is noted, whichever component made it."""

from collections.abc import Callable
from http import HTTPStatus

from django.contrib.auth.models import User
from django.db import DatabaseError, models
from django.http import HttpRequest, HttpResponse

from gaap.actors import Actor
from gaap.keys.authentication import ApiCaller
from gaap.observing.requests import method_of, route_of
from gaap.operators.middleware import PREFIXES
from gaap.security.refusals import Place, note_refusal

REFUSALS = {
    HTTPStatus.UNAUTHORIZED: "access_refused",
    HTTPStatus.FORBIDDEN: "access_refused",
    HTTPStatus.TOO_MANY_REQUESTS: "limit_reached",
}


class SecurityEventsMiddleware:
    """Notes who was refused what, by route and status. It belongs right after the one that names the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the rest of the chain."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and note a refusal; a view that knows better names it in ``response.security_event``."""
        response = self._get_response(request)
        event = getattr(response, "security_event", "") or _event(request, response)
        if event:
            by, target = _who(request)
            note_refusal(event, place=_place(request, response), by=by, target=target)
        return response


def _event(request: HttpRequest, response: HttpResponse) -> str:
    if response.status_code in REFUSALS:
        return REFUSALS[HTTPStatus(response.status_code)]
    is_unknown = response.status_code == HTTPStatus.NOT_FOUND and _caller(request) is not None
    return "object_unknown" if is_unknown and request.resolver_match and request.resolver_match.kwargs else ""


def _place(request: HttpRequest, response: HttpResponse) -> Place:
    return Place(method_of(request), route_of(request), response.status_code)


def _who(request: HttpRequest) -> tuple[Actor | None, models.Model | None]:
    """Return the actor and their row: a service's key, or a signed-in person on staff's pages."""
    if caller := _caller(request):
        return caller.actor, caller.api_key
    if not request.path.startswith(PREFIXES):
        return None, None
    try:
        user = getattr(request, "user", None)
        person = user if isinstance(user, User) else None
    except DatabaseError:
        return None, None
    return (Actor.for_user(person), person) if person else (None, None)


def _caller(request: HttpRequest) -> ApiCaller | None:
    """Return the service that called; whoever else it is stays unasked, for that would read the session."""
    user: object = getattr(request, "user", None)
    return user if type(user) is ApiCaller else None
