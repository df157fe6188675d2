"""Pages about one person, which the person has by a link alone."""

from typing import TypeVar

from django.http import HttpResponseBase

Response = TypeVar("Response", bound=HttpResponseBase)

_HEADERS = {
    "Cache-Control": "no-store",
    # Other sites are told nothing; our own form needs its origin to be known as ours.
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


def keep_private(response: Response) -> Response:
    """Return the answer, to be kept by no cache, found by no search, and its address told to no other site."""
    for name, value in _HEADERS.items():
        response.headers[name] = value
    return response
