"""Headers that every answer has unless its view says otherwise."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class KeptNowhereMiddleware:
    """Tell browsers and caches to keep no answer that does not say how long it may be kept.

    Almost every answer is for one person or one service. What may be kept (key sets, descriptions of APIs) says so
    itself; static files never come here, they are answered further out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with ``Cache-Control: no-store`` where the view said nothing."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
