"""The deliberate 503: in the shape of the contract that was called, or as a page in the person's language.

It is made in advance and kept, so that saying no costs next to nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.utils import translation
from django.utils.module_loading import import_string

from gaap.api.errors import PROBLEM_TYPE, problem
from gaap.components import components
from gaap.theme.errors import error_page
from gaap.theme.middleware import remembered_language

BUSY = HTTPStatus.SERVICE_UNAVAILABLE
#: What Django's middleware would have added.
HEADERS = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'"),
    ("Referrer-Policy", "same-origin"),
    ("Vary", "Accept-Language, Cookie"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
)

Answer = tuple[str, list[tuple[str, str]], bytes]


@dataclass(frozen=True)
class Cause:
    """Why nothing can be done now: for programs in a sentence, for people as a page."""

    text: str
    template: str


CROWD = Cause("The platform is busy. Try again after the time in Retry-After.", "gaap/errors/503.html")
DATABASE = Cause(
    "The platform cannot do this at the moment. Try again after the time in Retry-After.",
    "gaap/errors/unavailable.html",
)


def refusal(environ: Mapping[str, Any], *, lane: str, retry_after: int, cause: Cause = CROWD) -> Answer:
    """Return status line, headers and body of a refusal; ``retry_after`` is in seconds."""
    path = str(environ.get("PATH_INFO", ""))
    body, kind = _document(path, cause) if lane == "api" else _page(dict(environ), cause)
    headers = [
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        ("Retry-After", str(retry_after)),
        *HEADERS,
    ]
    return f"{BUSY.value} {BUSY.phrase}", headers, body


@lru_cache(maxsize=64)
def _shape(prefix: str) -> str:
    shapes = {known: path for component in components() for known, path in component.busy_answers.items()}
    return next((path for known, path in shapes.items() if prefix.startswith(known)), "")


def _document(path: str, cause: Cause) -> tuple[bytes, str]:
    found = _shape("/".join(path.split("/")[:3]))
    document = import_string(found)(cause.text) if found else problem(BUSY, detail=cause.text)
    return json.dumps(document).encode(), "application/json" if found else PROBLEM_TYPE


def _page(environ: dict[str, Any], cause: Cause) -> tuple[bytes, str]:
    request = WSGIRequest(environ)
    wants = request.get_preferred_type(["text/html", "application/json"])
    if wants == "application/json":
        return json.dumps(problem(BUSY, detail=cause.text)).encode(), PROBLEM_TYPE
    return _rendered(remembered_language(request), cause.template), "text/html; charset=utf-8"


@lru_cache(maxsize=16)
def _rendered(language: str, template: str) -> bytes:
    request = HttpRequest()
    request.META["HTTP_ACCEPT"] = "text/html"
    with translation.override(language):
        return bytes(error_page(request, BUSY, template=template).content)
