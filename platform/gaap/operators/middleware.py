"""Names the signed-in operator or team member as the one who acts."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from gaap.actors import Actor, acting

PREFIXES = ("/admin/", "/console")


class ActorMiddleware:
    """Within the admin and the console, what is done is done by the person who is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the person as the current actor; other pages do not touch the session."""
        if not request.path.startswith(PREFIXES) or not request.user.is_authenticated:
            return self.get_response(request)
        with acting(Actor.for_user(request.user)):
            return self.get_response(request)
