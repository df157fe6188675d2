"""The cookies that citizens' pages set, for the page that names them."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gaap.components import Cookie, components
from gaap.theme.host_cookies import cookie_name
from gaap.theme.middleware import LANGUAGE_COOKIE, ONE_YEAR_SECONDS

ONE_HOUR_SECONDS = 60 * 60
ONE_DAY_SECONDS = 24 * ONE_HOUR_SECONDS


@dataclass(frozen=True)
class CookieRow:
    """One cookie as the page shows it: its name, why it is needed, and how long the browser keeps it."""

    name: str
    purpose: str
    kept: str


def known_cookies() -> list[CookieRow]:
    """Return every cookie of the site, under the names and with the times that this deployment gives them."""
    handed_in = (cookie for component in components() for cookie in component.cookies)
    named = [(cookie_name(cookie.name), cookie) for cookie in (_language(), *handed_in)]
    named[1:1] = [(cookie.name, cookie) for cookie in _django_s()]
    return [CookieRow(name, str(cookie.purpose), kept_for(cookie.seconds)) for name, cookie in named]


def _language() -> Cookie:
    return Cookie(LANGUAGE_COOKIE, _("Remembers the language you chose"), ONE_YEAR_SECONDS)


def _django_s() -> tuple[Cookie, ...]:
    session_seconds = None if settings.SESSION_EXPIRE_AT_BROWSER_CLOSE else settings.SESSION_COOKIE_AGE
    return (
        Cookie(
            settings.CSRF_COOKIE_NAME,
            _("Makes sure that a form you send came from our own page"),
            settings.CSRF_COOKIE_AGE,
        ),
        Cookie(settings.SESSION_COOKIE_NAME, _("Keeps you signed in and remembers where you are"), session_seconds),
    )


def kept_for(seconds: int | None) -> str:
    """Say in words how long a cookie of so many seconds is kept; None is one that goes with the browser's window."""
    if seconds is None:
        return _("Until you close the browser")
    if seconds < ONE_DAY_SECONDS:
        hours = max(1, round(seconds / ONE_HOUR_SECONDS))
        return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}
    days = round(seconds / ONE_DAY_SECONDS)
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
