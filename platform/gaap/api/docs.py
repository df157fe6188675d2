"""The developers' documentation of every API, served by the running suite."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from gaap.events.asyncapi import asyncapi_yaml


@extend_schema(exclude=True)
class ApiDocsView(SpectacularSwaggerSplitView):
    """Swagger UI from our own files: no other host, no inline code."""

    template_name = "gaap/api/docs.html"
    url_name = "openapi"

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the page, on which alone the icons of Swagger UI (data: images) are allowed."""
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        response._csp_update = {"img-src": ["data:"]}  # type: ignore[attr-defined]
        return response


@require_safe
def asyncapi_document(request: HttpRequest) -> HttpResponse:
    """Serve the description of every event."""
    return HttpResponse(asyncapi_yaml(), content_type="application/yaml; charset=utf-8")
