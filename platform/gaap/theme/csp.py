"""Content security policy: what pages may load, and where a form may lead."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from csp.constants import HEADER, NONE, SELF
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

HOST_PATTERN = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")

#: Directives of django-csp for the whole site: no inline script or style, no other host, no framing. The admin works
#: under it.
BASE_POLICY: Mapping[str, list[str]] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF],
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
    "object-src": [NONE],
}

#: Where django-csp's decorators, its nonce and the functions below leave what one answer needs.
OWN = frozenset(
    {"_csp_nonce"} | {f"_csp_{what}{end}" for what in ("exempt", "config", "update", "replace") for end in ("", "_ro")}
)


class PolicyMiddleware(CSPMiddleware):
    """django-csp's own, which works the site's policy out once, and anew only for an answer with one of its own."""

    _site_policy: tuple[Any, str] = (None, "")

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the header, unless the answer has one already."""
        has_own = not (OWN.isdisjoint(vars(request)) and OWN.isdisjoint(vars(response)))
        if has_own or settings.DEBUG:
            answered: HttpResponseBase = super().process_response(request, response)
            return answered
        response.headers.setdefault(HEADER, self._policy_of_the_site())
        return response

    def _policy_of_the_site(self) -> str:
        directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        if self._site_policy[0] is not directives:
            self._site_policy = (directives, build_policy())
        return self._site_policy[1]


def allow_form_redirect(response: HttpResponseBase, url: str) -> None:
    """Let the forms of this page end at the origin of ``url``.

    Chromium holds ``form-action`` against every redirect that follows a form's submission, so a page whose form leads
    out of the site (back to the service that sent the citizen) must name that origin. May be called more than once.

    Args:
        response: the page that holds the form.
        url: absolute address that the redirect will have; of an app's own scheme (``app.example:/done``) the scheme.

    Raises:
        ValueError: ``url`` is relative or its host is not one.
    """
    allow(response, "form-action", form_source(url))


def allow(response: HttpResponseBase, directive: str, *sources: str) -> None:
    """Add source expressions to one directive of this page's policy; what is there already is not said twice.

    Args:
        response: the page.
        directive: such as ``frame-src``; a directive that ``BASE_POLICY`` lacks begins empty.
        sources: such as ``'self'`` (with its quotes) or ``https://bank.example``.
    """
    update: dict[str, list[str]] = getattr(response, "_csp_update", None) or {}
    merged = list(dict.fromkeys([*update.get(directive, []), *sources]))
    setattr(response, "_csp_update", {**update, directive: merged})  # noqa: B010  a name of django-csp's


def only(response: HttpResponseBase, directive: str, *sources: str) -> None:
    """Set one directive of this page's policy, whatever the site says of it; for arguments see ``allow``."""
    replaced: dict[str, list[str]] = getattr(response, "_csp_replace", None) or {}
    setattr(response, "_csp_replace", {**replaced, directive: list(sources)})  # noqa: B010  a name of django-csp's


def form_source(url: str) -> str:
    """Return the source expression for the origin of ``url``, without path, query or user name."""
    parts = urlsplit(url)
    if not parts.scheme:
        raise ValueError("the address must be absolute")
    if parts.scheme not in {"http", "https"}:
        return f"{parts.scheme}:"
    host = source_host(parts.hostname or "")
    return f"{parts.scheme}://{host}:{parts.port}" if parts.port else f"{parts.scheme}://{host}"


def source_host(hostname: str) -> str:
    """Return a host as a policy may name it; raises ValueError for anything that could add words to the policy."""
    host = f"[{hostname}]" if ":" in hostname else hostname.encode("idna").decode()
    if not HOST_PATTERN.fullmatch(host):
        raise ValueError("the address has no proper host")
    return host
