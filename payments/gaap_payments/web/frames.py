"""Pages that stand in a frame of ours, and pages that hold one of a bank's."""

from django.http import HttpResponseBase

from gaap.theme.csp import allow, form_source, only


def framed(response: HttpResponseBase) -> HttpResponseBase:
    """Let our own pages, and no others, show this one in a frame."""
    only(response, "frame-ancestors", "'self'")
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def allow_frame(response: HttpResponseBase, url: str) -> None:
    """Let the page hold a frame that begins on our own site and goes on to the origin of ``url``."""
    allow(response, "frame-src", "'self'", form_source(url))
