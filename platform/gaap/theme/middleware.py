"""The language of a page: asked for in the address, remembered in a cookie, or preferred by the browser."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from gaap.theme.host_cookies import PREFIX, cookie_name

LANGUAGE_COOKIE = "gaap_language"
LANGUAGE_QUERY = "lang"
ONE_YEAR_SECONDS = 365 * 24 * 60 * 60
#: The headers that say something of a language.
SAYING = frozenset({"HTTP_COOKIE", "HTTP_ACCEPT_LANGUAGE"})


class LanguageMiddleware:
    """Activate the citizen's language for one request.

    ``?lang=cy`` wins and is remembered for a year, whatever the method of the request; then the cookie; then the
    browser's ``Accept-Language``; then ``LANGUAGE_CODE``. Codes outside ``settings.LANGUAGES`` are passed over.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the chosen language; pages say so in their headers, what is not a page does not depend on it."""
        asked = offered_language(request.GET.get(LANGUAGE_QUERY)) if may_choose(request) else None
        language = asked or remembered_language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
            response.headers.setdefault("Content-Language", language)
        if asked:
            remember_language(response, asked, is_secure=request.is_secure())
        return response


def may_choose(request: HttpRequest) -> bool:
    """Tell whether the address may name a language; a program's call seldom does, and is not read for it."""
    return LANGUAGE_QUERY in request.META.get("QUERY_STRING", "")


def offered_language(code: str | None) -> str | None:
    """Return the code of ``settings.LANGUAGES`` that matches (``cy-GB`` matches ``cy``), or None."""
    try:
        return translation.get_supported_language_variant(code or "")
    except LookupError:
        return None


def remembered_language(request: HttpRequest) -> str:
    """Return the language of the cookie, else the best one for the browser, else the default."""
    if not SAYING.intersection(request.META):
        return translation.get_supported_language_variant(settings.LANGUAGE_CODE)
    cookie = offered_language(request.COOKIES.get(cookie_name(LANGUAGE_COOKIE)))
    return cookie or translation.get_language_from_request(request)


def remember_language(response: HttpResponse, language: str, *, is_secure: bool) -> None:
    """Keep the choice for a year, out of reach of scripts."""
    name = cookie_name(LANGUAGE_COOKIE)
    is_secure = is_secure or name.startswith(PREFIX)
    response.set_cookie(name, language, max_age=ONE_YEAR_SECONDS, httponly=True, samesite="Lax", secure=is_secure)
