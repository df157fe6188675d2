"""The operators' admin site."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from gaap.operators.conf import conf
from gaap.operators.sign_in import sign_in


class OperatorSite(AdminSite):
    """Django's admin under the platform's name: with a dashboard, and behind a second factor."""

    site_header = _("Platform operations")
    site_title = _("Platform operations")
    index_title = _("What would you like to look after?")
    index_template = "gaap/operators/index.html"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Let operators in; where a second factor is needed, only those who used theirs."""
        if not super().has_permission(request):
            return False
        return not conf.needs_second_factor or sign_in().used_second_factor(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Let somebody in by the way that the deployment names."""
        return sign_in().login(request, self, extra_context)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what needs an operator, today's figures, and everything there is."""
        from gaap.operators.dashboard import dashboard

        return super().index(request, {"dashboard": dashboard(), **(extra_context or {})})

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the dashboard's button and the page that asks for the password again."""
        from gaap.operators import views

        own: list[URLPattern | URLResolver] = [
            path("prove", self.admin_view(views.prove), name="prove"),
            path("work/<str:label>/<str:key>/retry", self.admin_view(views.retry), name="retry"),
        ]
        return [*own, *super().get_urls()]
