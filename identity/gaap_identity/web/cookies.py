"""The citizen's cookie. Staff have another one (Django's), so neither can be signed out or in through the other."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from gaap.theme.host_cookies import PREFIX, cookie_name
from gaap_identity.services.sessions import OpenSession, open_session

COOKIE = "gaap_citizen"


def load_browser(request: HttpRequest) -> OpenSession:
    """Return the citizen's session of this browser, a fresh one when it has none."""
    return open_session(request.COOKIES.get(cookie_name(COOKIE), ""))


def save_browser(response: HttpResponseBase, browser: OpenSession) -> None:
    """Give the browser its token when the session is new."""
    if browser.new_token and browser.session.is_stored:
        set_token(response, browser.new_token)


def set_token(response: HttpResponseBase, token: str) -> None:
    """Give the browser ``token``, out of reach of scripts and of other sites' forms."""
    name = cookie_name(COOKIE)
    is_secure = bool(settings.SESSION_COOKIE_SECURE) or name.startswith(PREFIX)
    response.set_cookie(name, token, httponly=True, samesite="Lax", secure=is_secure, path="/")


def forget_browser(response: HttpResponseBase) -> None:
    """Take the token away."""
    response.delete_cookie(cookie_name(COOKIE), path="/", samesite="Lax")
