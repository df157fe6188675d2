"""What all views of this API share: authentication, error shapes, headers."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, cast

from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gaap.api.limits import LimitedMixin
from gaap.keys.authentication import ApiCaller
from gaap.keys.permissions import HasScope
from gaap_notify.api.v2.authentication import ServiceTokenAuthentication
from gaap_notify.api.v2.errors import contract_handler
from gaap_notify.api.v2.validation import JsonBodyParser

#: On every answer, errors too (spec A.3).
HEADERS: Mapping[str, str] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Content-Type,Authorization",
    "Access-Control-Allow-Methods": "GET,PUT,POST,DELETE",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "Cache-Control": "no-store, no-cache, private, must-revalidate",
}


class AlwaysJson(BaseContentNegotiation):
    """Reads and answers in JSON whatever the caller says that it sends and accepts."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        """Return the JSON parser."""
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the JSON renderer."""
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


class ContractView(LimitedMixin, APIView):
    """Base of the views; each names its ``required_scope``."""

    authentication_classes = [ServiceTokenAuthentication]
    permission_classes = [HasScope]
    parser_classes = [JsonBodyParser]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = AlwaysJson
    required_scope: ClassVar[str | Mapping[str, str]]
    read_limit = "notify-read"
    write_limit = "notify-send"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a method that the view does not know before asking who calls; let a browser's question pass."""
        if request.method == "OPTIONS":
            return
        if not hasattr(self, str(request.method).lower()):
            raise exceptions.MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)

    def get_exception_handler(self) -> Any:
        """Return the handler that answers in the contract's shapes."""
        return contract_handler

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add the headers that every answer has."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        for name, value in HEADERS.items():
            answer.headers[name] = value
        return answer

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Answer a browser's question before its request; it carries no key."""
        return Response(status=204)


def caller_of(request: Request) -> ApiCaller:
    """Return the service and key behind an authenticated request."""
    return cast(ApiCaller, request.user)


@extend_schema(exclude=True)
class UnknownUrlView(ContractView):
    """Answers every other address below ``/v2/``."""

    authentication_classes = []
    permission_classes = [AllowAny]
    required_scope = "notify:read"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say that there is nothing here, whatever the method."""
        raise exceptions.NotFound
