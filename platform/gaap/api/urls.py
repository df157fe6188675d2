"""What the kernel serves beside the components: health, numbers, and the description of every API."""

from django.urls import path
from django.views.generic.base import RedirectView
from drf_spectacular.views import SpectacularAPIView

from gaap.api import health
from gaap.api.docs import ApiDocsView, asyncapi_document
from gaap.observing.views import metrics
from gaap.status.views import status

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("status", status, name="gaap-status"),
    path("metrics", metrics, name="metrics"),
    path("docs", RedirectView.as_view(url="/docs/")),
    path("docs/", ApiDocsView.as_view(), name="docs"),
    path("docs/asyncapi.yaml", asyncapi_document, name="asyncapi"),
    path("docs/openapi.yaml", SpectacularAPIView.as_view(), name="openapi"),
]
