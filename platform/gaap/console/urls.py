"""Everything below ``/console/``."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from gaap.components import components
from gaap.console import account_urls, service_urls
from gaap.console.views import home, invitations, services

component_pages: list[URLPattern | URLResolver] = [
    path("", include(module)) for component in components() for module in component.console_urls
]

home_pages: list[URLPattern | URLResolver] = [
    path("", include(module)) for component in components() for module in component.console_home_urls
]

urlpatterns = [
    path("console", RedirectView.as_view(pattern_name="gaap-console"), name="gaap-console-short"),
    path("console/", home.show, name="gaap-console"),
    path("console/", include(account_urls)),
    path("console/invitations/<str:token>", invitations.follow, name="gaap-console-invitation"),
    path("console/services/new", services.create, name="gaap-console-new-service"),
    path("console/services/<uuid:service_id>", services.show, name="gaap-console-service"),
    path("console/services/<uuid:service_id>/", include(service_urls)),
    path("console/services/<uuid:service_id>/", include(component_pages)),
    path("console/", include(home_pages)),
]
