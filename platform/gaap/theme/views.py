"""The pages that every deployment has: front page, accessibility statement, cookies; and the brand's style sheet."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gaap.components import HomeLink, components
from gaap.conf import conf
from gaap.theme.brand import current_brand
from gaap.theme.cookies import known_cookies

ONE_DAY_SECONDS = 24 * 60 * 60


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show where to look in this instance: what each installed component offers."""
    return render(request, "gaap/home.html", {"links": home_links()})


def home_links() -> list[HomeLink]:
    """Return what the installed components want shown, without what is for embedded instances only elsewhere."""
    links = [link for component in components() for link in component.home_links]
    return [link for link in links if conf.is_embedded or not link.embedded_only]


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """State how accessible the pages are, and how that is checked."""
    return render(request, "gaap/accessibility.html")


@require_safe
def cookies(request: HttpRequest) -> HttpResponse:
    """Name every cookie that the citizens' pages set."""
    return render(request, "gaap/cookies.html", {"cookies": known_cookies()})


@require_safe
def brand_style_sheet(request: HttpRequest) -> HttpResponse:
    """Serve the brand's colours as custom properties; pages link to it with a version, so browsers may keep it."""
    response = HttpResponse(current_brand().css, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={ONE_DAY_SECONDS}"
    return response
